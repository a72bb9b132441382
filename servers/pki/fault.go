package pki

import (
	"time"

	"trustrig/harness"
)

// A fault is one row of a family of faults: what it changes in a good chain,
// and what must happen then. The zero values of its fields are what most
// faults have.
type fault struct {
	name      string // of the recipe, without the key type
	keyType   string // "" for "ecdsa"
	twin      string // without the key type; "" for "plain"
	is        string
	source    string
	must      harness.Result // "" for Rejected
	reasons   []harness.Reason
	also      []harness.Reason // besides reasons, or, where there are none, any of these
	differs   []string
	fatal     bool   // stops a device that verifies nothing as well
	neighbour string // without the key type
	onWire    bool
	anchors   []Anchor // nil for the root alone
	spares    []Anchor
	more      []Case
	change    func(*world, *plan)
}

func (f fault) recipe(family string) Recipe {
	keyType := f.keyType
	if keyType == "" {
		keyType = "ecdsa"
	}
	twin := f.twin
	if twin == "" {
		twin = "plain"
	}
	r := Recipe{
		Name:    f.name + "-" + keyType,
		Family:  family,
		Twin:    twin + "-" + keyType,
		Is:      f.is,
		Source:  f.source,
		Must:    f.must,
		Reasons: f.reasons,
		Differs: f.differs,
		OnWire:  f.onWire,
		only:    f.anchors,
		also:    f.also,
		spares:  f.spares,
		fatal:   f.fatal,
		except:  f.more,
		fault:   f.change,
	}
	if f.neighbour != "" {
		r.Neighbour = f.neighbour + "-" + keyType
	}
	if r.Must == "" {
		r.Must = harness.Rejected
	}
	if r.only == nil {
		r.only = []Anchor{Root}
	}
	return r
}

func recipesOf(family string, faults ...fault) []Recipe {
	var rows []Recipe
	for _, f := range faults {
		rows = append(rows, f.recipe(family))
	}
	return rows
}

// onLeaf, onIntermediate and onRoot make a fault of a change to one
// certificate. The root is the device's anchor and is not sent.
func onLeaf(f func(*cert, time.Time)) func(*world, *plan)         { return changeSent(0, f) }
func onIntermediate(f func(*cert, time.Time)) func(*world, *plan) { return changeSent(1, f) }

func onRoot(f func(*cert, time.Time)) func(*world, *plan) {
	return func(w *world, p *plan) {
		p.change(p.anchors[Root], func(c *cert) { f(c, w.t0) })
	}
}

// encoded makes a certificate's change of one of the encoded TBSCertificate.
func encoded(edit func(*tbs) error) func(*cert, time.Time) {
	return func(c *cert, _ time.Time) { c.edit(edit) }
}

// signed makes a certificate's change of one of the signed certificate, whose
// DER it is given and returns.
func signed(f func(der []byte) []byte) func(*cert, time.Time) {
	return func(c *cert, _ time.Time) { c.afterwards = f }
}
