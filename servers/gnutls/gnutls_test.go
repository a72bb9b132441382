package gnutls

import (
	"testing"

	"trustrig/servers/stack"
)

func TestRead(t *testing.T) {
	for line, want := range map[string]stack.Event{
		"trustrig-said a-b Echo Server listening on IPv4 0.0.0.0 port 20000...done":               {Site: "a-b", Up: true},
		"trustrig-said a-b received cmd: 00ff":                                                    {Site: "a-b", Received: "00ff", Reply: "00ff"},
		"trustrig-said a-b received cmd: fence-0a":                                                {Site: "a-b", Token: "fence-0a"},
		"trustrig-said a-b Error in handshake: A TLS fatal alert has been received.":              {Site: "a-b", Error: "Error in handshake: A TLS fatal alert has been received."},
		"trustrig-said a-b trustrig-ended Error: The certificate and the given key do not match.": {Site: "a-b", Refused: "gnutls-serv ended: Error: The certificate and the given key do not match."},
		"trustrig-said a-b *** Sending rehandshake request":                                       {Site: "a-b", Played: "renegotiation"},
	} {
		if got, ok := read(line); !ok || got != want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", line, got, want)
		}
	}
	for _, line := range []string{"", "trustrig-starting", "trustrig-said", "trustrig-said a-b", "trustrig-said a-b Error while receiving data", "trustrig-said a-b received cmd: **REHANDSHAKE**", "trustrig-said a-b Echo Server listening on IPv6 :: port 20000...done"} {
		if got, ok := read(line); ok {
			t.Errorf("%q: %+v", line, got)
		}
	}
}
