package pki

import (
	"fmt"
	"slices"
	"strings"

	"trustrig/harness"
)

// An Anchor names one of the certificates that a device may be given as its
// trust anchor. Not every chain has every one.
type Anchor string

const (
	Root         Anchor = "root"         // of the default chain
	Intermediate Anchor = "intermediate" // the leaf's issuer
	Leaf         Anchor = "leaf"         // the server's own certificate, if a CA issued it
	SelfSigned   Anchor = "self-signed"  // the server's own certificate, if it issued itself
	LookAlike    Anchor = "look-alike"   // the attacker's: same names, other key
	Foreign      Anchor = "foreign"      // the root of a CA that has nothing to do with the chain
	None         Anchor = "none"         // no anchor is loaded

	RootX2 Anchor = "root-x2" // the roots at which Let's Encrypt-like alternate chains end
	RootYE Anchor = "root-ye"
	RootYR Anchor = "root-yr"

	NewRoot         Anchor = "new-root" // what takes the old one's place when a CA or a server moves on
	NewIntermediate Anchor = "new-intermediate"
	NewLeaf         Anchor = "new-leaf"
)

// A Case is one way to ask for a recipe's chain under CERT_REQUIRED, and what
// must happen.
type Case struct {
	Anchor Anchor
	Host   string  // what the device asks for; "" means [Chain.Host]
	At     Instant // the time that the device believes; the zero Instant is T0
	Must   harness.Result
	// Reasons are all the reasons that a rejecting device has to give, no
	// more and no less, but that it may also give those of Also.
	Reasons []harness.Reason
	Also    []harness.Reason
	Why     string // in a sentence
	Source  string // the clause that demands it
}

// Expect is the case's demand in the harness's terms.
func (c Case) Expect() harness.Expect {
	return harness.Expect{Result: c.Must, Reasons: c.Reasons, Also: c.Also, Source: c.Source}
}

// A Recipe is how a chain is made: a good chain, or its twin with one fault.
type Recipe struct {
	Name string
	// Family is the kind of fault: "time", "path", "signature", "key",
	// "purpose", "names", "form", and "attacker" and "rotation", where more
	// than one certificate is other than the twin's; "" in a good recipe.
	Family string
	// Twin is the good recipe without the fault, "" in a good recipe.
	Twin string
	// Neighbour is the recipe of the nearest harmless chain, where the fault
	// also stops a device that verifies nothing, so that the twin's control
	// needs a second one.
	Neighbour string
	// Is says what the chain is; in a faulty one, the fault.
	Is     string
	Source string
	// Must and Reasons are what the fault demands of a device that has an
	// anchor under which it accepts the twin.
	Must    harness.Result
	Reasons []harness.Reason
	// Differs lists what sets the chain apart from its twin's, as
	// certificate/field ("leaf/validity"), "sent" for other certificates or
	// another order, "sent+2" where two of them are none of the twin's, "key"
	// or "host"; what follows by necessity is in it.
	Differs []string
	// OnWire is whether the certificates alone show nothing: the fault is in
	// what the server does with them.
	OnWire bool
	// Lints are those of zlint that name the fault. A fault without lints is
	// none that a CA's lint finds in a single certificate.
	Lints []string
	// Cases are all ways to ask that the catalogue uses.
	Cases []Case

	good   func(*world) *plan
	fault  func(*world, *plan)
	only   []Anchor         // of the twin's cases; nil for all
	also   []harness.Reason // that may stand for Reasons, or beside them
	spares []Anchor         // under which the fault is not met
	fatal  bool             // the fault ends validation before trust, name or time are judged
	except []Case           // take the place of those derived from the twin's, by anchor and host
}

// Recipes returns the table of all recipes, in a fixed order.
func Recipes() []Recipe {
	rows := slices.Concat(
		letsEncryptRecipes(),
		selfSignedRecipes(),
		twoTierRecipes(),
		depthRecipes(),
		missingRecipes(),
		expiredRecipes(),
		lookAlikeRecipes(),
		rotationRecipes(),
		nameRecipes(),
		recipesOf("path", pathFaults...),
		recipesOf("path", issuerFaults...),
		recipesOf("signature", signatureFaults...),
		recipesOf("key", keyFaults...),
		recipesOf("purpose", purposeFaults...),
		recipesOf("form", formFaults...),
		recipesOf("form", profileFaults...),
	)
	byName := make(map[string]Recipe)
	for i, r := range rows {
		if r.Twin != "" {
			rows[i].Cases = r.derive(byName[r.Twin].Cases)
			rows[i].Lints = lints[r.Name]
		}
		byName[r.Name] = rows[i]
	}
	return rows
}

// derive returns the twin's cases with the fault's reasons in them, and the
// exceptions in their places.
func (r *Recipe) derive(twin []Case) []Case {
	var cases []Case
	except := slices.Clone(r.except)
	for _, c := range twin {
		switch {
		case c.Host != "" || c.At != (Instant{}):
			continue // a question about the twin's names or dates
		case r.only != nil && !slices.Contains(r.only, c.Anchor):
			continue
		case r.fatal && c.Anchor == None:
			continue // two ends of validation, and no order between them
		}
		if i := slices.IndexFunc(except, c.sameQuestion); i >= 0 {
			c = except[i]
			except = slices.Delete(except, i, i+1)
		} else {
			c = r.apply(c)
		}
		cases = append(cases, c)
	}
	return append(cases, except...)
}

func (c Case) sameQuestion(d Case) bool {
	return c.Anchor == d.Anchor && c.Host == d.Host && c.At == d.At
}

// apply returns what becomes of a twin's case under the fault.
func (r *Recipe) apply(c Case) Case {
	if r.Must == harness.Accepted || c.Anchor == None || slices.Contains(r.spares, c.Anchor) {
		return c
	}
	if r.Must == harness.Either {
		switch c.Must {
		case harness.Accepted:
			c.Must, c.Why, c.Source = harness.Either, r.Is, r.Source
		case harness.Rejected: // for the twin's reason, and for the open one perhaps
			c.Also = union(r.Reasons, r.also)
		}
		return c
	}
	switch c.Must {
	case harness.Accepted:
		c.Must, c.Reasons, c.Also, c.Why, c.Source = harness.Rejected, r.Reasons, r.also, r.Is, r.Source
	case harness.Rejected: // for the twin's reason already: now for both
		c.Reasons, c.Also = union(c.Reasons, r.Reasons), r.also
		if r.fatal {
			c.Reasons = r.Reasons
		}
	case harness.Either: // rejected for certain; the twin's open question may show as well
		c.Must, c.Reasons, c.Also, c.Why, c.Source = harness.Rejected, r.Reasons, r.also, r.Is, r.Source
		if !r.fatal {
			c.Also = append(slices.Clip(c.Also), harness.NotTrusted)
		}
	}
	return c
}

func union(a, b []harness.Reason) []harness.Reason {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// An UnknownError is a recipe name that is not in the table.
type UnknownError struct {
	Name    string
	Nearest []string // at most three names, best first
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("no recipe %q; the nearest are %s", e.Name, strings.Join(e.Nearest, ", "))
}

func unknown(name string) *UnknownError {
	var names []string
	for _, r := range Recipes() {
		names = append(names, r.Name)
	}
	slices.SortStableFunc(names, func(a, b string) int { return distance(name, a) - distance(name, b) })
	return &UnknownError{Name: name, Nearest: names[:min(3, len(names))]}
}

// distance is Levenshtein's: the least number of letters to insert, delete or
// replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
