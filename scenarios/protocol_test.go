package scenarios

import (
	"slices"
	"strings"
	"testing"

	"trustrig/harness"
)

// TestManners holds that each pattern of the table is some behaviour's, and no
// behaviour is two rows' by accident: a name that stands by itself is taken
// before one that a pattern covers.
func TestManners(t *testing.T) {
	for _, m := range manners() {
		for _, name := range strings.Fields(m.behaviours) {
			one := manner{behaviours: name}
			if !slices.ContainsFunc(behaviours(), func(b behaviour) bool { return one.has(b.name) }) {
				t.Errorf("no server behaves as %q", name)
			}
		}
	}
	for _, b := range behaviours() {
		rows, literal := 0, 0
		for _, m := range manners() {
			if m.has(b.name) {
				rows++
			}
			if slices.Contains(strings.Fields(m.behaviours), b.name) {
				literal++
			}
		}
		if rows == 0 || literal > 1 || rows > 1 && literal == 0 {
			t.Errorf("%s is in %d rows, in %d by its name", b.name, rows, literal)
		}
	}
}

// TestProtocolControls holds that rows are whole, and that no timeout of the
// client code can end what must be accepted.
func TestProtocolControls(t *testing.T) {
	rows, err := protocolScenarios()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range rows {
		if s.Behaviour == "" || s.Expect.Result == "" || s.Expect.Result == harness.Failed && s.SNI != harness.SNIAny && s.Recipe != faultyRecipe {
			t.Errorf("%+v", s)
		}
		if s.Expect.Result == harness.Accepted && s.Timeout != 0 {
			t.Errorf("%s: a timeout could end what must be accepted", s.Name)
		}
	}
}
