package haproxy

import (
	"testing"

	"trustrig/servers/stack"
)

func TestRead(t *testing.T) {
	for line, want := range map[string]stack.Event{
		"[NOTICE]   (8) : Loading success.":                           {Up: true},
		"trustrig-seen 40123 5c3f-11ee /00ff":                         {Client: 40123, Received: "00ff", Reply: "5c3f-11ee"},
		"trustrig-seen 40124 5c3f-11ef /fence-0a":                     {Token: "fence-0a"},
		"trustrig-failed 40125 SSL handshake failure unknown ca":      {Client: 40125, Error: "SSL handshake failure unknown ca"},
		"trustrig-refused a-b [ALERT] (8) : config : inconsistencies": {Site: "a-b", Refused: "[ALERT] (8) : config : inconsistencies"},
	} {
		if got, ok := read(line); !ok || got != want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", line, got, want)
		}
	}
	for _, line := range []string{"", "trustrig-starting", "trustrig-seen port id /00ff", "trustrig-failed port why", "trustrig-refused x"} {
		if got, ok := read(line); ok {
			t.Errorf("%q: %+v", line, got)
		}
	}
}
