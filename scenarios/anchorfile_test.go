package scenarios

import (
	"strings"
	"testing"

	"trustrig/harness"
)

// flashFull leaves /flash with room for a file's name and for no byte of it.
const flashFull = `
with open("/flash/full", "wb") as f:
    block = bytes(4096)
    while block:
        try:
            f.write(block)
        except OSError:
            block = block[: len(block) // 2]
`

// TestAnchorFile: the file that an anchor is loaded from is gone after the
// scenario, and so is what a write that broke off has left of it.
func TestAnchorFile(t *testing.T) {
	s := session(t, Options{Servers: "inprocess", Baseline: "none"})
	ctx := t.Context()
	exec := func(source string) string {
		t.Helper()
		out, err := s.camera.Exec(ctx, source)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	sc := named(t, "load/der/cafile")
	if r := judge(t, ctx, s, sc); r.Verdict != harness.Pass {
		t.Fatalf("with room on the flash: %s (%s)", r.Verdict, r.Why)
	}
	exec(flashFull)
	r := judge(t, ctx, s, sc)
	if r.Outcome.Errno != 28 || r.Outcome.Phase != harness.PhaseAnchor { // ENOSPC
		t.Errorf("on a full flash: %+v", r.Outcome)
	}
	if got := exec(`import os; print(os.listdir("/flash"))`); got != "['full']" {
		t.Errorf("on the flash is left %s, want what filled it alone", got)
	}
}
