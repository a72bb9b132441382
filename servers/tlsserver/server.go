package tlsserver

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"

	"trustrig/harness"
)

// DefaultListeners is how many endpoints a server can have open at once
// unless it is told otherwise.
const DefaultListeners = 8

var (
	// ErrNoListener is in the chain of Open's error when every listener is
	// leased.
	ErrNoListener = errors.New("every listener of the TLS server is leased: close an endpoint first, or start the servers with more listeners")
	// ErrNoEndpoint means that there is no open endpoint of that number.
	ErrNoEndpoint = errors.New("no such endpoint, or it is closed already")
)

// A Server presents chains on a fixed pool of listeners. It is safe for
// concurrent use.
type Server struct {
	listeners []*listener
	strays    atomic.Int64

	mu     sync.Mutex
	free   []*listener // the one that has been free longest comes first
	leases map[uint64]*lease
	last   uint64
	keys   keyRing
}

// New listens on n ports of an address that the kernel chooses.
func New(ctx context.Context, addr netip.Addr, n int) (*Server, error) {
	s := &Server{leases: make(map[uint64]*lease), keys: make(keyRing)}
	for range n {
		l, err := listen(ctx, addr, &s.strays)
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("opening listener %d of %d on %s: %w", len(s.listeners)+1, n, addr, err)
		}
		s.listeners = append(s.listeners, l)
	}
	s.free = append(s.free, s.listeners...)
	return s, nil
}

// Open opens an endpoint and returns its number and where it listens.
func (s *Server) Open(ctx context.Context, p Presentation) (uint64, netip.AddrPort, error) {
	id, l, err := s.reserve(p)
	if err != nil {
		return 0, netip.AddrPort{}, err
	}
	if err := l.listener.hand(ctx, l); err != nil {
		s.release(id)
		return 0, netip.AddrPort{}, err
	}
	return id, l.listener.addr(), nil
}

// reserve takes a free listener for p.
func (s *Server) reserve(p Presentation) (uint64, *lease, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shown, err := p.prepare(s.keys)
	if err != nil {
		return 0, nil, fmt.Errorf("preparing an endpoint: %w", err)
	}
	if len(s.free) == 0 {
		return 0, nil, ErrNoListener
	}
	l := newLease(s.free[0], p, shown)
	s.free = s.free[1:]
	s.last++
	s.leases[s.last] = l
	return s.last, l, nil
}

func (s *Server) release(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, ok := s.leases[id]; ok {
		delete(s.leases, id)
		s.free = append(s.free, l.listener)
	}
}

func (s *Server) find(id uint64) (*lease, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, ok := s.leases[id]; ok {
		return l, nil
	}
	return nil, fmt.Errorf("endpoint %d: %w", id, ErrNoEndpoint)
}

// Sightings waits until at least n connections of an endpoint have come and
// all that have come have ended, and returns what was seen of them. When ctx
// ends first it returns, beside the error, those that had ended.
func (s *Server) Sightings(ctx context.Context, id uint64, n int) ([]harness.Sighting, error) {
	l, err := s.find(id)
	if err != nil {
		return nil, err
	}
	err = l.wait(ctx, n)
	return l.ended(), err
}

// CloseEndpoint does as Sightings, and ends the endpoint: connections
// established after those are strays. Those that were established before,
// accepted or not, are the endpoint's. When ctx ends first, connections that
// are still open are cut, and their sightings say so.
func (s *Server) CloseEndpoint(ctx context.Context, id uint64, n int) ([]harness.Sighting, error) {
	l, err := s.find(id)
	if err != nil {
		return nil, err
	}
	defer s.release(id)
	stop := context.AfterFunc(ctx, l.abort)
	defer stop()
	waited := l.wait(ctx, n)
	// From here on ctx has had its say: the listener must be given back.
	if err := l.listener.hand(context.WithoutCancel(ctx), nil); err != nil {
		return l.ended(), errors.Join(waited, err)
	}
	err = l.wait(ctx, 0)
	if err != nil {
		err = errors.Join(err, l.wait(context.WithoutCancel(ctx), 0)) // abort ends them at once
	}
	return l.ended(), errors.Join(waited, err)
}

// Abort cuts an endpoint's connections and ends those who wait for them.
func (s *Server) Abort(id uint64) {
	if l, err := s.find(id); err == nil {
		l.abort()
	}
}

// Strays returns how many connections came to listeners that nobody had
// leased.
func (s *Server) Strays() int { return int(s.strays.Load()) }

// Close cuts every connection, closes every listener and waits for both.
func (s *Server) Close() error {
	for _, l := range s.listeners {
		l.close()
	}
	s.mu.Lock()
	leases := s.leases
	s.leases, s.free = nil, nil
	s.mu.Unlock()
	for _, l := range leases {
		l.abort()
		l.wait(context.Background(), 0) // abort ends them at once
	}
	return nil
}
