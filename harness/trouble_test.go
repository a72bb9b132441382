package harness_test

import (
	"fmt"
	"testing"

	"trustrig/harness"
)

// TestTrouble holds what becomes of a scenario that a device did not stand, or
// that the rig can not set up.
func TestTrouble(t *testing.T) {
	var catalogue []harness.Scenario
	for _, name := range []string{"resets itself", "no stack", "hangs for good", "after that"} {
		s := scenario(name, harness.Failed)
		s.Behaviour = "stalls"
		catalogue = append(catalogue, s)
	}
	r := &rehearsal{
		outcomes: map[string]harness.Outcome{},
		probeErr: map[string]error{
			"resets itself":  fmt.Errorf("running it: %w", harness.ErrDeviceReset),
			"hangs for good": fmt.Errorf("running it: %w", harness.ErrDeviceLost),
		},
		openErr: map[string]error{"no stack": &harness.MissingError{What: "stack nginx", Why: "no Docker"}},
	}
	runner := harness.NewRunner(r, r, catalogue)
	for i, want := range []harness.Verdict{harness.Broken, harness.Skipped, harness.Broken, harness.Inconclusive} {
		got, err := runner.Run(t.Context(), catalogue[i])
		if err != nil || got.Verdict != want {
			t.Errorf("%s: %s (%s), %v; want %s", catalogue[i].Name, got.Verdict, got.Why, err, want)
		}
	}
}
