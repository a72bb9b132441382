package harness_test

import (
	"errors"
	"fmt"
	"testing"

	"trustrig/harness"
)

// TestNonceOfALostDevice: application data that reached a server that must be
// rejected counts, though the device crashed behind it.
func TestNonceOfALostDevice(t *testing.T) {
	for lost, want := range map[error]harness.Verdict{
		harness.ErrDeviceReset:           harness.Insecure,
		harness.ErrDeviceLost:            harness.Insecure,
		errors.New("it printed nothing"): harness.Insecure,
		// At another time it need not have been rejected.
		harness.ErrClockRan:  harness.Inconclusive,
		harness.ErrClockLost: harness.Inconclusive,
	} {
		attack := scenario("attack", harness.Rejected)
		r := &rehearsal{
			seen:     map[string]harness.Sighting{"attack": {ClientHello: true, Handshake: true, Received: "nonce"}},
			probeErr: map[string]error{"attack": fmt.Errorf("running it: %w", lost)},
		}
		got, err := harness.NewRunner(r, r, []harness.Scenario{attack}).Run(t.Context(), attack)
		if err != nil || got.Verdict != want {
			t.Errorf("%v: %s (%s), %v; want %s", lost, got.Verdict, got.Why, err, want)
		}
	}
}

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
