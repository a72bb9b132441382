package tlsserver

import (
	"net"
	"net/netip"
	"sync/atomic"
	"testing"

	"trustrig/harness"
)

// held returns a listener whose accept loop stands still until it is released:
// what is established meanwhile stays in the kernel's queue.
func held(t *testing.T) (l *listener, strays *atomic.Int64, release func()) {
	t.Helper()
	strays = new(atomic.Int64)
	l, err := listen(t.Context(), netip.MustParseAddr("127.0.0.1"), strays)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	l.mu.Lock()
	return l, strays, l.mu.Unlock
}

func connect(t *testing.T, l *listener) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", l.addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*net.TCPConn)
}

// TestFence holds that connections belong to the endpoint that had the
// listener when they were established, not when they were accepted, and that
// one that was reset in between is not lost.
func TestFence(t *testing.T) {
	p := presentation(t)
	s, err := p.prepare(make(keyRing))
	if err != nil {
		t.Fatal(err)
	}
	l, strays, release := held(t)
	connect(t, l).Close()
	reset := connect(t, l)
	reset.SetLinger(0)
	reset.Close()
	release()
	first, second := newLease(l, p, s), newLease(l, p, s)
	if err := l.hand(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if got := strays.Load(); got != 2 {
		t.Errorf("%d strays before the first endpoint, want 2", got)
	}

	l.mu.Lock()
	connect(t, l).Close()
	reset = connect(t, l)
	reset.SetLinger(0)
	reset.Close()
	connect(t, l).Close()
	l.mu.Unlock()
	if err := l.hand(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	connect(t, l).Close()
	if err := l.hand(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		lease *lease
		want  []harness.End
	}{
		"first":  {first, []harness.End{harness.EndEOF, harness.EndReset, harness.EndEOF}},
		"second": {second, []harness.End{harness.EndEOF}},
	} {
		if err := c.lease.wait(soon(t), 0); err != nil {
			t.Fatal(err)
		}
		var got []harness.End
		for i, see := range c.lease.ended() {
			got = append(got, see.End)
			if see.Connection != i+1 {
				t.Errorf("%s endpoint: connection %d is number %d", name, i+1, see.Connection)
			}
		}
		if len(got) != len(c.want) {
			t.Fatalf("%s endpoint: %v, want %v", name, got, c.want)
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s endpoint: %v, want %v", name, got, c.want)
			}
		}
	}
}
