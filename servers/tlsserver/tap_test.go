package tlsserver

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
)

// heard returns a tap that has read these bytes from a client, in pieces of n.
func heard(n int, in string) *tap {
	t := newTap(nil)
	for len(in) > 0 {
		cut := min(n, len(in))
		t.in.write([]byte(in[:cut]))
		in = in[cut:]
	}
	return t
}

// inRecords wraps a handshake message in records of n bytes: RFC 8446
// section 5.1.
func inRecords(message []byte, n int) string {
	var out string
	for len(message) > 0 {
		cut := min(n, len(message))
		out += "\x16\x03\x01" + string([]byte{byte(cut >> 8), byte(cut)}) + string(message[:cut])
		message = message[cut:]
	}
	return out
}

func TestTapHello(t *testing.T) {
	message := hello([]byte("\x00\x00\x00\x0a\x00\x08\x00\x00\x05a.b.c"))
	for _, record := range []int{1, 3, 4, 5, 40, 1 << 10} {
		for _, piece := range []int{1, 7, 1 << 20} {
			got := heard(piece, inRecords(message, record))
			if got.hello == nil || got.hello.serverName != "a.b.c" {
				t.Errorf("records of %d, pieces of %d: %+v, %v", record, piece, got.hello, got.helloErr)
			}
			if short := heard(piece, inRecords(message[:len(message)-1], record)); short.hello != nil {
				t.Errorf("records of %d, pieces of %d: a ClientHello that is not whole was taken", record, piece)
			}
		}
	}
	for name, in := range map[string]string{
		"another message first": inRecords(append([]byte{2}, message[1:]...), 100),
		"one of 16 MB":          "\x16\x03\x01\x00\x04\x01\xff\xff\xff" + inRecords(message, 100),
		"after data":            "\x17\x03\x03\x00\x01x" + inRecords(message, 100),
	} {
		if got := heard(1<<20, in); got.hello != nil || !got.helloOver || got.handshake != nil {
			t.Errorf("%s: took %+v, over: %v, kept %d bytes", name, got.hello, got.helloOver, len(got.handshake))
		}
	}
}

func TestTapAlerts(t *testing.T) {
	clientHello := inRecords(hello(nil), 100)
	for _, c := range []struct {
		name               string
		in                 string
		alert              string
		closed, ciphertext bool
	}{
		{name: "unknown_ca, as mbedTLS sends it in TLS 1.3 after ServerHello", in: clientHello + "\x15\x03\x03\x00\x02\x02\x30", alert: "unknown_ca"},
		{name: "behind the ChangeCipherSpec of middlebox compatibility", in: clientHello + "\x14\x03\x03\x00\x01\x01\x15\x03\x03\x00\x02\x02\x2a", alert: "bad_certificate"},
		{name: "the first of two", in: "\x15\x03\x03\x00\x02\x02\x2d\x15\x03\x03\x00\x02\x02\x50", alert: "certificate_expired"},
		{name: "a warning is none", in: "\x15\x03\x03\x00\x02\x01\x5a"},
		{name: "a warning, then a fatal one", in: "\x15\x03\x03\x00\x02\x01\x5a\x15\x03\x03\x00\x02\x02\x28", alert: "handshake_failure"},
		{name: "close_notify", in: "\x15\x03\x03\x00\x02\x01\x00", closed: true},
		{name: "an unknown code", in: "\x15\x03\x03\x00\x02\x02\xfe", alert: "alert(254)"},
		{name: "ciphertext", in: "\x15\x03\x03\x00\x1a" + string(make([]byte, 26)), ciphertext: true},
		{name: "an empty one", in: "\x15\x03\x03\x00\x00", ciphertext: true},
		{name: "cut short", in: "\x15\x03\x03\x00\x02\x02"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, n := range []int{1, 6, 1 << 20} {
				got := heard(n, c.in)
				if got.alert != c.alert || got.closeNotify != c.closed || got.encryptedAlert != c.ciphertext {
					t.Errorf("in pieces of %d: alert %q, close_notify %v, ciphertext %v", n, got.alert, got.closeNotify, got.encryptedAlert)
				}
			}
		})
	}
}

// TestRemoteAlert holds that the words of crypto/tls are told apart. That it
// does use them is shown by the conformance test, where real clients reject.
func TestRemoteAlert(t *testing.T) {
	for code, name := range alertNames {
		err := &net.OpError{Op: "remote error", Err: tls.AlertError(code)}
		if got := remoteAlert(err); got != name {
			t.Errorf("alert %d: %q, want %q", code, got, name)
		}
	}
	for _, err := range []error{nil, io.EOF, &net.OpError{Op: "local error", Err: tls.AlertError(48)}, errors.New("remote error: tls: unknown certificate authority")} {
		if got := remoteAlert(err); got != "" {
			t.Errorf("%v: %q", err, got)
		}
	}
}
