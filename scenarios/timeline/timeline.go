package timeline

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"trustrig/harness"
	"trustrig/servers/pki"
)

// Options say what to ask. Only From must be set.
type Options struct {
	// From is when the server's leaf is issued, and the camera set up with
	// an anchor that is right on that day.
	From time.Time
	// Years is how far to look, 25 unless given.
	Years int
	// AsOf is the day whose knowledge counts; the zero time stands for From.
	AsOf time.Time
	// Server has an ECDSA leaf and the default chain unless it says
	// otherwise.
	Server Server
	// Anchors are the cameras', as [Anchors] has them; none stands for all
	// that are of any use to the server on that day.
	Anchors []string
	// Verifier is [Go] unless given.
	Verifier Verifier
}

func (o *Options) complete() {
	o.From = o.From.UTC().Truncate(time.Second)
	o.Years = cmp.Or(o.Years, 25)
	if o.AsOf.IsZero() {
		o.AsOf = o.From
	}
	o.Server.KeyType = cmp.Or(o.Server.KeyType, "ecdsa")
	o.Server.Practice = cmp.Or(o.Server.Practice, Default)
	if o.Verifier.Verify == nil {
		o.Verifier = Go()
	}
}

// anchorRoots are the roots that a camera may hold. The first is the manual's.
var anchorRoots = []struct{ anchor, label string }{
	{"root", "x1"}, {"root-x2", "x2"}, {"root-yr", "yr"}, {"root-ye", "ye"}, {"root-dst", "dst"},
}

// Anchors lists what a camera can hold: a root, the leaf's issuer, the leaf.
func Anchors() []string {
	names := []string{"root", "intermediate", "leaf"}
	for _, r := range anchorRoots[1:] {
		names = append(names, r.anchor)
	}
	return names
}

// A Timeline is what becomes of cameras that nobody touches.
type Timeline struct {
	KeyType  string    `json:"key_type"`
	Practice Practice  `json:"practice"`
	Seed     uint64    `json:"seed"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	AsOf     time.Time `json:"as_of"`
	Verifier string    `json:"verifier"`
	Renewals int       `json:"renewals"`
	Cameras  []Camera  `json:"cameras"`
	Events   []Event   `json:"events"`
	Assumed  []Ground  `json:"assumed"`
	// Second is what [Timeline.Ask] found.
	Second *Second `json:"second,omitempty"`
}

// A Camera holds one anchor for good.
type Camera struct {
	Anchor string `json:"anchor"`
	// Certificate names the anchor, whose last second is Ends.
	Certificate string    `json:"certificate"`
	Ends        time.Time `json:"ends"`
	Outages     []Outage  `json:"outages"`
	// Connected is the part of the time in which it connects, 0 to 1.
	Connected float64 `json:"connected"`

	moments []moment // by time
}

// An Outage is a time in which a camera does not connect.
type Outage struct {
	From time.Time `json:"from"` // its first second
	// To is the first second after it, zero if it lasts to the end.
	To     time.Time      `json:"to,omitzero"`
	Reason harness.Reason `json:"reason"` // of its first second
	Cause  Cause          `json:"cause"`
}

// A Cause is what brought an outage about: a day of the calendar. The outage
// itself may come with the server's first renewal after it.
type Cause struct {
	What    string     `json:"what"`
	At      time.Time  `json:"at"`
	Assumed Assumption `json:"assumed,omitempty"`
}

// Make makes the chains and has them verified. Its keys are the maker's.
func Make(ctx context.Context, maker *pki.Maker, o Options) (*Timeline, error) {
	o.complete()
	t := &Timeline{
		KeyType: o.Server.KeyType, Practice: o.Server.Practice, Seed: o.Server.Seed, Verifier: o.Verifier.Name,
		From: o.From, To: o.From.AddDate(o.Years, 0, 0), AsOf: o.AsOf, Assumed: Assumptions(),
	}
	cal := asOf(o.AsOf)
	cal.assume(o.Server.KeyType, t.To)
	ca, err := cal.found(maker)
	if err != nil {
		return nil, err
	}
	stretches, err := serve(ctx, cal, ca, o.Server, t.From, t.To)
	if err != nil {
		return nil, err
	}
	t.Renewals = len(stretches) - 1
	t.Events = cal.events(t.KeyType, t.Practice, t.From, t.To)
	anchors, err := cal.anchors(ca, stretches[0], o)
	if err != nil {
		return nil, err
	}
	for _, a := range anchors {
		w := walk{cal: cal, anchor: a, verify: o.Verifier.Verify, camera: Camera{Anchor: a.name, Certificate: a.is, Ends: a.notAfter, Outages: []Outage{}}}
		if err := w.along(ctx, stretches); err != nil {
			return nil, fmt.Errorf("anchor %s: %w", a.name, err)
		}
		t.Cameras = append(t.Cameras, w.camera)
	}
	return t, nil
}

// found founds the CA that has the calendar's certificates.
func (c *Calendar) found(maker *pki.Maker) (*pki.CA, error) {
	var certs []pki.AuthorityCertificate
	for _, fact := range c.certificates {
		certs = append(certs, fact.AuthorityCertificate)
	}
	return maker.NewCA(c.authorities, certs)
}

// An anchor is what a camera holds.
type anchor struct {
	name, is            string
	label               string // of a root
	der                 []byte
	notBefore, notAfter time.Time
}

// anchors returns those that were asked for, from the server's first chain.
func (c *Calendar) anchors(ca *pki.CA, first stretch, o Options) ([]anchor, error) {
	issuer := first.above[0]
	leaf, err := x509.ParseCertificate(first.chain.Sent[0])
	if err != nil {
		return nil, fmt.Errorf("parsing the first leaf: %w", err)
	}
	all := map[string]anchor{
		"intermediate": {is: c.describe(issuer), der: first.chain.Sent[1], notBefore: issuer.NotBefore, notAfter: issuer.NotAfter},
		"leaf":         {is: "the leaf of " + first.from.Format(time.DateOnly), der: first.chain.Sent[0], notBefore: leaf.NotBefore, notAfter: leaf.NotAfter},
	}
	var useful []string
	for _, r := range anchorRoots {
		root, ok := c.certificates[r.label+"/"+r.label]
		if !ok || root.assumed != "" {
			continue
		}
		der, err := ca.Certificate(root.ID())
		if err != nil {
			return nil, err
		}
		all[r.anchor] = anchor{is: c.describe(root), label: r.label, der: der, notBefore: root.NotBefore, notAfter: root.NotAfter}
		if c.serves(o.Server.KeyType, r.label) && root.NotAfter.After(o.From) {
			useful = append(useful, r.anchor)
		}
	}
	names := o.Anchors
	if len(names) == 0 {
		names = append(useful, "intermediate", "leaf")
	}
	var chosen []anchor
	for _, name := range names {
		a, ok := all[name]
		if !ok {
			return nil, fmt.Errorf("no anchor %q was known on %s; there are %s", name, o.AsOf.Format(time.DateOnly), strings.Join(Anchors(), ", "))
		}
		a.name = name
		chosen = append(chosen, a)
	}
	return chosen, nil
}
