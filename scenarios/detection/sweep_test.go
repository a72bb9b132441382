package detection_test

import (
	"testing"

	"trustrig/harness"
	"trustrig/scenarios/detection"
)

// TestSweep has a sample of the allocations fail; trustrig sweep takes all.
func TestSweep(t *testing.T) {
	step := 397
	if testing.Short() {
		step = 1997
	}
	r, err := detection.Sweep(t.Context(), step, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range r.Findings {
		t.Error(line)
	}
	t.Logf("%+v", r)
	for name, c := range map[string]detection.SweepCount{"good": r.Good, "attacker": r.Attacker} {
		if c.Tried == 0 || c.Tried != (c.Allocations+step-1)/step {
			t.Errorf("%s: %d of %d allocations tried, in steps of %d", name, c.Tried, c.Allocations, step)
		}
	}
	// The very first allocation is the context's, without which nothing can go well.
	if r.Good.Verdicts[harness.Pass] == r.Good.Tried {
		t.Error("no failure of an allocation disturbed a connection")
	}
}
