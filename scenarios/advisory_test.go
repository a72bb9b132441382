package scenarios

import (
	"path"
	"slices"
	"testing"

	"trustrig/firmware"
	"trustrig/harness"
)

// TestAdvisoriesAreOfUse: each pattern of an advisory names scenarios of the
// catalogue, and none that may be accepted.
func TestAdvisoriesAreOfUse(t *testing.T) {
	advisories, err := firmware.Advisories()
	if err != nil {
		t.Fatal(err)
	}
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range advisories {
		for _, pattern := range a.Scenarios {
			named := slices.DeleteFunc(slices.Clone(all), func(s harness.Scenario) bool {
				ok, _ := path.Match(pattern, s.Name) // Advisories has checked the pattern
				return !ok
			})
			if len(named) == 0 {
				t.Errorf("advisory %s: no scenario matches %s", a.Name, pattern)
			}
			for _, s := range named {
				if s.Expect.Result != harness.Rejected {
					t.Errorf("advisory %s names %s, which must be %s: it can not be insecure", a.Name, s.Name, s.Expect.Result)
				}
			}
		}
	}
}
