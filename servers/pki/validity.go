package pki

import (
	"time"

	"trustrig/harness"
)

// Faults of time. A validity is moved as a whole, so that its length, which
// profiles fix, stays what it was, and the certificate was good once.

// endAt moves the validity so that it ends at the given instant.
func endAt(c *cert, end time.Time) {
	move(c, end.Sub(c.template.NotAfter))
}

func move(c *cert, d time.Duration) {
	c.template.NotBefore = c.template.NotBefore.Add(d)
	c.template.NotAfter = c.template.NotAfter.Add(d)
}

// endedADayAgo is the fault of the expired recipes.
func endedADayAgo(c *cert, t0 time.Time) { endAt(c, t0.Add(-day)) }

func expiredRecipes() []Recipe {
	var rows []Recipe
	for _, keyType := range keyTypes {
		rows = append(rows,
			Recipe{
				Name:    "expired-leaf-" + keyType,
				Twin:    "letsencrypt-" + keyType,
				Is:      "the leaf, and only the leaf, ended a day before T0",
				Source:  "RFC 5280 6.1.3(a)(2)",
				Must:    harness.Rejected,
				Reasons: []harness.Reason{harness.Expired},
				Differs: []string{"leaf/validity"},
				fault:   changeSent(0, endedADayAgo),
			},
			Recipe{
				Name:    "expired-intermediate-" + keyType,
				Twin:    "letsencrypt-" + keyType,
				Is:      "the intermediate, and only the intermediate, ended a day before T0",
				Source:  "RFC 5280 6.1.3(a)(2)",
				Must:    harness.Rejected,
				Reasons: []harness.Reason{harness.Expired},
				Differs: []string{"intermediate/validity"},
				spares:  []Anchor{Leaf},
				except:  []Case{expiredAnchor(Intermediate)},
				fault:   changeSent(1, endedADayAgo),
			})
	}
	return rows
}

// expiredAnchor: an anchor is a name and a key (RFC 5280 6.1.1(d)); whether
// the dates of the certificate that brought them matter is not said.
func expiredAnchor(a Anchor) Case {
	return Case{Anchor: a, Must: harness.Either, Reasons: []harness.Reason{harness.Expired}, Source: "RFC 5280 6.1.1(d)",
		Why: "the algorithm checks the dates of certificates on the path, to which the anchor does not belong"}
}
