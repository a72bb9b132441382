package detection

import (
	"fmt"
	"slices"

	"trustrig/harness"
)

// A Report is the detection power.
type Report struct {
	// Score is the share of mutants that were killed and named. Those proved
	// equivalent do not count; a false alarm counts like a survivor.
	Score       float64  `json:"score"`
	Killed      int      `json:"killed"`
	Survived    []string `json:"survived"`
	FalseAlarms []string `json:"false_alarms"`
	Mutants     []Result `json:"mutants"`
	Variants    []Result `json:"variants"`
	// Only counts for a scenario the mutants that it alone kills. It is known
	// in a full measurement.
	Only    map[string]int `json:"only,omitempty"`
	Full    bool           `json:"full"`
	Seed    uint64         `json:"seed"`
	Seconds float64        `json:"seconds"`
}

// A Result is what the catalogue made of one mutant or honest variant.
type Result struct {
	Name string `json:"name"`
	Is   string `json:"is"` // the mistake, or how it is honest in another way
	// Killed is whether a scenario told the mutant from the honest firmware,
	// By which, and To what it turned.
	Killed bool            `json:"killed"`
	By     string          `json:"by,omitempty"`
	To     harness.Verdict `json:"to,omitempty"`
	// Named is whether no scenario that the mistake does not explain turned
	// before.
	Named bool `json:"named"`
	// Killers are all scenarios that kill it, as far as was walked.
	Killers []string `json:"killers,omitempty"`
	// Strays are scenarios that turned, and whose turning the mistake does
	// not explain; those of an honest variant are false alarms.
	Strays     []string `json:"strays,omitempty"`
	Equivalent string   `json:"equivalent,omitempty"`
	// Walked is how many scenarios were judged, in Seconds.
	Walked  int     `json:"walked"`
	Seconds float64 `json:"seconds"`

	variant bool
}

func newResult(s subject) Result {
	if s.variant != nil {
		return Result{Name: s.variant.Name, Is: s.variant.Is, variant: true}
	}
	return Result{Name: s.mutant.Name, Is: s.mutant.Mistake, Equivalent: s.mutant.Equivalent}
}

// unseenMargin is how many more alerts than on the honest firmware must go
// unseen: one or two may be lost with a reset.
const unseenMargin = 10

// A trial is a walk under way.
type trial struct {
	subject subject
	honest  map[string]harness.ScenarioRecord
	result  Result
	unseen  int // alerts, more than on the honest firmware
}

// see takes a scenario's record, and reports whether the walk may end.
func (t *trial) see(r harness.ScenarioRecord) bool {
	t.result.Walked++
	honest := t.honest[r.Name]
	if t.subject.variant != nil {
		// A small memory need not hold everything, and says so.
		lacks := r.Verdict == harness.Skipped && t.subject.variant.Heap > 0
		// The words of a drift may differ, for they hold the device's reasons.
		drifts := (r.Drift == nil) != (honest.Drift == nil)
		if !lacks && (r.Verdict != honest.Verdict || drifts) {
			t.result.Strays = append(t.result.Strays, stray(r))
		}
		return false
	}
	if t.subject.mutant.Unseen {
		t.count(r, honest)
	}
	if r.Verdict == honest.Verdict {
		return t.result.Killed
	}
	explained, kills := t.subject.mutant.Explains(r)
	switch {
	case kills:
		t.kill(r.Name, r.Verdict)
	case !explained && r.Verdict.Finding():
		// What is inconclusive, for one because its control turned, tells
		// nothing of the device.
		t.result.Strays = append(t.result.Strays, stray(r))
	}
	return t.result.Killed
}

func (t *trial) kill(by string, to harness.Verdict) {
	if !t.result.Killed {
		t.result.Killed, t.result.By, t.result.To = true, by, to
		t.result.Named = len(t.result.Strays) == 0
	}
	t.result.Killers = append(t.result.Killers, by)
}

// count compares what became of the alert of a rejection.
func (t *trial) count(r, honest harness.ScenarioRecord) {
	t.unseen += unseen(r) - unseen(honest)
	if t.unseen == unseenMargin && !t.result.Killed {
		t.kill(fmt.Sprintf("%d alerts unseen more than on the honest firmware", t.unseen), "")
	}
}

func unseen(r harness.ScenarioRecord) int {
	if r.Outcome.Result == harness.Rejected && r.Sighting != nil && r.Sighting.ClientHello &&
		(r.Sighting.Alert == "" || r.Sighting.Alert == "encrypted") {
		return 1
	}
	return 0
}

func stray(r harness.ScenarioRecord) string {
	return fmt.Sprintf("%s: %s (%s)", r.Name, r.Verdict, r.Why)
}

// score makes the report of all results.
func score(results []Result) *Report {
	r := &Report{Score: 1, Survived: []string{}, FalseAlarms: []string{}, Mutants: []Result{}, Variants: []Result{}, Only: make(map[string]int)}
	counted, named := 0, 0
	for _, m := range results {
		if m.variant {
			r.Variants = append(r.Variants, m)
			if len(m.Strays) > 0 {
				r.FalseAlarms = append(r.FalseAlarms, m.Name)
			}
			continue
		}
		r.Mutants = append(r.Mutants, m)
		switch {
		case m.Killed:
			r.Killed++
		case m.Equivalent == "":
			r.Survived = append(r.Survived, m.Name)
		}
		// A mutant that was killed is not equivalent, whatever its proof.
		if m.Killed || m.Equivalent == "" {
			counted++
		}
		if m.Killed && m.Named {
			named++
		}
		if killers := slices.Compact(slices.Sorted(slices.Values(m.Killers))); len(killers) == 1 {
			r.Only[killers[0]]++
		}
	}
	if total := counted + len(r.FalseAlarms); total > 0 {
		r.Score = float64(named) / float64(total)
	}
	return r
}

// Honest reports whether the result is an honest variant's.
func (r Result) Honest() bool { return r.variant }
