package mosquitto

import (
	"testing"

	"trustrig/servers/stack"
)

func TestRead(t *testing.T) {
	for line, want := range map[string]stack.Event{
		"mosquitto version 2.0.21 running": {Up: true},
		"Client connection from 127.0.0.1 failed: error:0A000412:SSL routines::ssl/tls alert bad certificate.":          {Error: "error:0A000412:SSL routines::ssl/tls alert bad certificate."},
		"OpenSSL Error[0]: error:0A000418:SSL routines::tlsv1 alert unknown ca":                                         {Error: "error:0A000418:SSL routines::tlsv1 alert unknown ca"},
		"Received PUBLISH from trustrig-fence-6a64 (d0, q1, r0, m1, 'trustrig/fence-6a6409fc876d3703', ... (22 bytes))": {Token: "fence-6a6409fc876d3703"},
	} {
		if got, ok := read(line); !ok || got != want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", line, got, want)
		}
	}
	for _, line := range []string{"", "trustrig-starting", "mosquitto version 2.0.21 starting", "Received PUBLISH from camera (d0, q0, r0, m0, 'trustrig/00ff', ... (32 bytes))"} {
		if got, ok := read(line); ok {
			t.Errorf("%q: %+v", line, got)
		}
	}
}
