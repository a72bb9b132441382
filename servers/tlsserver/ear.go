package tlsserver

import (
	"cmp"
	"errors"
	"io"
	"net"

	"trustrig/harness"
)

// An Ear reads the client's half of a connection that another server serves,
// and hears in it what this package's own server does: the ClientHello, the
// alert, how it ended. It is used by one goroutine at a time.
type Ear struct{ tap *tap }

// NewEar returns an ear on a client's connection.
func NewEar(c *net.TCPConn) *Ear { return &Ear{newTap(c)} }

// Read reads from the client.
func (e *Ear) Read(b []byte) (int, error) { return e.tap.Read(b) }

// Heard fills in what was heard of the client, whose reading has ended with
// err.
func (e *Ear) Heard(see *harness.Sighting, err error) {
	if hello := e.tap.hello; hello != nil {
		see.ClientHello, see.SNI = true, hello.serverName
	}
	see.Alert = e.tap.alert
	if see.Alert == "" && e.tap.encryptedAlert && !see.Handshake {
		see.Alert = alertEncrypted
	}
	see.End = cmp.Or(endOf(err), harness.EndServer)
	if e.tap.closeNotify && errors.Is(err, io.EOF) {
		see.End = harness.EndCloseNotify
	}
}

// Offers reports whether the client has said Hello and offered TLS 1.3 in it.
func (e *Ear) Offers() (hello, tls13 bool) {
	if e.tap.hello == nil {
		return e.tap.helloOver, false
	}
	return true, e.tap.hello.tls13
}
