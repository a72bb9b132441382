package tlsserver

import (
	"bufio"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/rpc"
	"time"

	"trustrig/harness"
)

// service is the name under which net/rpc finds the methods of control.
const service = "TLS"

// ControlPatience bounds the wait for a rig that has a server started and
// does not take it in hand.
const ControlPatience = 30 * time.Second

// ReadyLine begins the line that a server in a process of its own prints once
// it can be used. The rest of the line is the address for [Server.ServeRig].
const ReadyLine = "tlsserver: ready for its rig at "

// TokenVariable is the variable of the environment that holds the token which
// such a server admits its rig by.
const TokenVariable = "TRUSTRIG_TOKEN"

type (
	// Opened answers an order to open an endpoint. It and the next two are
	// exported for net/rpc only; a rig uses [Client].
	Opened struct {
		Endpoint uint64
		Addr     netip.AddrPort
	}
	// Asked asks for the sightings of an endpoint.
	Asked struct {
		Endpoint uint64
		AtLeast  int
	}
	// Seen answers with them. Problem says why there may be more to come.
	Seen struct {
		Sightings []harness.Sighting
		Strays    int
		Problem   string
	}
)

// A control is what a rig can ask of a [Server] over net/rpc. The waits of its
// methods end when the rig asks to abort, or is gone.
type control struct {
	server *Server
	ctx    context.Context // ends when the rig is gone
}

func (c *control) Open(p Presentation, reply *Opened) (err error) {
	reply.Endpoint, reply.Addr, err = c.server.Open(c.ctx, p)
	return err
}

func (c *control) Sightings(a Asked, reply *Seen) error {
	all, err := c.server.Sightings(c.ctx, a.Endpoint, a.AtLeast)
	return c.seen(reply, all, err)
}

func (c *control) Close(a Asked, reply *Seen) error {
	all, err := c.server.CloseEndpoint(c.ctx, a.Endpoint, a.AtLeast)
	return c.seen(reply, all, err)
}

func (c *control) Abort(endpoint uint64, _ *struct{}) error {
	c.server.Abort(endpoint)
	return nil
}

// seen fills a reply. An error's reply would not be sent, so that only errors
// without any sightings are returned as such.
func (c *control) seen(reply *Seen, all []harness.Sighting, err error) error {
	if errors.Is(err, ErrNoEndpoint) {
		return err
	}
	reply.Sightings, reply.Strays = all, c.server.Strays()
	if err != nil {
		reply.Problem = err.Error()
	}
	return nil
}

// ServeControl answers one rig over conn until it hangs up.
func (s *Server) ServeControl(ctx context.Context, conn io.ReadWriteCloser) error {
	ctx, gone := context.WithCancel(ctx)
	defer gone()
	r := rpc.NewServer()
	if err := r.RegisterName(service, &control{s, ctx}); err != nil {
		return fmt.Errorf("answering the rig: %w", err)
	}
	// ServeConn waits for the calls that are under way; those that wait for
	// connections must learn that nobody wants the answer.
	r.ServeConn(&hangup{conn, gone})
	return nil
}

// A hangup calls gone when nothing more can be read.
type hangup struct {
	io.ReadWriteCloser
	gone func()
}

func (h *hangup) Read(b []byte) (int, error) {
	n, err := h.ReadWriteCloser.Read(b)
	if err != nil {
		h.gone()
	}
	return n, err
}

// ServeRig waits on l for the one rig that knows the token, and answers it
// until it hangs up or ctx ends. It is an error if none comes in time.
func (s *Server) ServeRig(ctx context.Context, l *net.TCPListener, token string) error {
	defer l.Close()
	if err := l.SetDeadline(time.Now().Add(ControlPatience)); err != nil {
		return fmt.Errorf("waiting for the rig: %w", err)
	}
	for {
		stop := context.AfterFunc(ctx, func() { l.Close() })
		conn, err := l.Accept()
		stop()
		if err != nil {
			return fmt.Errorf("waiting for the rig: %w", err)
		}
		in, ok := admit(conn, token)
		if !ok {
			conn.Close()
			continue
		}
		l.Close()
		stop = context.AfterFunc(ctx, func() { conn.Close() })
		defer stop()
		return s.ServeControl(ctx, in)
	}
}

// admit reads the line with the token.
func admit(conn net.Conn, token string) (io.ReadWriteCloser, bool) {
	conn.SetDeadline(time.Now().Add(lingering))
	r := bufio.NewReaderSize(conn, 256)
	line, err := r.ReadSlice('\n')
	ok := err == nil && subtle.ConstantTimeCompare(line, []byte(token+"\n")) == 1
	conn.SetDeadline(time.Time{})
	return struct {
		io.Reader
		io.Writer
		io.Closer
	}{r, conn, conn}, ok
}
