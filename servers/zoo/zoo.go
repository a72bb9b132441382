// Package zoo shows recipes' chains to any client: one port a recipe, and
// beside it what a correct client must do.
package zoo

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"trustrig/harness"
	"trustrig/servers"
	"trustrig/servers/docker"
	"trustrig/servers/pki"
	"trustrig/servers/stack"
	"trustrig/servers/tlsserver"
)

// patience is that of the rig's own server with a client of the zoo, at whose
// other end may be someone who types.
const patience = 10 * time.Minute

// An Exhibit is one recipe's chain on a port.
type Exhibit struct {
	Recipe string `json:"recipe"`
	// Is says what the chain is; of a faulty one, the fault.
	Is   string `json:"is"`
	Twin string `json:"twin,omitempty"` // the good recipe without the fault
	IP   string `json:"ip"`
	Port uint16 `json:"port"`
	// Questions are the ways to ask, the plainest first.
	Questions []Question `json:"questions"`
	// Missing is why the stack does not show it, "" where it does.
	Missing string `json:"missing,omitempty"`
}

// A Question is one way to connect, and what a correct client must do.
type Question struct {
	Host       string           `json:"host"`   // to ask for
	Anchor     string           `json:"anchor"` // to trust, by name
	AnchorFile string           `json:"anchor_file,omitempty"`
	Must       harness.Result   `json:"must"`
	Reasons    []harness.Reason `json:"reasons,omitempty"`
	Why        string           `json:"why"`
	Source     string           `json:"source"`
}

// Options are what to show.
type Options struct {
	Maker   *pki.Maker
	Recipes []pki.Recipe
	Stack   string     // "go", or a stack of the field
	Addr    netip.Addr // to listen on
	Dir     string     // of the anchors' files
	Say     func(string)
}

// A Zoo is open.
type Zoo struct {
	Exhibits []Exhibit
	stop     func() error
}

// Close ends the servers.
func (z *Zoo) Close() error { return z.stop() }

// Open starts the servers and writes the anchors.
func Open(ctx context.Context, o Options) (*Zoo, error) {
	chains := make([]*pki.Chain, len(o.Recipes))
	z := &Zoo{stop: func() error { return nil }}
	for i, r := range o.Recipes {
		var err error
		if chains[i], err = o.Maker.Chain(r.Name); err != nil {
			return nil, err
		}
		e := Exhibit{Recipe: r.Name, Is: r.Is, Twin: r.Twin}
		if e.Questions, err = questions(o.Dir, r, chains[i]); err != nil {
			return nil, err
		}
		z.Exhibits = append(z.Exhibits, e)
	}
	serve := serveOwn
	if o.Stack != "go" {
		serve = serveStack
	}
	if err := serve(ctx, o, chains, z); err != nil {
		return nil, errors.Join(err, z.Close())
	}
	return z, nil
}

// questions are the recipe's cases that need no clock but the right one.
func questions(dir string, r pki.Recipe, c *pki.Chain) ([]Question, error) {
	var all []Question
	for _, k := range r.Cases {
		if k.At != (pki.Instant{}) {
			continue
		}
		q := Question{Host: k.Host, Anchor: string(k.Anchor), Must: k.Must, Reasons: k.Reasons, Why: k.Why, Source: k.Source}
		if q.Host == "" {
			q.Host = c.Host
		}
		if der := c.Anchors[k.Anchor]; der != nil {
			var err error
			if q.AnchorFile, err = writeAnchor(dir, der); err != nil {
				return nil, err
			}
		}
		all = append(all, q)
	}
	slices.SortStableFunc(all, func(a, b Question) int { return plainness(a, c) - plainness(b, c) })
	return all, nil
}

// plainness orders questions: the root or the server's own certificate as
// anchor, and the chain's own name, come first.
func plainness(q Question, c *pki.Chain) int {
	rank := 0
	if q.Host != c.Host {
		rank++
	}
	if a := pki.Anchor(q.Anchor); a != pki.Root && a != pki.SelfSigned {
		rank += 2
	}
	return rank
}

func serveOwn(ctx context.Context, o Options, chains []*pki.Chain, z *Zoo) error {
	s, err := servers.Start(ctx, servers.Options{Kind: servers.InProcess, Addr: o.Addr, Listeners: max(1, len(chains))})
	if err != nil {
		return err
	}
	z.stop = s.Close
	for i, c := range chains {
		key, err := x509.MarshalPKCS8PrivateKey(c.Key)
		if err != nil {
			return fmt.Errorf("encoding the key of recipe %s: %w", c.Recipe, err)
		}
		ep, err := s.Open(ctx, tlsserver.Presentation{
			Certificate: tlsserver.Certificate{Chain: c.Sent, Key: key}, NoPSS: true, Patience: patience,
		})
		if err != nil {
			return err
		}
		z.Exhibits[i].IP, z.Exhibits[i].Port = ep.Addr().Addr().String(), ep.Addr().Port()
	}
	return nil
}

func serveStack(ctx context.Context, o Options, chains []*pki.Chain, z *Zoo) error {
	software, err := servers.Stack(o.Stack)
	if err != nil {
		return err
	}
	var sites []stack.Site
	for _, c := range chains {
		site, err := servers.Site(c.Recipe, c.Sent, c.Key)
		if err != nil {
			return err
		}
		sites = append(sites, site)
	}
	engine, err := docker.Open(ctx)
	if err != nil {
		return err
	}
	z.stop = engine.Close
	if _, err := engine.Sweep(ctx); err != nil {
		return err
	}
	r, err := stack.Run(ctx, engine, software, o.Addr, sites, o.Say)
	if err != nil {
		return err
	}
	shown := &stackZoo{options: o, running: r}
	z.stop = func() error { return errors.Join(shown.close(), engine.Close()) }
	for i := range z.Exhibits {
		if err := shown.place(ctx, &z.Exhibits[i]); err != nil {
			return err
		}
	}
	return nil
}

// A stackZoo is the zoo on a stack of the field.
type stackZoo struct {
	options Options
	running *stack.Running
	relays  []harness.Endpoint
}

// place says where an exhibit is. The stack listens on 127.0.0.1; a relay
// brings clients of another address there.
func (s *stackZoo) place(ctx context.Context, e *Exhibit) error {
	at, err := s.running.Addr(ctx, e.Recipe)
	if missing, ok := errors.AsType[*harness.MissingError](err); ok {
		e.Missing = missing.Why
		return nil
	}
	if err != nil {
		return err
	}
	if s.options.Addr != at.Addr() {
		ep, err := s.running.Open(ctx, e.Recipe, "")
		if err != nil {
			return err
		}
		s.relays = append(s.relays, ep)
		at = ep.Addr()
	}
	e.IP, e.Port = at.Addr().String(), at.Port()
	return nil
}

func (s *stackZoo) close() error {
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for _, ep := range s.relays {
		ep.Close(gone, 0) // whoever is connected is cut, as by any server that ends
	}
	return s.running.Close()
}
