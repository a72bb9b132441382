package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"sync"
	"time"
)

// A Chain is what a recipe yields. It is shared by all who ask for the
// recipe: its contents are not to be changed.
type Chain struct {
	Recipe string
	// Sent holds the certificates in DER as the server sends them, in this
	// order. The first is the leaf.
	Sent [][]byte
	// Key is the private key that the server holds: the leaf's, unless that
	// is the fault.
	Key crypto.Signer
	// Host is the name that a device asks for, unless a [Case] says otherwise.
	Host string
	// Anchors holds in DER the certificates that a device may be given. It
	// has no entry for [None].
	Anchors map[Anchor][]byte
	// T0 is the instant from which all certificates are dated.
	T0 time.Time
}

// A Maker makes chains, each once, when it is first asked for. It is safe for
// concurrent use.
type Maker struct {
	t0      time.Time
	keys    *Keys
	world   *world
	recipes map[string]Recipe
	encoder func() (*ecdsa.PrivateKey, error)

	mu     sync.Mutex
	goods  map[string]*plan // good recipes', for their certificates are shared
	chains map[string]func() (*Chain, error)
}

// New returns a maker of chains that are dated from t0. Keys may be nil: then
// keys are generated anew and kept in memory.
func New(t0 time.Time, keys *Keys) *Maker {
	if keys == nil {
		keys = NewKeys("")
	}
	m := &Maker{
		t0:      t0.UTC().Truncate(time.Second), // certificates know no smaller unit
		keys:    keys,
		recipes: make(map[string]Recipe),
		goods:   make(map[string]*plan),
		chains:  make(map[string]func() (*Chain, error)),
		encoder: sync.OnceValues(func() (*ecdsa.PrivateKey, error) {
			return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		}),
	}
	m.world = newWorld(m.t0)
	for _, r := range Recipes() {
		m.recipes[r.Name] = r
	}
	return m
}

// Chain returns the recipe's chain. An unknown name is a [*UnknownError] that
// names the nearest ones.
func (m *Maker) Chain(recipe string) (*Chain, error) {
	m.mu.Lock()
	chain, ok := m.chains[recipe]
	if !ok {
		p, err := m.plan(recipe)
		if err != nil {
			m.mu.Unlock()
			return nil, err
		}
		chain = sync.OnceValues(func() (*Chain, error) { return m.build(recipe, p) })
		m.chains[recipe] = chain
	}
	m.mu.Unlock()
	return chain()
}

// Named returns the chain of recipe plain-nameless-ecdsa with a leaf that is
// for these dNSNames, which need not be names of hosts, and for no other. It
// is made anew each time.
func (m *Maker) Named(names []string) (*Chain, error) {
	m.mu.Lock()
	p, err := m.plan("plain-nameless-ecdsa")
	m.mu.Unlock()
	if err != nil {
		return nil, err
	}
	san := []byte{} // an empty list, not none
	for _, name := range names {
		san = append(san, dns(name)...)
	}
	p.change(p.sent[0], func(c *cert) { c.edit(setSAN(san, true)) })
	return m.build("plain-nameless-ecdsa with other names", p)
}

// plan returns the recipe's plan: its twin's, changed by its fault.
func (m *Maker) plan(recipe string) (*plan, error) {
	r, ok := m.recipes[recipe]
	if !ok {
		return nil, unknown(recipe)
	}
	if r.good != nil {
		if m.goods[recipe] == nil {
			m.goods[recipe] = r.good(m.world)
		}
		return m.goods[recipe].clone(), nil
	}
	p, err := m.plan(r.Twin)
	if err != nil {
		return nil, fmt.Errorf("twin of recipe %s: %w", recipe, err)
	}
	r.fault(m.world, p)
	return p, nil
}

func (m *Maker) build(recipe string, p *plan) (*Chain, error) {
	c := &Chain{Recipe: recipe, Host: p.host, T0: m.t0, Anchors: make(map[Anchor][]byte)}
	for _, cert := range p.sent {
		der, err := cert.der(m)
		if err != nil {
			return nil, fmt.Errorf("recipe %s: %w", recipe, err)
		}
		c.Sent = append(c.Sent, der)
	}
	for anchor, cert := range p.anchors {
		der, err := cert.der(m)
		if err != nil {
			return nil, fmt.Errorf("recipe %s: anchor %s: %w", recipe, anchor, err)
		}
		c.Anchors[anchor] = der
	}
	key, err := m.keys.get(p.key)
	if err != nil {
		return nil, fmt.Errorf("recipe %s: the server's key: %w", recipe, err)
	}
	c.Key = key
	return c, nil
}
