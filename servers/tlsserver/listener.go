package tlsserver

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// fenceTimeout bounds the making of a fence. It is a connection over loopback,
// which only a full queue can delay.
const fenceTimeout = 5 * time.Second

// A listener accepts connections and gives them to the endpoint that has
// leased it, or counts them as strays.
//
// Where one endpoint's connections end and the next one's begin is told by a
// fence: a connection that the listener makes to itself. The kernel hands out
// connections in the order in which they were established, so whatever was
// established before the fence is accepted before it.
type listener struct {
	tcp    *net.TCPListener
	strays *atomic.Int64
	done   chan struct{} // closed when the accept loop has ended
	err    error         // why it has, once done is closed

	mu     sync.Mutex // held while a fence is dialled, so that no fence is taken for a client
	fences map[netip.AddrPort]func()

	lease *lease // used by the accept loop only
}

func listen(ctx context.Context, addr netip.Addr, strays *atomic.Int64) (*listener, error) {
	var lc net.ListenConfig
	nl, err := lc.Listen(ctx, "tcp", netip.AddrPortFrom(addr, 0).String())
	if err != nil {
		return nil, err
	}
	l := &listener{
		tcp: nl.(*net.TCPListener), strays: strays,
		done: make(chan struct{}), fences: make(map[netip.AddrPort]func()),
	}
	go l.loop()
	return l, nil
}

func (l *listener) addr() netip.AddrPort { return l.tcp.Addr().(*net.TCPAddr).AddrPort() }

// close ends the accept loop and waits for it.
func (l *listener) close() {
	l.tcp.Close()
	<-l.done
}

func (l *listener) loop() {
	defer close(l.done)
	for {
		c, err := l.tcp.AcceptTCP()
		if err != nil {
			l.err = err
			return
		}
		peer := addrPort(c.RemoteAddr())
		l.mu.Lock()
		pass, isFence := l.fences[peer]
		delete(l.fences, peer)
		l.mu.Unlock()
		if isFence {
			c.SetLinger(0) // a reset: the fence leaves no port in TIME_WAIT
			c.Close()
			pass()
			continue
		}
		l.give(c)
	}
}

// give hands an accepted connection to the endpoint it belongs to.
func (l *listener) give(c *net.TCPConn) {
	if l.lease != nil {
		l.lease.take(c)
		return
	}
	l.strays.Add(1)
	c.Close()
}

// hand makes next, which may be nil, the endpoint of all connections that are
// established from now on. When it returns, all that were established before
// have been taken.
func (l *listener) hand(ctx context.Context, next *lease) error {
	passed := make(chan struct{})
	fence, err := l.dialFence(ctx, func() {
		l.lease = next
		close(passed)
	})
	if err != nil {
		return fmt.Errorf("switching the listener %s: %w", l.addr(), err)
	}
	defer fence.Close()
	select {
	case <-passed:
		return nil
	case <-l.done:
		return fmt.Errorf("switching the listener %s: %w", l.addr(), l.err)
	}
}

func (l *listener) dialFence(ctx context.Context, pass func()) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := net.Dialer{Timeout: fenceTimeout}
	c, err := d.DialContext(ctx, "tcp", l.addr().String()) // an unspecified address means this host
	if err != nil {
		return nil, err
	}
	l.fences[addrPort(c.LocalAddr())] = pass
	return c, nil
}

// addrPort returns an address in the one form that both sides of a connection
// have for it.
func addrPort(a net.Addr) netip.AddrPort {
	ap := a.(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}
