package pki

import (
	"maps"
	"slices"
	"time"
)

// host is the name that all good leaves are for.
const host = "api.example.com"

// A plan is a chain before it is made.
type plan struct {
	host    string
	sent    []*cert // leaf first
	key     keySpec // the server's
	anchors map[Anchor]*cert
}

// good returns a plan in which the server holds the leaf's key.
func good(anchors map[Anchor]*cert, sent ...*cert) *plan {
	return &plan{host: host, sent: sent, key: sent[0].subject.key, anchors: anchors}
}

// clone returns a plan of the same certificates.
func (p *plan) clone() *plan {
	q := *p
	q.sent, q.anchors = slices.Clone(p.sent), maps.Clone(p.anchors)
	return &q
}

// change replaces a certificate by a changed clone, among those sent and
// among the anchors, and returns the clone.
func (p *plan) change(c *cert, f func(*cert)) *cert {
	d := c.clone()
	f(d)
	for i := range p.sent {
		if p.sent[i] == c {
			p.sent[i] = d
		}
	}
	for a := range p.anchors {
		if p.anchors[a] == c {
			p.anchors[a] = d
		}
	}
	return d
}

// changeSent makes a fault of a change to the i-th certificate sent.
func changeSent(i int, f func(*cert, time.Time)) func(*world, *plan) {
	return func(w *world, p *plan) {
		p.change(p.sent[i], func(c *cert) { f(c, w.t0) })
	}
}

// The world is what good chains are made of. Certificates in it are shared by
// all plans. It is used under its maker's lock.
type world struct {
	t0        time.Time
	le        *hierarchy // Let's Encrypt-like
	lookAlike *hierarchy // the attacker's: le's names, other keys
	copyCat   *hierarchy // the attacker's, with le's key identifiers too
	leaves    map[leafName]*cert
	twoTiers  map[string]*hierarchy
	foreign   *cert // a root that has nothing to do with le
}

type leafName struct{ hierarchy, profile, keyType, issuer string }

func newWorld(t0 time.Time) *world {
	w := &world{
		t0:        t0,
		le:        letsEncrypt(t0, "letsencrypt", ""),
		lookAlike: letsEncrypt(t0, "look-alike", "look-alike-"),
		copyCat:   letsEncrypt(t0, "copy-cat", "look-alike-"),
		leaves:    make(map[leafName]*cert),
		twoTiers:  make(map[string]*hierarchy),
	}
	for label, e := range w.copyCat.entities {
		e.idKey = &w.le.entities[label].key
	}
	w.foreign = w.twoTier(otherCAs[0], "").certs["root/root"]
	return w
}

func (w *world) twoTier(ca twoTier, prefix string) *hierarchy {
	name := prefix + ca.recipe
	if w.twoTiers[name] == nil {
		w.twoTiers[name] = ca.lay(w.t0, prefix)
	}
	return w.twoTiers[name]
}

// leaf returns the leaf for the usual host, the same one to all who ask for
// it.
func (w *world) leaf(h *hierarchy, p profile, keyType, issuer string) *cert {
	name := leafName{h.name, p.name, keyType, issuer}
	if w.leaves[name] == nil {
		leaf := h.leaf(w.t0, p, keyType, issuer, host)
		if h == w.copyCat {
			leaf.subject.idKey = &w.leaf(w.le, p, keyType, issuer).subject.key
		}
		w.leaves[name] = leaf
	}
	return w.leaves[name]
}
