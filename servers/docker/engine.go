// Package docker starts the rig's containers through Testcontainers and sees
// to it that none outlives its use.
//
// Containers share the host's network and are told to listen on loopback.
// Docker's port publishing would put a relay between client and server which
// turns a client's reset into an orderly end and accepts connections for a
// server that has not seen them yet, so that no one could say which endpoint
// a connection belongs to.
//
// Testcontainers' own reaper is an image from a registry and is not used.
// Containers carry a label that names the rig's process instead, and
// [Engine.Sweep] removes those whose process is gone.
package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	tclog "github.com/testcontainers/testcontainers-go/log"
)

// ErrAbsent is in the chain of an error where Docker does not answer.
var ErrAbsent = errors.New("docker does not answer")

// answerTimeout bounds the wait for a Docker engine that accepts a connection
// and says nothing.
const answerTimeout = 5 * time.Second

// An Engine is a connection to Docker.
type Engine struct {
	provider *testcontainers.DockerProvider
	rig      rig
}

// Open connects to the Docker engine that Testcontainers finds: DOCKER_HOST,
// the current context, or the usual socket.
func Open(ctx context.Context) (*Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	if err := askNamed(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	type result struct {
		provider *testcontainers.DockerProvider
		err      error
	}
	done := make(chan result, 1)
	// The library asks the engine without a context. Should that one never
	// answer, the goroutine stays until the process ends.
	go func() {
		p, err := newProvider()
		done <- result{p, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, fmt.Errorf("%w: %w", ErrAbsent, r.err)
		}
		me, err := self()
		return &Engine{provider: r.provider, rig: me}, err
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrAbsent, ctx.Err())
	}
}

// askNamed asks the engine that DOCKER_HOST names, if it does, for an answer.
// Testcontainers would silently take another one where that gives none.
func askNamed(ctx context.Context) error {
	host := os.Getenv(client.EnvOverrideHost)
	if host == "" {
		return nil
	}
	c, err := client.New(client.FromEnv)
	if err != nil {
		return fmt.Errorf("DOCKER_HOST=%s: %w", host, err)
	}
	defer c.Close()
	if _, err := c.Ping(ctx, client.PingOptions{}); err != nil {
		return fmt.Errorf("DOCKER_HOST=%s: %w", host, err)
	}
	return nil
}

// newProvider opens Testcontainers' provider without its reaper and without
// its log on standard error. Both can be told to it by the environment and by
// a global only; it reads them once, and they are put back.
func newProvider() (*testcontainers.DockerProvider, error) {
	const reaperOff = "TESTCONTAINERS_RYUK_DISABLED"
	if before, set := os.LookupEnv(reaperOff); set {
		defer os.Setenv(reaperOff, before)
	} else {
		defer os.Unsetenv(reaperOff)
	}
	if err := os.Setenv(reaperOff, "true"); err != nil {
		return nil, err
	}
	defer tclog.SetDefault(tclog.Default())
	tclog.SetDefault(tclog.NewNoopLogger())
	quiet := testcontainers.Generic2DockerOptions(testcontainers.WithLogger(tclog.NewNoopLogger()))
	return testcontainers.NewDockerProvider(quiet...)
}

// Close hangs up. Containers go on running.
func (e *Engine) Close() error { return e.provider.Close() }
