package scenarios

import (
	"strings"
	"testing"

	"trustrig/harness"
)

func TestWriteStacks(t *testing.T) {
	row := func(name, stack string, v harness.Verdict) harness.ScenarioRecord {
		r := harness.ScenarioRecord{Name: name, Stack: stack, Judgement: harness.Judgement{Verdict: v, Why: "so"}}
		r.Outcome.Result = harness.Accepted
		return r
	}
	own, other := row("a/root", "go", harness.Pass), row("b/root", "go", harness.Pass)
	for _, c := range []struct {
		name    string
		records []harness.ScenarioRecord
		want    []string // in the table, none for nothing written
	}{
		{"no stack", []harness.ScenarioRecord{own, other}, nil},
		{"skipped", []harness.ScenarioRecord{own, row("nginx/a/root", "nginx", harness.Skipped)}, nil},
		{"alike", []harness.ScenarioRecord{own, row("nginx/a/root", "nginx", harness.Pass)}, []string{"stacks: 1 scenarios", "alike"}},
		{"one differs", []harness.ScenarioRecord{own, other, row("nginx/a/root", "nginx", harness.Pass), row("gnutls/b/root", "gnutls", harness.Broken)},
			[]string{"STACK", "gnutls  b/root", "broken"}},
	} {
		var out strings.Builder
		if err := WriteStacks(&out, &harness.RunRecord{Scenarios: c.records}); err != nil {
			t.Fatal(err)
		}
		if len(c.want) == 0 && out.Len() > 0 || strings.Contains(out.String(), "nginx") {
			t.Errorf("%s: %q", c.name, out.String())
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %q lacks %q", c.name, out.String(), want)
			}
		}
	}
}

// TestStackScenarios holds that the core set is put before every stack, each
// spoken to by client code that it answers.
func TestStackScenarios(t *testing.T) {
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	has := make(map[string]harness.Scenario)
	for _, s := range all {
		has[s.Name] = s
	}
	for _, f := range fieldStacks() {
		for _, name := range coreSet {
			s := has[f.stack+"/"+name]
			if s.Stack != f.stack || s.Client != f.client || s.Expect.Result != has[name].Expect.Result {
				t.Errorf("%s/%s: %+v", f.stack, name, s)
			}
		}
	}
}

// TestTrailingDot holds that a name with a dot at the end is asked of a stack
// that takes it in SNI: crypto/tls ends such a handshake before the device has
// seen a certificate.
func TestTrailingDot(t *testing.T) {
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, s := range all {
		if !strings.HasSuffix(s.ServerName, ".") {
			continue
		}
		asked++
		if s.Stack == ownStack {
			t.Errorf("%s: the rig's own server refuses SNI %q", s.Name, s.ServerName)
		}
	}
	if asked == 0 {
		t.Error("no scenario asks for a name with a dot at the end")
	}
}
