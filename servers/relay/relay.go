package relay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"trustrig/harness"
)

// patience bounds a connection: a client that neither goes on nor gives up
// is let go.
const patience = 60 * time.Second

// Seen is what a relay saw of one connection.
type Seen struct {
	// Sighting holds what can be seen without a key. Handshake is set in
	// TLS 1.2 alone, and Received and Reply never.
	harness.Sighting
	// Port is that of the relay's own connection to the server, by which the
	// server's log knows it; 0 where there was none.
	Port uint16
}

// A Relay passes the connections of one endpoint on.
type Relay struct {
	tcp    *net.TCPListener
	target netip.AddrPort
	act    Act
	ctx    context.Context // ended by Close when its own has
	cut    context.CancelFunc
	done   chan struct{} // closed when the accept loop has ended

	mu      sync.Mutex
	seen    []Seen
	open    int
	changed chan struct{} // closed, and made anew, at each change
}

// Open listens on a port of addr and does as the act of that name says with
// each connection, on its way to target.
func Open(ctx context.Context, addr netip.Addr, target netip.AddrPort, act string) (*Relay, error) {
	a, ok := Find(act)
	if !ok {
		return nil, UnknownError(act)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", netip.AddrPortFrom(addr, 0).String())
	if err != nil {
		return nil, fmt.Errorf("opening a relay to %s: %w", target, err)
	}
	r := &Relay{tcp: l.(*net.TCPListener), target: target, act: a, done: make(chan struct{}), changed: make(chan struct{})}
	r.ctx, r.cut = context.WithCancel(context.WithoutCancel(ctx))
	go r.loop()
	return r, nil
}

// Addr returns the address and port to connect to.
func (r *Relay) Addr() netip.AddrPort { return r.tcp.Addr().(*net.TCPAddr).AddrPort() }

func (r *Relay) loop() {
	defer close(r.done)
	for {
		c, err := r.tcp.AcceptTCP()
		if err != nil {
			return // Close has closed the listener
		}
		r.take(c)
	}
}

func (r *Relay) take(client *net.TCPConn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	index := len(r.seen)
	r.seen = append(r.seen, Seen{Sighting: harness.Sighting{Connection: index + 1}})
	r.open++
	r.note()
	go func() {
		s := newConn(r, client).serve(r.ctx)
		s.Connection = index + 1
		r.mu.Lock()
		defer r.mu.Unlock()
		r.seen[index] = s
		r.open--
		r.note()
	}()
}

// note wakes those who wait for a change. The caller holds mu.
func (r *Relay) note() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// Close waits until at least that many connections have come and all that have
// come have ended, and returns what was seen of them. If ctx ends first, those
// that are open are cut, and the error wraps ctx's.
func (r *Relay) Close(ctx context.Context, atLeast int) ([]Seen, error) {
	err := r.wait(ctx, atLeast)
	r.tcp.Close()
	<-r.done
	stop := context.AfterFunc(ctx, r.cut)
	defer stop()
	late := r.wait(ctx, 0)
	if late != nil {
		r.wait(context.Background(), 0) // cut ends them at once
	}
	r.cut()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen, errors.Join(err, late)
}

func (r *Relay) wait(ctx context.Context, n int) error {
	for {
		r.mu.Lock()
		came, open, changed := len(r.seen), r.open, r.changed
		r.mu.Unlock()
		if open == 0 && came >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("relay to %s: waiting for %d connections, of which %d came and %d are open: %w", r.target, n, came, open, context.Cause(ctx))
		}
	}
}
