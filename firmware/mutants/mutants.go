// Package mutants holds sabotaged firmwares, each with one mistake of the kind
// that a port or a patch really makes, and honest variants, which do nothing
// wrong in another way. Whether the catalogue tells them apart is the rig's
// detection power.
//
// Most are interposers: a C file in the folder c, compiled when it is first
// needed, that is preloaded into the firmware called debian and stands before
// one function of mbedTLS. Mistakes of the module ssl are edits of its source.
package mutants

import (
	"fmt"
	"regexp"
	"slices"

	"trustrig/firmware"
	"trustrig/harness"
)

// Firmware is the firmware that mutants and variants are made of.
const Firmware = "debian"

// A Mutant is a firmware with one mistake.
type Mutant struct {
	Name    string
	Mistake string // in a sentence
	// Must are the scenarios that tell it from the honest firmware: one of
	// them turning to its verdict kills the mutant.
	Must []Turn
	// May are further scenarios that the mistake can turn. One that is in
	// neither list and turns first is not explained by the mistake.
	May []Turn
	// Unseen is whether it is killed by the count of rejections whose alert
	// the server did not see, which turn no verdict.
	Unseen bool
	// Edits are made to the module ssl. Without any the mutant is the
	// interposer of its name.
	Edits []Edit
	// Equivalent is the proof that no scenario can tell it from the honest
	// firmware, "" where there is none.
	Equivalent string
}

// A Turn is scenarios that turn to a verdict: those of a name and a reason. The
// verdict is a finding, or inconclusive where the device breaks off for a cause
// that is no rejection.
type Turn struct {
	Names   string           // a regular expression; "" for any
	Reasons []harness.Reason // one of which is expected; none for any
	To      harness.Verdict
}

// An Edit replaces a text that occurs in the source once.
type Edit struct{ Old, New string }

// A Variant is an honest firmware that is otherwise in a way that no scenario
// may mind.
type Variant struct {
	Name string
	Is   string // in a sentence
	// Interposer is whether it is the interposer of its name.
	Interposer bool
	Heap       firmware.Size // 0 for the firmware's own
}

// Explains reports whether the mutant's mistake can turn the scenario to the
// verdict; kills reports whether that tells it from the honest firmware.
func (m Mutant) Explains(r harness.ScenarioRecord) (explained, kills bool) {
	covers := func(t Turn) bool { return t.covers(r) }
	kills = slices.ContainsFunc(m.Must, covers)
	return kills || slices.ContainsFunc(m.May, covers), kills
}

func (t Turn) covers(r harness.ScenarioRecord) bool {
	if t.To != r.Verdict {
		return false
	}
	if t.Names != "" && !regexp.MustCompile(t.Names).MatchString(r.Name) {
		return false
	}
	expected := func(want harness.Reason) bool {
		return slices.Contains(r.Expect.Reasons, want) || slices.Contains(r.Expect.Also, want)
	}
	return len(t.Reasons) == 0 || slices.ContainsFunc(t.Reasons, expected)
}

// Find returns the mutants whose names match.
func Find(names *regexp.Regexp) []Mutant {
	return slices.DeleteFunc(All(), func(m Mutant) bool { return !names.MatchString(m.Name) })
}

// check refuses a row that could prove nothing.
func (m Mutant) check() error {
	if m.Name == "" || m.Mistake == "" {
		return fmt.Errorf("mutant %q: no name, or no mistake", m.Name)
	}
	if len(m.Must) == 0 && !m.Unseen && m.Equivalent == "" {
		return fmt.Errorf("mutant %s: nothing kills it", m.Name)
	}
	for _, t := range slices.Concat(m.Must, m.May) {
		if _, err := regexp.Compile(t.Names); err != nil {
			return fmt.Errorf("mutant %s: %w", m.Name, err)
		}
		if !t.To.Finding() && t.To != harness.Inconclusive {
			return fmt.Errorf("mutant %s: %q is nothing that turns a run red", m.Name, t.To)
		}
	}
	return nil
}
