package stack

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"trustrig/harness"
	"trustrig/servers/docker"
)

const (
	// upTimeout bounds the wait for a software that has been started.
	upTimeout = 20 * time.Second
	// lives is how often a software is started in a run: one that died is
	// started again once.
	lives = 2
)

// loopback is where software listens.
var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// A Running is a software with its sites. It is safe for concurrent use.
type Running struct {
	software Software
	engine   *docker.Engine
	image    string
	sites    []Site
	addr     netip.Addr // of relays

	mu    sync.Mutex
	life  *life
	lives int
}

// Run builds the software's image, unless Docker has it, and starts it with
// these sites, whose ports it chooses. The software listens on loopback, the
// relays before it on addr. say, which may be nil, is told what takes long.
func Run(ctx context.Context, e *docker.Engine, s Software, addr netip.Addr, sites []Site, say func(string)) (*Running, error) {
	image, err := imageOf(ctx, e, s, say)
	if err != nil {
		return nil, err
	}
	r := &Running{software: s, engine: e, image: image, sites: sites, addr: addr}
	if _, err := r.alive(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// alive returns the software's container, a new one if the last has died and
// may be started again.
func (r *Running) alive(ctx context.Context) (*life, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.life != nil && !r.life.journal.ended() {
		return r.life, nil
	}
	if r.life != nil && r.lives >= lives {
		err := r.life.journal.wait(ctx, func([]Event) bool { return false })
		return nil, fmt.Errorf("%s died %d times: %w", r.software.Name, r.lives, err)
	}
	if r.life != nil {
		if err := r.life.close(); err != nil {
			return nil, err
		}
	}
	r.lives++
	l, err := r.start(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", r.software.Name, err)
	}
	r.life = l
	return l, nil
}

func (r *Running) start(ctx context.Context) (*life, error) {
	config, err := r.config()
	if err != nil {
		return nil, err
	}
	spec := docker.Spec{Part: r.software.Name, Image: r.image, Ready: Starting}
	if spec.Files, err = r.software.Configure(config); err != nil {
		return nil, err
	}
	if r.software.Published {
		for _, s := range config.Sites {
			spec.Publish = append(spec.Publish, s.Port)
		}
	}
	container, err := r.engine.Run(ctx, spec)
	if err != nil {
		return nil, err
	}
	l := &life{
		container: container, journal: newJournal(r.software.Read), control: netip.AddrPortFrom(config.Addr, config.Control),
		at: make(map[string]netip.AddrPort), refused: make(map[string]string),
	}
	follow, cut := context.WithCancel(context.WithoutCancel(ctx))
	l.cut = cut
	l.following.Go(func() {
		container.Follow(follow, l.journal) // its end, however it came, is the journal's
		l.journal.end()
	})
	if err := r.up(ctx, l, config); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// config chooses ports. Those of a container with a network of its own are its
// own.
func (r *Running) config() (Config, error) {
	c := Config{Addr: loopback, Sites: append([]Site(nil), r.sites...)}
	if r.software.Published {
		for i := range c.Sites {
			c.Sites[i].Port = uint16(20000 + i)
		}
		return c, nil
	}
	ports, err := FreePorts(c.Addr, len(r.sites)+1)
	if err != nil {
		return c, err
	}
	c.Control = ports[0]
	for i := range c.Sites {
		c.Sites[i].Port = ports[i+1]
	}
	return c, nil
}

// Close removes the container.
func (r *Running) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.life == nil {
		return nil
	}
	l := r.life
	r.life, r.lives = nil, lives
	return l.close()
}

// Kill ends the software without a word to it, and returns once it is gone.
func (r *Running) Kill(ctx context.Context) error {
	l, err := r.alive(ctx)
	if err != nil {
		return err
	}
	if err := l.container.Kill(ctx); err != nil {
		return err
	}
	l.following.Wait()
	return nil
}

// Addr returns where a site can be reached without a relay. Its error is a
// *harness.MissingError where the software does not serve it.
func (r *Running) Addr(ctx context.Context, site string) (netip.AddrPort, error) {
	l, err := r.alive(ctx)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return r.addrOf(l, site)
}

func (r *Running) addrOf(l *life, site string) (netip.AddrPort, error) {
	if why, refused := l.refused[site]; refused {
		return netip.AddrPort{}, &harness.MissingError{What: r.software.Name + " with " + site, Why: why}
	}
	at, ok := l.at[site]
	if !ok {
		return at, fmt.Errorf("%s has no site %q", r.software.Name, site)
	}
	return at, nil
}
