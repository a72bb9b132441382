package tlsserver

import (
	"bufio"
	"cmp"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"trustrig/harness"
)

const (
	// maxLine bounds the client's line of application data.
	maxLine = 1024
	// maxDrain bounds what is read of a client that is no longer wanted.
	maxDrain = 1 << 20
	// lingering bounds the wait for the client's end of a connection that
	// is over for the server.
	lingering = 2 * time.Second
	// afterAlert is that wait once a fatal alert was read: nothing that
	// matters comes behind it, and a client may leave its socket to a
	// garbage collector, as MicroPython's asyncio does.
	afterAlert = 50 * time.Millisecond
)

// errCut is the error of a connection that was cut because its endpoint was
// closed for good before the client had done.
var errCut = errors.New("cut by the server: the endpoint was closed")

// A conn is one connection of an endpoint.
type conn struct {
	tap      *tap
	patience time.Duration
	sighting harness.Sighting
	shown    *tls.Certificate
}

// serve plays the server's side to the end and returns what it saw.
func (c *conn) serve(p *Presentation, s *shown) harness.Sighting {
	defer c.tap.Close()
	c.patience = cmp.Or(p.Patience, DefaultPatience)
	c.deadline(c.patience)
	config := p.config(s, func(shown *tls.Certificate) { c.shown = shown })
	tc := tls.Server(c.tap, config)
	err := tc.Handshake()
	c.seeHandshake(tc, err)
	if err == nil {
		err = c.exchange(tc)
	}
	c.finish(tc, err)
	c.seeBehaviour(p, config)
	return c.sighting
}

// seeBehaviour records whether the server came to behave as it was to: from
// the ClientHello on it does, if the client offers what that takes.
func (c *conn) seeBehaviour(p *Presentation, config *tls.Config) {
	hello := c.tap.hello
	switch {
	case hello == nil:
	case config.MinVersion == tls.VersionTLS13 && !hello.tls13:
		c.sighting.Lacks = tls.VersionName(tls.VersionTLS13)
	default:
		c.sighting.Played = p.Behaviour
	}
}

func (c *conn) deadline(d time.Duration) { c.tap.SetDeadline(time.Now().Add(d)) }

// seeHandshake records what is known once the handshake has ended.
func (c *conn) seeHandshake(tc *tls.Conn, err error) {
	see, state := &c.sighting, tc.ConnectionState()
	if state.Version != 0 {
		see.Version = tls.VersionName(state.Version)
	}
	if state.CipherSuite != 0 {
		see.CipherSuite = tls.CipherSuiteName(state.CipherSuite)
	}
	see.Handshake = err == nil
	old := state.Version < tls.VersionTLS13
	if old && c.tap.sentCipherSpec {
		// Up to TLS 1.2 the server's own ChangeCipherSpec answers the
		// client's Finished; a client that is gone by then has finished
		// nevertheless.
		see.Handshake = true
	}
	// The chain goes out with the ServerHello, from TLS 1.3 on encrypted.
	if c.shown != nil && (c.tap.sentData || old && c.tap.sentHandshake) {
		for _, der := range c.shown.Certificate {
			see.ChainBytes += len(der)
		}
	}
}

// exchange hears the client's nonce, answers with a fresh one, and waits for
// the client to close.
func (c *conn) exchange(tc *tls.Conn) error {
	c.deadline(c.patience)
	heard, err := hear(tc)
	if err != nil {
		return fmt.Errorf("reading the client's nonce: %w", err)
	}
	c.sighting.Received = heard.nonce
	var nonce [16]byte
	rand.Read(nonce[:]) // never fails
	reply := hex.EncodeToString(nonce[:])
	c.deadline(lingering)
	if err := heard.answer(tc, reply); err != nil {
		return fmt.Errorf("writing the server's nonce: %w", err)
	}
	c.sighting.Reply = reply
	if heard.last {
		if err := tc.CloseWrite(); err != nil {
			return fmt.Errorf("closing after the server's nonce: %w", err)
		}
	}
	_, err = io.CopyN(io.Discard, tc, maxDrain)
	return err
}

// readLine reads one line and returns it without its end.
func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return "", err // a line that was not finished was not received
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return string(line), nil
}

// finish ends the connection so that nothing the client has sent is lost: it
// closes its own half and drains the client's, for closing a socket with
// unread bytes would reset the connection, and a reset overtakes the alert.
func (c *conn) finish(tc *tls.Conn, err error) {
	closed := errors.Is(err, io.EOF) && !c.tap.eof // crypto/tls makes io.EOF of a close_notify
	end := endOf(err)
	c.deadline(lingering)
	if end == "" || closed {
		tc.CloseWrite() // the client may be gone: then there is no one to tell
	}
	if end != harness.EndTimeout {
		c.tap.CloseWrite()
		if c.tap.alert != "" {
			c.deadline(afterAlert)
		}
		_, drained := io.CopyN(io.Discard, c.tap, maxDrain)
		end = cmp.Or(end, endOf(drained), harness.EndServer)
	}
	if closed || c.tap.closeNotify {
		end = harness.EndCloseNotify
	}
	c.seeRecords(end, err)
}

// endOf tells how the client's side ended from the error of a read or write.
// It is "" where the client's side is still open, or has closed in order.
func endOf(err error) harness.End {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return harness.EndTimeout
	case errors.Is(err, net.ErrClosed):
		return harness.EndServer
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return harness.EndReset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return harness.EndEOF
	}
	return ""
}

// seeRecords records what the tap has read, and how the connection ended.
func (c *conn) seeRecords(end harness.End, err error) {
	see := &c.sighting
	see.End = end
	if hello := c.tap.hello; hello != nil {
		see.ClientHello, see.SNI = true, hello.serverName
	}
	see.Alert = cmp.Or(c.tap.alert, remoteAlert(err))
	if see.Alert == "" && c.tap.encryptedAlert && !see.Handshake {
		see.Alert = alertEncrypted
	}
	switch {
	case end == harness.EndServer && errors.Is(err, net.ErrClosed):
		see.Error = errCut.Error()
	case end != harness.EndCloseNotify && err != nil:
		see.Error = err.Error()
	}
}
