package tlsserver

import (
	"context"
	"fmt"
	"net"
	"sync"

	"trustrig/harness"
)

// A lease is one endpoint's use of a listener.
type lease struct {
	listener     *listener
	presentation Presentation
	shown        *shown

	mu        sync.Mutex
	sightings []harness.Sighting // by connection; not filled in until it has ended
	open      map[int]*tap       // connections that have not ended, by index
	cut       bool
	changed   chan struct{} // closed, and made anew, at each change
}

func newLease(l *listener, p Presentation, s *shown) *lease {
	return &lease{listener: l, presentation: p, shown: s, open: make(map[int]*tap), changed: make(chan struct{})}
}

// note wakes those who wait for a change. The caller holds mu.
func (l *lease) note() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// take serves a connection that the listener has accepted.
func (l *lease) take(tcp *net.TCPConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	index := len(l.sightings)
	see := harness.Sighting{Connection: index + 1}
	l.sightings = append(l.sightings, see)
	c := &conn{tap: newTap(tcp), sighting: see}
	l.open[index] = c.tap
	if l.cut {
		tcp.Close() // serve will find it so
	}
	l.note()
	go func() {
		see := c.serve(&l.presentation, l.shown)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.sightings[index] = see
		delete(l.open, index)
		l.note()
	}()
}

// wait waits until at least n connections have come and all that have come
// have ended. It ends early, with an error, when ctx does.
func (l *lease) wait(ctx context.Context, n int) error {
	for {
		l.mu.Lock()
		came, open, cut, changed := len(l.sightings), len(l.open), l.cut, l.changed
		l.mu.Unlock()
		switch {
		case open == 0 && came >= n:
			return nil
		case cut && open == 0:
			return fmt.Errorf("%d of %d connections came: %w", came, n, errCut)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for %d connections of which %d came and %d are open: %w", n, came, open, context.Cause(ctx))
		}
	}
}

// ended returns the sightings of the connections that have ended.
func (l *lease) ended() []harness.Sighting {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []harness.Sighting
	for i, s := range l.sightings {
		if l.open[i] == nil {
			all = append(all, s)
		}
	}
	return all
}

// abort cuts the connections that are open, and those yet to come.
func (l *lease) abort() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	for _, t := range l.open {
		t.TCPConn.Close()
	}
	l.note()
}
