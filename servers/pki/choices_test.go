package pki

import (
	"strings"
	"testing"

	"trustrig/harness"
)

// TestChoices: who may go either way is told by what. "Either" is no hatch
// for what a device happens to do.
func TestChoices(t *testing.T) {
	used := make(map[string]bool)
	open := 0
	for _, r := range Recipes() {
		for _, c := range r.Cases {
			if c.Must != harness.Either {
				continue
			}
			open++
			used[c.Source] = true
			if Choice(c.Source) == "" {
				t.Errorf("%s, anchor %s, host %q: %s does not say what leaves the choice", r.Name, c.Anchor, c.Host, c.Source)
			}
		}
	}
	t.Logf("%d cases are open", open)
	for source, choice := range choices {
		if !used[source] {
			t.Errorf("stale: no case is open on the word of %s", source)
		}
		if quoted := strings.Count(choice, `"`); quoted%2 != 0 || quoted == 0 && !strings.Contains(choice, "no clause says") {
			t.Errorf("%s: neither the clause's words nor that there is none: %s", source, choice)
		}
	}
}
