package scenarios

import (
	"slices"
	"testing"

	"trustrig/harness"
)

func TestCatalogueIsSound(t *testing.T) {
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d scenarios", len(all))
}

// TestRejectionsCouldBeAcceptances: beside each scenario that must be rejected
// runs one that verifies too and must be accepted, so that a device which
// rejects everything passes none.
func TestRejectionsCouldBeAcceptances(t *testing.T) {
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]harness.Scenario)
	for _, s := range all {
		byName[s.Name] = s
	}
	for _, s := range all {
		if s.Expect.Result == harness.Rejected && !slices.ContainsFunc(s.Controls, func(c harness.Control) bool {
			control := byName[c.Name]
			return control.Expect.Result == harness.Accepted && control.Verify == harness.CertRequired
		}) {
			t.Errorf("%s: none of its controls %v must be accepted", s.Name, s.Controls)
		}
	}
}
