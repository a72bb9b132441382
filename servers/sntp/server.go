package sntp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// A Query is one datagram that came to a server: its sighting.
type Query struct {
	At      time.Time // by the machine's clock
	From    netip.AddrPort
	Size    int    // bytes
	Version uint8  // SNTP version
	Mode    uint8  // 3 from a client
	Answer  Answer // as it was set when the query came
	// Answered is whether an answer was sent or is on its way: not to
	// silence, nor to a datagram that is no request.
	Answered bool
}

// A Server answers on one UDP port. It is safe for concurrent use.
type Server struct {
	conn  *net.UDPConn
	other *net.UDPConn // for answers from another port
	addr  netip.AddrPort
	ctx   context.Context // ends answers that are due
	stop  context.CancelFunc
	group sync.WaitGroup

	mu      sync.Mutex
	answer  Answer
	queries []Query
	came    chan struct{} // closed, and replaced, when a query comes
	failed  error         // why the server hears no more
}

// A PortError means that a time server cannot listen where it should.
type PortError struct {
	Addr netip.AddrPort
	Err  error
}

func (e *PortError) Error() string {
	return fmt.Sprintf("starting the time server on %s: %v", e.Addr, e.Err)
}

func (e *PortError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *PortError) Hint() string {
	if e.Addr.Port() == 0 {
		return "choose an address of this machine"
	}
	return fmt.Sprintf("another time server may have UDP port %d; end it, or let the rig choose a port", e.Addr.Port())
}

// Start starts a server that answers right, on 127.0.0.1 unless addr says
// otherwise and on a port that the kernel chooses where addr has none. Ctx
// bounds the start alone. The error is a *[PortError].
func Start(ctx context.Context, addr netip.AddrPort) (*Server, error) {
	if !addr.Addr().IsValid() {
		addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), addr.Port())
	}
	conn, err := listen(ctx, addr)
	if err != nil {
		return nil, &PortError{Addr: addr, Err: err}
	}
	other, err := listen(ctx, netip.AddrPortFrom(addr.Addr(), 0))
	if err != nil {
		conn.Close()
		return nil, &PortError{Addr: addr, Err: err}
	}
	s := &Server{conn: conn, other: other, addr: conn.LocalAddr().(*net.UDPAddr).AddrPort(), came: make(chan struct{})}
	s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.group.Go(s.serve)
	return s, nil
}

func listen(ctx context.Context, addr netip.AddrPort) (*net.UDPConn, error) {
	var lc net.ListenConfig
	conn, err := lc.ListenPacket(ctx, "udp", addr.String())
	if err != nil {
		return nil, err
	}
	return conn.(*net.UDPConn), nil
}

// Addr is where the server listens.
func (s *Server) Addr() netip.AddrPort { return s.addr }

// Set changes how queries are answered that come from now on.
func (s *Server) Set(a Answer) error {
	if err := a.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = a
	return nil
}

// Queries waits until at least n datagrams have come since the start, and
// returns all that have. When ctx or the server ends first it returns, beside
// the error, those that came.
func (s *Server) Queries(ctx context.Context, n int) ([]Query, error) {
	for {
		s.mu.Lock()
		queries, came, failed := slices.Clone(s.queries), s.came, s.failed
		s.mu.Unlock()
		switch {
		case len(queries) >= n:
			return queries, nil
		case failed != nil:
			return queries, fmt.Errorf("waiting for query %d at %s: %w", n, s.addr, failed)
		}
		select {
		case <-came:
		case <-ctx.Done():
			return queries, fmt.Errorf("waiting for query %d at %s: %w", n, s.addr, context.Cause(ctx))
		}
	}
}

// Close ends the server, drops answers that are due, and waits for both.
func (s *Server) Close() error {
	s.stop()
	err := errors.Join(s.conn.Close(), s.other.Close())
	s.group.Wait()
	return err
}

// serve reads until the port is closed.
func (s *Server) serve() {
	buf := make([]byte, 1<<16)
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buf)
		now := time.Now()
		if err != nil {
			s.fail(err)
			return
		}
		q, ok := parse(buf[:n])
		answer := s.note(Query{At: now, From: from, Size: n, Version: q.version, Mode: q.mode}, ok)
		if !ok {
			continue
		}
		if packet := answer.encode(q, now); packet != nil {
			s.send(packet, from, answer)
		}
	}
}

// note records a query and returns how it is to be answered.
func (s *Server) note(q Query, asks bool) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	q.Answer = s.answer
	q.Answered = asks && s.answer.Fault != Silence
	s.queries = append(s.queries, q)
	close(s.came)
	s.came = make(chan struct{})
	return s.answer
}

func (s *Server) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = err
	close(s.came)
	s.came = make(chan struct{})
}

// send sends an answer when it is due. One that cannot be sent is as good as
// lost on its way.
func (s *Server) send(packet []byte, to netip.AddrPort, a Answer) {
	conn := s.conn
	if a.Fault == OtherPort {
		conn = s.other
	}
	if a.Delay == 0 {
		_, _ = conn.WriteToUDPAddrPort(packet, to)
		return
	}
	s.group.Go(func() {
		due := time.NewTimer(a.Delay)
		defer due.Stop()
		select {
		case <-due.C:
			_, _ = conn.WriteToUDPAddrPort(packet, to)
		case <-s.ctx.Done():
		}
	})
}
