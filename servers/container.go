package servers

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"sync"

	"trustrig/servers/docker"
	"trustrig/servers/tlsserver"
)

// startDocker starts the TLS server in a container, after sweeping what runs
// that were killed have left.
func startDocker(ctx context.Context, o Options) (*Server, error) {
	engine, err := docker.Open(ctx)
	if err != nil {
		return nil, setupError(err)
	}
	s, err := startContainer(ctx, engine, o)
	if err != nil {
		return nil, setupError(errors.Join(err, engine.Close()))
	}
	return s, nil
}

func startContainer(ctx context.Context, engine *docker.Engine, o Options) (*Server, error) {
	if _, err := engine.Sweep(ctx); err != nil {
		return nil, fmt.Errorf("removing what earlier runs have left: %w", err)
	}
	files, err := buildContext(ctx, o.Cache)
	if err != nil {
		return nil, err
	}
	image, err := engine.Image(ctx, "trustrig/tlsserver", files, nil)
	if err != nil {
		return nil, err
	}
	token := newToken()
	c, err := engine.Run(ctx, docker.Spec{
		Part: "tlsserver", Image: image, Ready: tlsserver.ReadyLine,
		Args: []string{"-addr", o.Addr.String(), "-listeners", strconv.Itoa(o.Listeners)},
		Env:  map[string]string{tlsserver.TokenVariable: token},
	})
	if err != nil {
		return nil, err
	}
	client, err := tlsserver.Dial(ctx, c.Ready(), token)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", errOtherNetwork, err), c.Close())
	}
	why := fmt.Sprintf("servers: in Docker, container %.12s of %s", c.ID(), image)
	stop := sync.OnceValue(func() error { return errors.Join(c.Close(), engine.Close()) })
	return &Server{Client: client, kind: Docker, why: why, addr: o.Addr, stop: stop}, nil
}

// errOtherNetwork is the case of Docker in a virtual machine, or without root.
var errOtherNetwork = errors.New("the host network of Docker is not this machine's")

// setupError adds to an error what there is to be done.
func setupError(err error) error {
	hint := "take -servers inprocess"
	switch {
	case errors.Is(err, docker.ErrAbsent):
		hint = "start Docker and see that you may use its socket, or " + hint
	case errors.Is(err, errNoSource):
		hint = "run in a checkout of trustrig, or " + hint
	case errors.Is(err, exec.ErrNotFound):
		hint = "install Go, which builds the container's server, or " + hint
	}
	return &SetupError{Problem: "Docker cannot run the servers", Hint: hint, Err: err}
}

func newToken() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
