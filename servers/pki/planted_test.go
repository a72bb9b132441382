package pki

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestPlanted plants in every recipe the two mistakes that a table of faults
// invites, and holds that TestDiffers's comparison sees each.
func TestPlanted(t *testing.T) {
	for _, mistake := range []struct {
		name  string
		plant func(Recipe) func(*world, *plan)
	}{
		{"the fault is not applied", func(Recipe) func(*world, *plan) { return func(*world, *plan) {} }},
		{"a second fault besides", func(r Recipe) func(*world, *plan) {
			return func(w *world, p *plan) {
				twin := p.clone()
				r.fault(w, p)
				p.change(untouched(twin, p), addAnother)
			}
		}},
	} {
		t.Run(mistake.name, func(t *testing.T) {
			maker := New(testT0, testKeys(t))
			for name, r := range maker.recipes {
				if r.Twin != "" {
					r.fault = mistake.plant(r)
					maker.recipes[name] = r
				}
			}
			for _, r := range Recipes() {
				if r.Twin != "" && !seen(t, maker, r) {
					t.Errorf("%s: not seen in what it differs in from %s, %v", r.Name, r.Twin, r.Differs)
				}
			}
		})
	}
}

// seen reports whether the chain differs from its twin in another way than
// the recipe declares.
func seen(t *testing.T, maker *Maker, r Recipe) bool {
	t.Helper()
	got := differences(t, mustChain(t, maker, r.Twin), mustChain(t, maker, r.Name))
	return !cmp.Equal(r.Differs, got, cmpopts.SortSlices(func(a, b string) bool { return a < b }))
}

// untouched returns a certificate of the twin's that the fault leaves as it
// is, the highest that is sent; else an anchor, else the leaf.
func untouched(twin, p *plan) *cert {
	for _, c := range slices.Backward(p.sent) {
		if slices.Contains(twin.sent, c) {
			return c
		}
	}
	for _, a := range []Anchor{Root, LookAlike} {
		if c := p.anchors[a]; c != nil && c == twin.anchors[a] {
			return c
		}
	}
	return p.sent[0]
}

// addAnother gives a certificate an extension that no recipe has.
func addAnother(c *cert) {
	other := append(slices.Clone(oidUnknown), 99)
	c.edit(addExtension(extension(other, false, []byte{5, 0})))
}

// TestPlantedTimes: a fault of time that is applied to the wrong certificate,
// or in the wrong direction, is seen by the oracles' reasons.
func TestPlantedTimes(t *testing.T) {
	for _, tt := range []struct {
		recipe string
		fault  func(*world, *plan)
	}{
		{"expired-leaf-ecdsa", changeSent(0, beginsInADay)},
		{"future-leaf-ecdsa", changeSent(0, endedADayAgo)},
		{"expired-leaf-ecdsa", changeSent(0, func(c *cert, t0 time.Time) { endAt(c, t0.Add(day)) })},
	} {
		maker := New(testT0, testKeys(t))
		r := maker.recipes[tt.recipe]
		r.fault = tt.fault
		maker.recipes[tt.recipe] = r
		chain := mustChain(t, maker, tt.recipe)
		i := slices.IndexFunc(r.Cases, Case{Anchor: Root}.sameQuestion)
		if a := askGo(t, question{chain, chain.Anchors[Root], chain.Host, testT0}); agrees(r.Cases[i], a) {
			t.Errorf("%s: crypto/x509 agrees with a mistake: %v", tt.recipe, a.reasons)
		}
	}
}
