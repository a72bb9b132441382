package pki

import (
	"slices"

	"trustrig/harness"
)

// keyTypes are the leaf's, and the last word of a recipe's name.
var keyTypes = []string{"ecdsa", "rsa"}

// A route is a path of the Let's Encrypt-like CA from the leaf's issuer
// upwards, as a server sends it.
type route struct {
	recipe  string
	keyType string
	sent    []string // after the leaf, as "subject/issuer"
	accepts []Anchor // the roots at which the path can end
	is      string
}

// routes are the CA's default chains, and the alternates that it offers.
var routes = []route{
	{"letsencrypt-ecdsa", "ecdsa", []string{"ye1/ye", "ye/x2", "x2/x1"}, []Anchor{Root, RootX2, RootYE},
		"today's default: leaf ← YE1 ← Root YE ← X2 ← X1, four certificates sent"},
	{"letsencrypt-rsa", "rsa", []string{"yr1/yr", "yr/x1"}, []Anchor{Root, RootYR},
		"today's default: leaf ← YR1 ← Root YR ← X1, three certificates sent"},
	{"letsencrypt-2025-ecdsa", "ecdsa", []string{"e8/x1"}, []Anchor{Root},
		"the manual's: leaf ← E8 ← X1, two certificates sent"},
	{"letsencrypt-2025-rsa", "rsa", []string{"r12/x1"}, []Anchor{Root},
		"the manual's: leaf ← R12 ← X1, two certificates sent"},
	{"letsencrypt-to-x2-ecdsa", "ecdsa", []string{"ye1/ye", "ye/x2"}, []Anchor{RootX2, RootYE},
		"today's alternate: leaf ← YE1 ← Root YE ← X2, three certificates sent"},
	{"letsencrypt-to-ye-ecdsa", "ecdsa", []string{"ye1/ye"}, []Anchor{RootYE},
		"today's alternate: leaf ← YE1 ← Root YE, two certificates sent"},
	{"letsencrypt-to-yr-rsa", "rsa", []string{"yr1/yr"}, []Anchor{RootYR},
		"today's alternate: leaf ← YR1 ← Root YR, two certificates sent"},
	{"letsencrypt-2025-to-x2-ecdsa", "ecdsa", []string{"e8/x2"}, []Anchor{RootX2},
		"the manual's generation, alternate: leaf ← E8 ← X2, two certificates sent"},
}

// roots are the CA's, any of which a device may hold.
var roots = []struct {
	anchor Anchor
	cert   string
}{
	{Root, "x1/x1"}, {RootX2, "x2/x2"}, {RootYE, "ye/ye"}, {RootYR, "yr/yr"},
}

func letsEncryptRecipes() []Recipe {
	var rows []Recipe
	for _, r := range routes {
		rows = append(rows, Recipe{
			Name:   r.recipe,
			Is:     r.is,
			Source: "RFC 5280 6.1",
			Must:   harness.Accepted,
			Cases:  r.cases(),
			good:   func(w *world) *plan { return r.plan(w, classic) },
		})
	}
	for _, r := range routes[:2] {
		for _, p := range []profile{tlsServer, shortLived} {
			rows = append(rows, Recipe{
				Name:   "letsencrypt-" + p.name + "-" + r.keyType,
				Is:     r.is + "; the leaf of profile " + p.name + ", which has no subject",
				Source: "RFC 5280 6.1, 4.1.2.6",
				Must:   harness.Accepted,
				Cases:  r.cases(),
				good:   func(w *world) *plan { return r.plan(w, p) },
			})
		}
	}
	return rows
}

func (r route) plan(w *world, p profile) *plan {
	sent := r.certs(w.le, r.leaf(w, w.le, p))
	anchors := map[Anchor]*cert{
		Intermediate: sent[1],
		Leaf:         sent[0],
		LookAlike:    w.lookAlike.certs["x1/x1"],
		Foreign:      w.foreign,
	}
	for _, root := range roots {
		anchors[root.anchor] = w.le.certs[root.cert]
	}
	return good(anchors, sent...)
}

// leaf returns the leaf of the route under the hierarchy. Plans share it.
func (r route) leaf(w *world, h *hierarchy, p profile) *cert {
	issuer := h.certs[r.sent[0]].subject.label
	return w.leaf(h, p, r.keyType, issuer)
}

func (r route) certs(h *hierarchy, leaf *cert) []*cert {
	sent := []*cert{leaf}
	for _, name := range r.sent {
		sent = append(sent, h.certs[name])
	}
	return sent
}

func (r route) cases() []Case {
	var cases []Case
	for _, root := range roots {
		if slices.Contains(r.accepts, root.anchor) {
			cases = append(cases, accepted(root.anchor, "the path ends at this anchor", "RFC 5280 6.1"))
		} else {
			cases = append(cases, untrusted(root.anchor, "no path ends at this anchor"))
		}
	}
	return append(cases,
		accepted(Intermediate, "an anchor is any key that the device is told to trust", "RFC 5280 6.1.1(d)"),
		Case{Anchor: Leaf, Must: harness.Either, Source: "RFC 5280 6.1.1(d)",
			Why: "whether an end-entity certificate may serve as an anchor is left to local policy"},
		untrusted(LookAlike, "an attacker's root of the same name has another key"),
		untrusted(Foreign, "another CA's root anchors nothing here"),
		noAnchor(),
	)
}

func accepted(a Anchor, why, source string) Case {
	return Case{Anchor: a, Must: harness.Accepted, Why: why, Source: source}
}

func untrusted(a Anchor, why string) Case {
	return Case{Anchor: a, Must: harness.Rejected, Reasons: []harness.Reason{harness.NotTrusted}, Why: why, Source: "RFC 5280 6.1.3(a)(1)"}
}

func noAnchor() Case {
	return Case{Anchor: None, Must: harness.Rejected, Reasons: []harness.Reason{harness.NoAnchor}, Source: "RFC 5280 6.1.1(d)",
		Why: "validation needs an anchor, and a camera has none of its own"}
}
