package tlsserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/rpc"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"trustrig/harness"
)

// abortPatience bounds the wait for a server that has been told to cut an
// endpoint's connections, which it does at once.
const abortPatience = 5 * time.Second

// A Client is a rig's end of the control connection to a [Server], be the
// server in the same process or not. It is safe for concurrent use.
type Client struct {
	rpc    *rpc.Client
	strays atomic.Int64
	// abandoned counts the orders to open an endpoint whose caller did not
	// wait for the answer. What they opened has to be closed again.
	abandoned sync.WaitGroup
}

// NewClient returns a client that speaks over conn and owns it.
func NewClient(conn io.ReadWriteCloser) *Client {
	return &Client{rpc: rpc.NewClient(conn)}
}

// Dial takes the server in hand whose [ReadyLine] gave the address, and which
// was told the token.
func Dial(ctx context.Context, addr, token string) (*Client, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("taking the TLS server in hand: %w", err)
	}
	if _, err := io.WriteString(conn, token+"\n"); err != nil {
		conn.Close()
		return nil, fmt.Errorf("taking the TLS server in hand: %w", err)
	}
	return NewClient(conn), nil
}

// Close hangs up. A server in a process of its own then ends.
func (c *Client) Close() error {
	err := c.rpc.Close() // which ends the calls that are under way
	c.abandoned.Wait()
	return err
}

// Strays returns how many connections had come to listeners that nobody had
// leased when the server last told of sightings.
func (c *Client) Strays() int { return int(c.strays.Load()) }

// Open opens an endpoint. Its error wraps [ErrNoListener] if there are as many
// open as there can be.
func (c *Client) Open(ctx context.Context, p Presentation) (*Endpoint, error) {
	var reply Opened
	call := c.start("Open", p, &reply)
	select {
	case <-call.Done:
	case <-ctx.Done():
		c.abandoned.Go(func() {
			if <-call.Done; call.Error == nil {
				c.start("Abort", reply.Endpoint, nil)
				<-c.start("Close", Asked{Endpoint: reply.Endpoint}, nil).Done
			}
		})
		return nil, fmt.Errorf("opening an endpoint: %w", context.Cause(ctx))
	}
	if err := asSentinel(call.Error); err != nil {
		return nil, fmt.Errorf("opening an endpoint: %w", err)
	}
	return &Endpoint{client: c, id: reply.Endpoint, addr: reply.Addr}, nil
}

func (c *Client) start(method string, args, reply any) *rpc.Call {
	return c.rpc.Go(service+"."+method, args, reply, make(chan *rpc.Call, 1))
}

// asSentinel finds an error of this package again that net/rpc has carried as
// text.
func asSentinel(err error) error {
	if _, remote := errors.AsType[rpc.ServerError](err); !remote {
		return err
	}
	for _, sentinel := range []error{ErrNoListener, ErrNoEndpoint} {
		if before, ok := strings.CutSuffix(err.Error(), sentinel.Error()); ok {
			return fmt.Errorf("%s%w", before, sentinel)
		}
	}
	return err
}

// An Endpoint is a running server with one presentation.
type Endpoint struct {
	client *Client
	id     uint64
	addr   netip.AddrPort
}

// Addr returns the address and port to connect to.
func (e *Endpoint) Addr() netip.AddrPort { return e.addr }

// Sightings waits until at least that many connections have come and all that
// have come have ended, and returns what the server saw of them, in their
// order. It returns ctx's error alone if ctx ends first.
func (e *Endpoint) Sightings(ctx context.Context, atLeast int) ([]harness.Sighting, error) {
	var seen Seen
	call := e.client.start("Sightings", Asked{e.id, atLeast}, &seen)
	select {
	case <-call.Done:
	case <-ctx.Done():
		// The server's wait ends with the endpoint.
		return nil, fmt.Errorf("asking for sightings of %s: %w", e.addr, context.Cause(ctx))
	}
	all, err := e.take(call, &seen)
	if err != nil {
		return all, fmt.Errorf("asking for sightings of %s: %w", e.addr, err)
	}
	return all, nil
}

// Close does as Sightings and ends the endpoint. All connections that were
// established before it was called are in the answer, accepted or not by then;
// later ones are strays. If ctx ends first, connections that are still open are
// cut and reported as [harness.EndServer], and the error wraps ctx's.
func (e *Endpoint) Close(ctx context.Context, atLeast int) ([]harness.Sighting, error) {
	var seen Seen
	call := e.client.start("Close", Asked{e.id, atLeast}, &seen)
	var late error
	select {
	case <-call.Done:
	case <-ctx.Done():
		late = context.Cause(ctx)
		e.client.start("Abort", e.id, nil)
		select {
		case <-call.Done:
		case <-time.After(abortPatience):
			return nil, fmt.Errorf("closing endpoint %s: the server does not answer: %w", e.addr, late)
		}
	}
	all, err := e.take(call, &seen)
	if err := errors.Join(late, err); err != nil {
		return all, fmt.Errorf("closing endpoint %s: %w", e.addr, err)
	}
	return all, nil
}

// take reads the answer to a call that has ended.
func (e *Endpoint) take(call *rpc.Call, seen *Seen) ([]harness.Sighting, error) {
	if call.Error != nil {
		return nil, asSentinel(call.Error)
	}
	e.client.strays.Store(int64(seen.Strays))
	if seen.Problem != "" {
		return seen.Sightings, errors.New(seen.Problem)
	}
	return seen.Sightings, nil
}
