package servers

import (
	"context"
	"errors"
	"net"
	"sync"

	"trustrig/servers/tlsserver"
)

func startInProcess(ctx context.Context, o Options, why string) (*Server, error) {
	server, err := tlsserver.New(ctx, o.Addr, o.Listeners)
	if err != nil {
		return nil, &SetupError{
			Problem: "the servers cannot listen", Err: err,
			Hint: "choose an address of this machine, and see whether it has ports left",
		}
	}
	here, there := net.Pipe()
	var serving sync.WaitGroup
	var served error
	serving.Go(func() { served = server.ServeControl(context.WithoutCancel(ctx), there) })
	stop := sync.OnceValue(func() error {
		serving.Wait() // the rig has hung up
		return errors.Join(served, server.Close())
	})
	return &Server{Client: tlsserver.NewClient(here), kind: InProcess, why: why, addr: o.Addr, stop: stop}, nil
}
