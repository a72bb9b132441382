package servers

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"trustrig/harness"
	"trustrig/servers/docker"
	"trustrig/servers/gnutls"
	"trustrig/servers/haproxy"
	"trustrig/servers/mosquitto"
	"trustrig/servers/nginx"
	"trustrig/servers/stack"
)

// Stacks lists the server software of the field.
func Stacks() []func() (stack.Software, error) {
	return []func() (stack.Software, error){nginx.Software, haproxy.Software, mosquitto.Software, gnutls.Software}
}

// Stack returns the stack of a name.
func Stack(name string) (stack.Software, error) {
	var names []string
	for _, software := range Stacks() {
		s, err := software()
		if err != nil || s.Name == name {
			return s, err
		}
		names = append(names, s.Name)
	}
	return stack.Software{}, fmt.Errorf("there is no stack %q beside go, but %s", name, strings.Join(names, ", "))
}

// Site makes a site of a chain.
func Site(name string, chain [][]byte, key crypto.Signer) (stack.Site, error) {
	s := stack.Site{Name: name}
	for _, der := range chain {
		s.Chain = append(s.Chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return s, fmt.Errorf("encoding the key of site %s: %w", name, err)
	}
	s.Key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	return s, nil
}

// A Field is the stacks of the field, each in a container. They are started
// side by side, when the first of them is asked for.
type Field struct {
	missing string // why there are none, "" where there may be
	addr    netip.Addr
	sites   func() ([]stack.Site, error)
	say     func(string)

	start  sync.Once
	cancel context.CancelFunc // ends what is still starting
	engine *docker.Engine
	stacks map[string]*fielded
	all    sync.WaitGroup
}

// A fielded stack is one that has been started once ready is closed.
type fielded struct {
	ready   chan struct{}
	running *stack.Running
	err     error
}

// Field returns the stacks of the field beside the rig's own servers, each
// with these sites, which are asked for when they are needed. There are none
// where those run in-process. say, which may be nil, is told what takes long.
func (s *Server) Field(sites func() ([]stack.Site, error), say func(string)) *Field {
	f := &Field{addr: s.addr, sites: sites, say: say, stacks: make(map[string]*fielded)}
	if s.kind != Docker {
		f.missing = s.why
	}
	return f
}

// Open opens an endpoint before a site of a stack, through a relay that acts
// as named. Its error is a *harness.MissingError where the stack can not be
// had, or refuses the site.
func (f *Field) Open(ctx context.Context, name, site, act string) (harness.Endpoint, error) {
	r, err := f.running(ctx, name)
	if err != nil {
		return nil, err
	}
	return r.Open(ctx, site, act)
}

func (f *Field) running(ctx context.Context, name string) (*stack.Running, error) {
	if f.missing != "" {
		return nil, &harness.MissingError{What: "stack " + name, Why: f.missing}
	}
	f.start.Do(func() { f.startAll(ctx) })
	s, ok := f.stacks[name]
	if !ok {
		return nil, fmt.Errorf("there is no stack %q", name)
	}
	select {
	case <-s.ready:
		return s.running, s.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// startAll starts every stack, and returns while they are starting.
func (f *Field) startAll(ctx context.Context) {
	// For the run, not for the scenario that came first.
	ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	prepared := sync.OnceValues(func() ([]stack.Site, error) { return f.prepare(ctx) })
	for _, software := range Stacks() {
		software, err := software()
		s := &fielded{ready: make(chan struct{}), err: err}
		f.stacks[software.Name] = s
		f.all.Go(func() {
			defer close(s.ready)
			if s.err != nil {
				return
			}
			sites, err := prepared()
			if err == nil {
				s.running, err = stack.Run(ctx, f.engine, software, f.addr, sites, f.say)
			}
			s.err = err
			if errors.Is(err, stack.ErrImage) {
				s.err = &harness.MissingError{What: "stack " + software.Name, Why: oneLine(err)}
			}
		})
	}
}

// prepare makes what all stacks need: the sites and the base image.
func (f *Field) prepare(ctx context.Context) ([]stack.Site, error) {
	engine, err := docker.Open(ctx)
	if err != nil {
		return nil, err
	}
	f.engine = engine
	if _, err := engine.Base(ctx, f.say); err != nil {
		return nil, fmt.Errorf("%w: %w", stack.ErrImage, err)
	}
	return f.sites()
}

// Close removes the stacks' containers, and ends the starting of those that are
// not there yet.
func (f *Field) Close() error {
	if f.cancel != nil {
		f.cancel()
	}
	f.all.Wait()
	var errs []error
	for _, s := range f.stacks {
		if s.running != nil {
			errs = append(errs, s.running.Close())
		}
	}
	if f.engine != nil {
		errs = append(errs, f.engine.Close())
	}
	return errors.Join(errs...)
}
