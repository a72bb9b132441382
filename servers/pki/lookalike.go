package pki

import (
	"fmt"

	"trustrig/harness"
)

// An attacker's chains: everything that can be copied is copied, names,
// serial numbers, dates and URLs, and for one recipe key identifiers. Keys
// can not be copied.

func lookAlikeRecipes() []Recipe {
	const source = "RFC 5280 6.1.3(a)(1)"
	var rows []Recipe
	for _, r := range routes[:2] { // today's defaults
		theirs := accepted(LookAlike, "who trusts the attacker's root accepts the attacker's chain", "RFC 5280 6.1")
		attack := Recipe{
			Family:  "attacker",
			Twin:    r.recipe,
			Source:  source,
			Must:    harness.Rejected,
			Reasons: []harness.Reason{harness.NotTrusted},
			Differs: r.otherKeys(true),
			except:  []Case{theirs},
		}
		plainly, rootSent, keyIDs := attack, attack, attack

		plainly.Name = "look-alike-" + r.keyType
		plainly.Is = "an attacker's chain with the twin's names, serial numbers and dates, and other keys"
		plainly.fault = func(w *world, p *plan) { r.impersonate(w, p, w.lookAlike) }

		rootSent.Name = "look-alike-root-sent-" + r.keyType
		rootSent.Is = "an attacker's chain, with the attacker's own root, which has the trusted root's name, sent last"
		rootSent.Differs = []string{fmt.Sprintf("sent+%d", len(r.sent)+1), "key"}
		rootSent.fault = func(w *world, p *plan) {
			r.impersonate(w, p, w.lookAlike)
			p.sent = append(p.sent, w.lookAlike.certs["x1/x1"])
		}

		keyIDs.Name = "look-alike-key-id-" + r.keyType
		keyIDs.Is = "an attacker's chain that copies the key identifiers too, so that only signatures tell it from the twin"
		keyIDs.Differs = append(r.otherKeys(false), "anchor look-alike/subjectKeyIdentifier")
		keyIDs.fault = func(w *world, p *plan) {
			r.impersonate(w, p, w.copyCat)
			p.anchors[LookAlike] = w.copyCat.certs["x1/x1"]
		}
		rows = append(rows, plainly, rootSent, keyIDs)
	}
	return append(rows, lookAlikeSelfSigned()...)
}

// impersonate puts the attacker's certificates in the places of the twin's;
// the device's anchors stay what they were.
func (r route) impersonate(w *world, p *plan, attacker *hierarchy) {
	p.sent = r.certs(attacker, r.leaf(w, attacker, classic))
	p.key = p.sent[0].subject.key
}

// otherKeys is how the attacker's chain differs from the twin's.
func (r route) otherKeys(identifiers bool) []string {
	differs := []string{"key"}
	for i := range len(r.sent) + 1 {
		name := certName(i)
		differs = append(differs, name+"/spki")
		if identifiers {
			differs = append(differs, name+"/subjectKeyIdentifier", name+"/authorityKeyIdentifier")
		}
	}
	return differs
}

// certName names a certificate by its place among those sent.
func certName(i int) string {
	switch i {
	case 0:
		return "leaf"
	case 1:
		return "intermediate"
	case 2:
		return "cross-sign"
	}
	return "cross-sign-" + string(rune('0'+i-1))
}

func lookAlikeSelfSigned() []Recipe {
	var rows []Recipe
	for _, keyType := range keyTypes {
		rows = append(rows, Recipe{
			Name:    "look-alike-self-signed-" + keyType,
			Family:  "attacker",
			Twin:    "self-signed-" + keyType,
			Is:      "an attacker's self-signed certificate with the twin's names, serial number and dates, and another key",
			Source:  "RFC 5280 6.1.3(a)(1)",
			Must:    harness.Rejected,
			Reasons: []harness.Reason{harness.NotTrusted},
			Differs: []string{"key", "leaf/spki", "leaf/subjectKeyIdentifier", "leaf/authorityKeyIdentifier"},
			except:  []Case{accepted(LookAlike, "who trusts the attacker's certificate accepts it", "RFC 5280 6.1.1(d)")},
			fault: func(w *world, p *plan) {
				theirs := w.selfSigned("look-alike-self-signed", keyType, false)
				p.sent, p.key = []*cert{theirs}, theirs.subject.key
			},
		})
	}
	return rows
}
