package tlsserver

import (
	"errors"
	"io"
	"net"
)

// A tap is a TCP connection whose TLS records are read as they pass. It is
// used by one goroutine at a time, the connection's.
type tap struct {
	*net.TCPConn
	in, out records

	handshake []byte // the client's handshake bytes until its ClientHello is whole
	helloOver bool   // nothing more is wanted of them
	hello     *clientHello
	helloErr  error

	alert          string // the first fatal alert that came in plaintext
	closeNotify    bool   // a close_notify came in plaintext
	encryptedAlert bool   // an alert came that could not be read
	eof            bool   // the client has closed its half of TCP

	sentHandshake, sentCipherSpec, sentData bool
}

func newTap(c *net.TCPConn) *tap {
	t := &tap{TCPConn: c}
	t.in.onRecord, t.in.keep = t.received, t.wanted
	t.out.onRecord, t.out.keep = t.sent, func(byte) int { return 0 }
	return t
}

func (t *tap) Read(b []byte) (int, error) {
	// A delayed acknowledgement meets the client's Nagle algorithm and puts
	// 40 ms into a handshake. The kernel forgets the wish, so it is told
	// each time.
	acknowledgeAtOnce(t.TCPConn)
	n, err := t.TCPConn.Read(b)
	t.in.write(b[:n])
	if errors.Is(err, io.EOF) {
		t.eof = true
	}
	return n, err
}

func (t *tap) Write(b []byte) (int, error) {
	// What is written counts as sent even if the write fails: crypto/tls
	// only comes to write it after what went before was right.
	t.out.write(b)
	return t.TCPConn.Write(b)
}

func (t *tap) wanted(kind byte) int {
	switch {
	case kind == recordAlert:
		return 2
	case kind == recordHandshake && !t.helloOver:
		return maxRecord
	}
	return 0
}

func (t *tap) received(kind byte, length int, payload []byte) {
	switch kind {
	case recordHandshake:
		if !t.helloOver {
			t.handshake = append(t.handshake, payload...)
			t.takeHello()
		}
	case recordAlert:
		t.takeAlert(length, payload)
	default:
		t.helloOver = true
	}
}

// takeHello parses the ClientHello once it is whole. It may come in several
// records (RFC 8446 section 5.1).
func (t *tap) takeHello() {
	const header = 4
	if len(t.handshake) < header {
		return
	}
	length := header + int(t.handshake[1])<<16 + int(t.handshake[2])<<8 + int(t.handshake[3])
	if len(t.handshake) < length && length <= maxHello {
		return
	}
	t.helloOver = true
	hello, err := parseClientHello(t.handshake[:min(length, len(t.handshake))])
	if err != nil {
		t.helloErr = err
	} else {
		t.hello = &hello
	}
	t.handshake = nil
}

// takeAlert tells a plaintext alert by its two bytes: level and description
// (RFC 8446 section 6). No cipher suite in use makes ciphertext so short.
func (t *tap) takeAlert(length int, payload []byte) {
	switch {
	case length != 2:
		t.encryptedAlert = true
	case payload[1] == alertCloseNotify:
		t.closeNotify = true
	case payload[0] == alertLevelFatal && t.alert == "":
		t.alert = alertName(payload[1])
	}
}

func (t *tap) sent(kind byte, _ int, _ []byte) {
	switch kind {
	case recordChangeCipherSpec:
		t.sentCipherSpec = true
	case recordHandshake:
		t.sentHandshake = true
	case recordApplicationData:
		t.sentData = true
	}
}
