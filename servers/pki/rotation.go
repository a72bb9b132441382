package pki

import (
	"slices"

	"trustrig/harness"
)

// What happens to an honest server in time: renewals, another intermediate,
// another root. The anchors are those that the device got before.

func rotationRecipes() []Recipe {
	var rows []Recipe
	for _, m := range []struct {
		keyType, twin, generation, next string
	}{
		{"ecdsa", "letsencrypt-ecdsa", "", "ye2/ye"},
		{"rsa", "letsencrypt-rsa", "", "yr2/yr"},
		{"ecdsa", "letsencrypt-2025-ecdsa", "2025-", "e7/x1"},
		{"rsa", "letsencrypt-2025-rsa", "2025-", "r13/x1"},
	} {
		rows = append(rows, rotatedIntermediate(m.generation, m.keyType, m.twin, m.next))
	}
	for _, r := range routes[:2] {
		rows = append(rows, renewedLeaf(r), rotatedRoot(r))
	}
	return rows
}

// otherLeaf: a pin on the old leaf says nothing of a new one.
func otherLeaf() Case { return untrusted(Leaf, "the anchor is the leaf that was renewed") }

func newLeaf() Case {
	return Case{Anchor: NewLeaf, Must: harness.Either, Source: "RFC 5280 6.1.1(d)",
		Why: "whether an end-entity certificate may serve as an anchor is left to local policy"}
}

func rotatedIntermediate(generation, keyType, twin, next string) Recipe {
	differs := []string{"key"}
	for _, field := range []string{"serial", "issuer", "spki", "subjectKeyIdentifier", "authorityKeyIdentifier",
		"authorityInfoAccess", "crlDistributionPoints"} {
		differs = append(differs, "leaf/"+field)
	}
	for _, field := range []string{"serial", "subject", "spki", "subjectKeyIdentifier"} {
		differs = append(differs, "intermediate/"+field)
	}
	return Recipe{
		Name:    "rotated-intermediate-" + generation + keyType,
		Family:  "rotation",
		Twin:    twin,
		Is:      "the renewed leaf comes from the CA's other intermediate under the same root, as a renewal draws one of two",
		Source:  "RFC 5280 6.1",
		Must:    harness.Accepted,
		Differs: differs,
		except: []Case{
			untrusted(Intermediate, "the anchor is the intermediate that no longer issues"),
			otherLeaf(),
			accepted(NewIntermediate, "the new intermediate issued the leaf", "RFC 5280 6.1.1(d)"),
			newLeaf(),
		},
		fault: func(w *world, p *plan) {
			intermediate := w.le.certs[next]
			leaf := w.renewed(keyType, intermediate.subject.label)
			p.sent = slices.Concat([]*cert{leaf, intermediate}, p.sent[2:])
			p.key = leaf.subject.key
			p.anchors[NewIntermediate], p.anchors[NewLeaf] = intermediate, leaf
		},
	}
}

func renewedLeaf(r route) Recipe {
	return Recipe{
		Name:   "renewed-leaf-" + r.keyType,
		Family: "rotation",
		Twin:   r.recipe,
		Is:     "the leaf was renewed: new key, new serial number, same issuer",
		Source: "RFC 5280 6.1",
		Must:   harness.Accepted,
		Differs: []string{"key", "leaf/serial", "leaf/spki", "leaf/subjectKeyIdentifier",
			"leaf/crlDistributionPoints"},
		except: []Case{otherLeaf(), newLeaf()},
		fault: func(w *world, p *plan) {
			leaf := w.renewed(r.keyType, p.sent[0].issuer.label)
			p.sent = slices.Concat([]*cert{leaf}, p.sent[1:])
			p.key = leaf.subject.key
			p.anchors[NewLeaf] = leaf
		},
	}
}

// renewed returns the leaf that follows the usual one.
func (w *world) renewed(keyType, issuer string) *cert {
	name := leafName{w.le.name, "renewed", keyType, issuer}
	if w.leaves[name] == nil {
		w.leaves[name] = w.le.leafOf(w.t0, classic, "renewed-leaf", keyType, issuer, host)
	}
	return w.leaves[name]
}

// rotatedRoot: the last certificate sent leads to the CA's next root.
func rotatedRoot(r route) Recipe {
	last := certName(len(r.sent))
	top := map[string]string{"ecdsa": "x2/x3", "rsa": "yr/x3"}[r.keyType]
	differs := []string{"serial", "issuer", "authorityKeyIdentifier", "authorityInfoAccess", "crlDistributionPoints"}
	for i := range differs {
		differs[i] = last + "/" + differs[i]
	}
	return Recipe{
		Name:    "rotated-root-" + r.keyType,
		Family:  "rotation",
		Twin:    r.recipe,
		Is:      "the CA has a new root, and the cross-signed root that is sent last was signed by it, not by the old one",
		Source:  "RFC 5280 6.1",
		Must:    harness.Accepted,
		Differs: differs,
		except: []Case{
			untrusted(Root, "the anchor is the root to which the server's chain no longer leads"),
			accepted(NewRoot, "the path ends at this anchor", "RFC 5280 6.1"),
		},
		fault: func(w *world, p *plan) {
			p.sent = slices.Concat(p.sent[:len(p.sent)-1], []*cert{w.le.certs[top]})
			p.anchors[NewRoot] = w.le.certs["x3/x3"]
		},
	}
}
