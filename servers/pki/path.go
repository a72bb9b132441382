package pki

import (
	"slices"

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
