package tlsserver

import (
	"crypto/tls"
	"errors"
	"net"
	"testing"

	"golang.org/x/crypto/cryptobyte"
)

// hello builds a ClientHello as RFC 8446 section 4.1.2 draws it, with these
// extensions; nil leaves the field out.
func hello(extensions []byte) []byte {
	b := cryptobyte.NewBuilder(nil)
	b.AddUint8(1) // client_hello
	b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint16(0x0303)
		b.AddBytes(make([]byte, 32))
		b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(make([]byte, 32)) })
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddUint16(0x1301) })
		b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddUint8(0) })
		if extensions != nil {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(extensions) })
		}
	})
	return b.BytesOrPanic()
}

func TestParseClientHello(t *testing.T) {
	const other = "\x00\x17\x00\x00" // extended_master_secret, RFC 7627
	whole := hello([]byte("\x00\x00\x00\x0a\x00\x08\x00\x00\x05a.b.c"))
	for _, c := range []struct {
		name string
		in   []byte
		sni  string
		bad  bool
	}{
		{name: "no extensions", in: hello(nil)},
		{name: "empty extensions", in: hello([]byte{})},
		{name: "server_name", in: whole, sni: "a.b.c"},
		{name: "server_name behind another", in: hello([]byte(other + "\x00\x00\x00\x0a\x00\x08\x00\x00\x05a.b.c")), sni: "a.b.c"},
		{name: "a trailing dot", in: hello([]byte("\x00\x00\x00\x07\x00\x05\x00\x00\x02a.")), sni: "a."},
		{name: "an empty name", in: hello([]byte("\x00\x00\x00\x05\x00\x03\x00\x00\x00"))},
		{name: "a NUL in a name", in: hello([]byte("\x00\x00\x00\x08\x00\x06\x00\x00\x03a\x00b")), sni: "a\x00b"},
		{name: "a name of another type first", in: hello([]byte("\x00\x00\x00\x0a\x00\x08\x01\x00\x01x\x00\x00\x01y")), sni: "y"},
		{name: "server_name list too long", in: hello([]byte("\x00\x00\x00\x0a\x00\x09\x00\x00\x05a.b.c")), bad: true},
		{name: "name too long", in: hello([]byte("\x00\x00\x00\x0a\x00\x08\x00\x00\x06a.b.c")), bad: true},
		{name: "extension too long", in: hello([]byte("\x00\x00\x00\x0b\x00\x08\x00\x00\x05a.b.c")), bad: true},
		{name: "bytes behind the list", in: hello([]byte("\x00\x00\x00\x0b\x00\x08\x00\x00\x05a.b.c!")), bad: true},
		{name: "cut short", in: whole[:len(whole)-1], bad: true},
		{name: "bytes behind the message", in: append(whole[:len(whole):len(whole)], 0), bad: true},
		{name: "another message", in: append([]byte{2}, whole[1:]...), bad: true},
		{name: "nothing", bad: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseClientHello(c.in)
			if (err != nil) != c.bad || got.serverName != c.sni {
				t.Errorf("server_name %q, %v; want %q, error: %v", got.serverName, err, c.sni, c.bad)
			}
		})
	}
}

// FuzzParseClientHello holds the parser against crypto/tls: whatever that
// takes, this takes too, and with the same name.
func FuzzParseClientHello(f *testing.F) {
	f.Add(hello(nil))
	f.Add(hello([]byte("\x00\x00\x00\x0a\x00\x08\x00\x00\x05a.b.c\x00\x2b\x00\x03\x02\x03\x04")))
	f.Add(hello([]byte("\x00\x00\x00\x07\x00\x05\x00\x00\x02a.")))
	f.Fuzz(func(t *testing.T, message []byte) {
		got, err := parseClientHello(message)
		theirs, taken := stdlibServerName(t, message)
		if taken && (err != nil || got.serverName != theirs) {
			t.Errorf("crypto/tls read the server_name %q; parseClientHello %q, %v", theirs, got.serverName, err)
		}
	})
}

// stdlibServerName returns the server_name of a ClientHello that crypto/tls
// takes.
func stdlibServerName(t *testing.T, message []byte) (name string, taken bool) {
	if len(message) < 4 || len(message) > 1<<14 || 4+int(message[1])<<16+int(message[2])<<8+int(message[3]) != len(message) {
		return "", false
	}
	client, server := net.Pipe()
	defer client.Close()
	go func() {
		client.Write(append([]byte{22, 3, 1, byte(len(message) >> 8), byte(len(message))}, message...))
		client.Close()
	}()
	stop := errors.New("that is all")
	tls.Server(server, &tls.Config{GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		name, taken = h.ServerName, true
		return nil, stop
	}}).Handshake()
	return name, taken
}
