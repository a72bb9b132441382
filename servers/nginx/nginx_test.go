package nginx

import (
	"testing"

	"trustrig/servers/stack"
)

func TestRead(t *testing.T) {
	for line, want := range map[string]stack.Event{
		"2026/11/23 15:08:12 [notice] 9#9: start worker process 10":                               {Up: true},
		"trustrig-seen 20123 40123 4b1c2d3e4f506172 /00ff":                                        {Client: 40123, Received: "00ff", Reply: "4b1c2d3e4f506172"},
		"trustrig-seen 20000 40124 4b1c2d3e4f506173 /fence-0a":                                    {Token: "fence-0a"},
		"trustrig-refused a-b nginx: [emerg] SSL_CTX_use_PrivateKey(\"k\") failed (key mismatch)": {Site: "a-b", Refused: "nginx: [emerg] SSL_CTX_use_PrivateKey(\"k\") failed (key mismatch)"},
		"2026/11/23 15:08:12 [info] 10#10: *5 SSL_do_handshake() failed (SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca:SSL alert number 48) while SSL handshaking, client: 127.0.0.1, server: 127.0.0.1:20123": {
			Port: 20123, Error: "SSL_do_handshake() failed (SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca:SSL alert number 48)"},
	} {
		if got, ok := read(line); !ok || got != want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", line, got, want)
		}
	}
	for _, line := range []string{"", "trustrig-starting", "trustrig-seen 1 2", "trustrig-seen 1 port id /00ff", "trustrig-refused x"} {
		if got, ok := read(line); ok {
			t.Errorf("%q: %+v", line, got)
		}
	}
}
