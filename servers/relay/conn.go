package relay

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"trustrig/harness"
	"trustrig/servers/tlsserver"
)

// A conn is one connection through a relay.
type conn struct {
	act    Act
	target string
	client *net.TCPConn
	server *net.TCPConn
	ear    *tlsserver.Ear
	// over is set once the act has ended the connection: what the client
	// says from then on is heard and not passed on.
	over atomic.Bool
	seen Seen
	met  wireView
}

func newConn(r *Relay, client *net.TCPConn) *conn {
	return &conn{act: r.act, target: r.target.String(), client: client, ear: tlsserver.NewEar(client)}
}

// serve passes one connection on to its end. Both halves end when ctx does.
func (c *conn) serve(ctx context.Context) Seen {
	defer c.client.Close()
	c.client.SetDeadline(time.Now().Add(patience))
	stop := context.AfterFunc(ctx, c.cut)
	defer stop()
	if c.act.greet.end != goOn {
		c.perform(c.act.greet)
		c.ear.Heard(&c.seen.Sighting, c.hear(io.Discard))
		return c.seen
	}
	if err := c.dial(ctx); err != nil {
		c.seen.Error, c.seen.End = err.Error(), harness.EndServer
		return c.seen
	}
	defer c.server.Close()
	stopServer := context.AfterFunc(ctx, func() { c.server.Close() })
	defer stopServer()
	var played sync.WaitGroup
	played.Go(c.play)
	heard := c.hear(gate{c})
	c.server.CloseWrite()
	if errors.Is(heard, syscall.ECONNRESET) {
		c.server.SetLinger(0)
		c.server.Close()
	}
	played.Wait()
	c.see(heard)
	return c.seen
}

func (c *conn) cut() { c.client.Close() }

func (c *conn) dial(ctx context.Context) error {
	var d net.Dialer
	server, err := d.DialContext(ctx, "tcp", c.target)
	if err != nil {
		return fmt.Errorf("the relay does not reach its server: %w", err)
	}
	c.server = server.(*net.TCPConn)
	c.server.SetDeadline(time.Now().Add(patience))
	c.seen.Port = c.server.LocalAddr().(*net.TCPAddr).AddrPort().Port()
	return nil
}

// A gate passes on to the server what the client says, until the act is over.
type gate struct{ c *conn }

func (g gate) Write(b []byte) (int, error) {
	if !g.c.over.Load() {
		// A server that is gone is not the client's fault; the client is
		// heard to its end.
		g.c.server.Write(b)
	}
	return len(b), nil
}

// hear reads the client's half to its end, and returns what ended it.
func (c *conn) hear(to io.Writer) error {
	// Not io.Copy: it would go around the ear.
	b := make([]byte, 16<<10)
	for {
		n, err := c.ear.Read(b)
		to.Write(b[:n]) // neither a gate nor io.Discard fails
		if err != nil {
			return err
		}
	}
}

// play sends the client the server's half as the act has it.
func (c *conn) play() {
	units, next := newReader(c.server), c.act.begin()
	for {
		u, err := units.next()
		if errors.Is(err, errNoTLS) {
			c.client.CloseWrite()
			io.Copy(io.Discard, c.server)
			return
		}
		if err != nil {
			c.client.CloseWrite()
			return
		}
		c.met.take(u)
		if c.perform(next(u)); c.over.Load() {
			io.Copy(io.Discard, c.server) // ends when the client does
			return
		}
	}
}

// perform does a step.
func (c *conn) perform(s step) {
	if s.played {
		c.seen.Played = c.act.Name
	}
	if s.end != goOn {
		c.over.Store(true)
	}
	c.send(s)
	switch s.end {
	case shut:
		c.client.CloseWrite()
	case reset:
		c.client.SetLinger(0)
		c.client.Close()
	}
}

func (c *conn) send(s step) {
	if !s.slow {
		c.client.Write(s.out) // a client that is gone is heard to be
		return
	}
	var pause <-chan time.Time
	if s.pause > 0 {
		ticker := time.NewTicker(s.pause)
		defer ticker.Stop()
		pause = ticker.C
	}
	for i := range s.out {
		if _, err := c.client.Write(s.out[i : i+1]); err != nil {
			return
		}
		if pause != nil {
			<-pause
		}
	}
}

// see completes what was seen once both halves have ended, the client's with
// this error.
func (c *conn) see(heard error) {
	c.seen.Version, c.seen.CipherSuite, c.seen.ChainBytes = c.met.version(), c.met.cipherSuite(), c.met.chainBytes
	c.seen.Handshake = c.met.finished
	c.ear.Heard(&c.seen.Sighting, heard)
	if c.act.Version == tls.VersionTLS13 {
		if hello, tls13 := c.ear.Offers(); hello && !tls13 {
			c.seen.Lacks = "TLS 1.3"
		}
	}
}
