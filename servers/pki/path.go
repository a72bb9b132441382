package pki

import (
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"time"

	"trustrig/harness"
)

// Faults of the path: what is sent does not reach the anchor, or not in the
// expected way.

// send makes a fault of sending only some of the twin's certificates, by
// index, in the order given.
func send(indices ...int) func(*world, *plan) {
	return func(_ *world, p *plan) {
		var sent []*cert
		for _, i := range indices {
			sent = append(sent, p.sent[i])
		}
		p.sent = sent
	}
}

func missingRecipes() []Recipe {
	var rows []Recipe
	for _, generation := range []string{"", "2025-"} {
		for _, keyType := range keyTypes {
			rows = append(rows, Recipe{
				Family:  "path",
				Name:    "missing-intermediate-" + generation + keyType,
				Twin:    "letsencrypt-" + generation + keyType,
				Is:      "the server sends its leaf alone, so that nothing leads from it to the root",
				Source:  "RFC 5280 6.1.3(a)(1), RFC 8446 4.4.2",
				Must:    harness.Rejected,
				Reasons: []harness.Reason{harness.NotTrusted},
				Differs: []string{"sent"},
				spares:  []Anchor{Intermediate, Leaf},
				fault:   send(0),
			})
		}
	}
	for _, keyType := range keyTypes {
		rows = append(rows, Recipe{
			Family:  "path",
			Name:    "missing-cross-sign-" + keyType,
			Twin:    "letsencrypt-" + keyType,
			Is:      "the server sends leaf and intermediate without the cross-signed roots, so that nothing leads from the intermediate to the root",
			Source:  "RFC 5280 6.1.3(a)(1), RFC 8446 4.4.2",
			Must:    harness.Rejected,
			Reasons: []harness.Reason{harness.NotTrusted},
			Differs: []string{"sent"},
			spares:  slices.Concat([]Anchor{Intermediate, Leaf}, map[string][]Anchor{"ecdsa": {RootYE}, "rsa": {RootYR}}[keyType]),
			fault:   send(0, 1),
		})
	}
	return rows
}

// sendMore makes a fault of sending further certificates before the i-th.
func sendMore(i int, more func(*world, *plan) []*cert) func(*world, *plan) {
	return func(w *world, p *plan) { p.sent = slices.Insert(p.sent, i, more(w, p)...) }
}

// orderIsOpen: the order, and certificates besides, are what TLS 1.2 forbids
// and TLS 1.3 asks clients to bear.
const orderIsOpen = "RFC 5246 7.4.2, RFC 8446 4.4.2"

var pathFaults = []fault{
	{name: "missing-second", twin: "letsencrypt", is: "of four certificates the second intermediate is not sent", source: "RFC 5280 6.1.3(a)(1)",
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"sent"}, change: send(0, 1, 3)},
	{name: "reversed", twin: "letsencrypt", is: "the intermediates come in reverse order", source: orderIsOpen,
		must: harness.Either, reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"sent"}, change: send(0, 3, 2, 1)},
	{name: "leaf-last", is: "the server's own certificate comes last, where it must be first", source: "RFC 5246 7.4.2, RFC 8446 4.4.2",
		also:  []harness.Reason{harness.NameMismatch, harness.KeyUsage, harness.BadPossession, harness.NotTrusted},
		fatal: true, neighbour: "plain", differs: []string{"sent"}, change: send(1, 0)},
	{name: "duplicate-leaf", is: "the leaf is sent twice", source: orderIsOpen,
		must: harness.Either, reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"sent"}, change: send(0, 0, 1)},
	{name: "duplicate-intermediate", is: "the intermediate is sent twice", source: orderIsOpen,
		must: harness.Either, reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"sent"}, change: send(0, 1, 1)},
	{name: "unrelated-last", is: "another CA's intermediate is sent last", source: orderIsOpen,
		must: harness.Either, reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"sent+1"},
		change: sendMore(2, unrelated)},
	{name: "unrelated-between", is: "another CA's intermediate is sent between leaf and intermediate", source: orderIsOpen,
		must: harness.Either, reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"sent+1"},
		change: sendMore(1, unrelated)},
	{name: "root-sent", is: "the root is sent too, which it may be and need not", source: "RFC 5246 7.4.2, RFC 8446 4.4.2",
		must: harness.Accepted, differs: []string{"sent"}, anchors: []Anchor{Root, LookAlike},
		change: sendMore(2, func(_ *world, p *plan) []*cert { return []*cert{p.anchors[Root]} })},
	{name: "fake-root-sent", is: "a self-signed certificate with the root's name and another key is sent too", source: orderIsOpen,
		must: harness.Either, reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"sent"},
		change: sendMore(2, func(_ *world, p *plan) []*cert { return []*cert{p.anchors[LookAlike]} })},
	{name: "fake-root-between", is: "a self-signed certificate with the root's name and another key is sent before the intermediate", source: orderIsOpen,
		must: harness.Either, reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"sent"},
		change: sendMore(1, func(_ *world, p *plan) []*cert { return []*cert{p.anchors[LookAlike]} })},
	{name: "cross-sign-last", is: "the intermediate is sent twice, by the device's root and then by another", source: "RFC 5280 6.1, " + orderIsOpen,
		must: harness.Either, reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"sent+1"}, change: sendMore(2, crossSigned)},
	{name: "cross-sign-first", is: "the intermediate is sent twice, by another root and then by the device's", source: "RFC 5280 6.1, " + orderIsOpen,
		must: harness.Either, reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"sent+1"}, change: sendMore(1, crossSigned)},
	{name: "cross-sign-wrong", is: "the intermediate's certificate is by another root than the device's", source: "RFC 5280 6.1.3(a)(1)",
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"intermediate/issuer", "intermediate/authorityKeyIdentifier", "intermediate/signatureAlgorithm", "intermediate/tbs.signature"},
		change: func(w *world, p *plan) { p.sent = []*cert{p.sent[0], crossSigned(w, p)[0]} }},
	{name: "loop", is: "the intermediate is by a CA whose certificate is by the intermediate, and no root is in sight", source: "RFC 5280 6.1.3(a)(1)",
		also: []harness.Reason{harness.NotTrusted, harness.ChainTooLong}, differs: []string{"sent+2"}, change: loop},
	{name: "self-signed-intermediate", is: "the intermediate signed itself", source: "RFC 5280 6.1.3(a)(1)",
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"intermediate/issuer", "intermediate/authorityKeyIdentifier"},
		change: onIntermediate(func(c *cert, _ time.Time) { c.issuer, c.namesOwn = c.subject, true })},
	{name: "rekeyed-root", is: "the root has a new key under its old name, and signed the intermediate with it", source: "RFC 5280 6.1.3(a)(1)",
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"intermediate/authorityKeyIdentifier"},
		more:   []Case{accepted(NewRoot, "the path ends at this anchor", "RFC 5280 6.1")},
		change: rekeyRoot},
	{name: "leaf-as-issuer", is: "the leaf is signed with the key of another server's leaf, which the intermediate issued", source: "RFC 5280 6.1.4(k)",
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"sent+2", "key"}, change: leafAsIssuer},
	{name: "name-chain-broken", is: "the leaf names an issuer of another name, though the intermediate's key signed it", source: "RFC 5280 6.1.3(a)(4)",
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"leaf/issuer"},
		change: onLeaf(func(c *cert, _ time.Time) { c.issuer = renamed(c.issuer, "Plain Intermediate X") })},
	{name: "empty-issuer", is: "the intermediate has no name, which its leaf gives as the issuer's", source: "RFC 5280 4.1.2.4",
		must: harness.Either, also: []harness.Reason{harness.NotTrusted, harness.Malformed}, fatal: true, neighbour: "plain",
		differs: []string{"leaf/issuer", "intermediate/subject"}, change: withoutName},
	{name: "misleading-key-id", is: "the leaf's authorityKeyIdentifier is another key's, though the intermediate's key signed it", source: "RFC 5280 6.1, 4.2.1.1",
		must: harness.Either, reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"leaf/authorityKeyIdentifier"},
		change: onLeaf(encoded(func(t *tbs) error {
			return t.replace(extension(oidAuthorityKeyID, false, append([]byte{0x30, 22, 0x80, 20}, make([]byte, 20)...)))
		}))},
	{name: "no-key-id", is: "the leaf has no authorityKeyIdentifier, which path validation does not use", source: "RFC 5280 6.1",
		must: harness.Accepted, differs: []string{"leaf/authorityKeyIdentifier"},
		change: onLeaf(encoded(removeExtension(oidAuthorityKeyID)))},
}

// unrelated returns an intermediate of another CA.
func unrelated(w *world, _ *plan) []*cert {
	return []*cert{w.twoTier(otherCAs[0], "").certs["issuer/root"]}
}

// crossSigned returns the plan's intermediate as another CA certified it.
func crossSigned(w *world, p *plan) []*cert {
	c := p.sent[1].clone()
	c.issuer = w.twoTier(otherCAs[0], "").entities["root"]
	return []*cert{c}
}

func loop(_ *world, p *plan) {
	other := &entity{name: p.sent[1].issuer.name, key: keySpec{"loop", p256}, keyID: sha1KeyID}
	other.name.CommonName = "Plain Loop"
	up, down := p.sent[1].clone(), p.sent[1].clone()
	up.issuer, up.template.MaxPathLen, up.template.MaxPathLenZero = other, -1, false
	down.subject, down.issuer, down.role = other, up.subject, "loop"
	down.template.MaxPathLen, down.template.MaxPathLenZero = -1, false
	p.sent = []*cert{p.sent[0], up, down}
}

func rekeyRoot(_ *world, p *plan) {
	next := *p.anchors[Root].subject
	next.key.role += "-next"
	root := p.anchors[Root].clone()
	root.subject, root.issuer = &next, &next
	p.change(p.sent[1], func(c *cert) { c.issuer = &next })
	p.anchors[NewRoot] = root
}

func leafAsIssuer(_ *world, p *plan) {
	victim := p.sent[0]
	attacker := victim.clone()
	attacker.role = "leaf-of-attacker"
	attacker.subject = &entity{name: victim.subject.name, key: keySpec{"leaf-of-attacker", p256}, keyID: sha256KeyID}
	attacker.subject.name.CommonName = "www.example.net"
	attacker.template.DNSNames = []string{"www.example.net"}
	forged := victim.clone()
	forged.role, forged.issuer = "leaf-forged", attacker.subject
	forged.subject = &entity{name: victim.subject.name, key: keySpec{"leaf-forged", p256}, keyID: sha256KeyID}
	p.sent, p.key = []*cert{forged, attacker, p.sent[1]}, forged.subject.key
}

func renamed(e *entity, name string) *entity {
	f := *e
	f.name.CommonName = name
	return &f
}

func withoutName(_ *world, p *plan) {
	e := *p.sent[1].subject
	e.name = pkix.Name{}
	p.change(p.sent[1], func(c *cert) { c.subject = &e })
	p.change(p.sent[0], func(c *cert) { c.issuer = &e })
}

// depth returns a good recipe with n intermediates.
func depth(n int) Recipe {
	r := Recipe{
		Name:   fmt.Sprintf("depth-%d-ecdsa", n),
		Is:     fmt.Sprintf("%d intermediates between leaf and root, all sent", n),
		Source: "RFC 5280 6.1",
		Must:   harness.Accepted,
		Cases:  []Case{accepted(Root, "the path ends at this anchor", "RFC 5280 6.1")},
		good:   func(w *world) *plan { return w.depth(n) },
	}
	if n > 0 {
		r.Cases = append(r.Cases, accepted(Intermediate, "an anchor is any key that the device is told to trust", "RFC 5280 6.1.1(d)"))
	}
	if n > 8 { // no text says how long a path a device has to walk; mbedTLS walks 8
		r.Must = harness.Either
		r.Cases[0] = Case{Anchor: Root, Must: harness.Either, Reasons: []harness.Reason{harness.ChainTooLong},
			Why: "how long a path a device can walk is its own limit", Source: "RFC 5280 6.1"}
	}
	return r
}

// depth lays out the plain chain with n intermediates: the leaf is by the
// first, the last is by the root.
func (w *world) depth(n int) *plan {
	h := w.twoTier(plain[0], "")
	root, leaf := h.certs["root/root"], h.certs["leaf"].clone()
	anchors := map[Anchor]*cert{Root: root}
	sent := []*cert{leaf}
	below := leaf
	for i := 1; i <= n; i++ {
		c := h.certs["issuer/root"].clone()
		c.role = fmt.Sprintf("depth-%d", i)
		c.subject = &entity{name: root.subject.name, key: keySpec{c.role, p256}, keyID: sha1KeyID}
		c.subject.name.CommonName = fmt.Sprintf("Plain Intermediate %d", i)
		c.template.MaxPathLen, c.template.MaxPathLenZero = -1, false
		below.issuer = c.subject
		below = c
		sent = append(sent, c)
	}
	below.issuer = root.subject
	if n > 0 {
		anchors[Intermediate] = sent[1]
	}
	return good(anchors, sent...)
}

func depthRecipes() []Recipe {
	var rows []Recipe
	for n := range 11 {
		rows = append(rows, depth(n))
	}
	return rows
}
