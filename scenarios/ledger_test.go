package scenarios

import (
	"slices"
	"strings"
	"testing"

	"trustrig/harness"
)

func TestEveryClaimHasScenarios(t *testing.T) {
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	served := make(map[string]int)
	for _, s := range all {
		for _, c := range s.Claims {
			served[c]++
		}
	}
	for _, c := range Claims() {
		switch {
		case c.Waits == "" && served[c.ID] == 0:
			t.Errorf("claim %s (%s) has no scenario, and does not say what it waits for", c.ID, c.Sentence)
		case c.Waits != "" && served[c.ID] > 0:
			t.Errorf("claim %s has %d scenarios and says that it waits for %s", c.ID, served[c.ID], c.Waits)
		}
	}
}

func TestLedger(t *testing.T) {
	rec := func(claim string, v harness.Verdict, drift string) harness.ScenarioRecord {
		r := harness.ScenarioRecord{Name: "s-" + string(v) + drift, Claims: []string{claim}, Judgement: harness.Judgement{Verdict: v, Why: "so"}}
		if drift != "" {
			r.Drift = &harness.Drift{Claim: claim, Seen: drift}
		}
		return r
	}
	tests := []struct {
		name    string
		claim   string
		records []harness.ScenarioRecord
		want    harness.ClaimStatus
		seen    string
	}{
		{"nothing ran", "C03", nil, harness.Untested, "No scenario"},
		{"another claim's", "C03", []harness.ScenarioRecord{rec("C04", harness.Pass, "")}, harness.Untested, "No scenario"},
		{"passes", "C03", []harness.ScenarioRecord{rec("C03", harness.Pass, ""), rec("C03", harness.Skipped, "")}, harness.Confirmed, "1 scenario passes"},
		{"one is insecure", "C03", []harness.ScenarioRecord{rec("C03", harness.Pass, ""), rec("C03", harness.Insecure, "")}, harness.Refuted, "insecure"},
		{"the worst is told", "C03", []harness.ScenarioRecord{rec("C03", harness.WrongReason, ""), rec("C03", harness.Insecure, "")}, harness.Refuted, "insecure (so). 1 more"},
		{"drift", "C22", []harness.ScenarioRecord{rec("C22", harness.Pass, "rejected"), rec("C22", harness.Pass, "")}, harness.Drifts, "rejected"},
		{"drift of another claim", "C22", []harness.ScenarioRecord{{Name: "x", Claims: []string{"C22"}, Judgement: harness.Judgement{Verdict: harness.Pass}, Drift: &harness.Drift{Claim: "C16"}}}, harness.Confirmed, ""},
		{"a finding outweighs a drift", "C22", []harness.ScenarioRecord{rec("C22", harness.Pass, "rejected"), rec("C22", harness.Broken, "")}, harness.Refuted, "broken"},
		{"the page is of yesterday", "C05", []harness.ScenarioRecord{rec("C05", harness.Pass, "")}, harness.Drifts, "four"},
		{"skipped", "C08", []harness.ScenarioRecord{rec("C08", harness.Skipped, "")}, harness.ClaimSkipped, "so"},
		{"inconclusive", "C08", []harness.ScenarioRecord{rec("C08", harness.Skipped, ""), rec("C08", harness.Inconclusive, "")}, harness.Untested, "so"},
		{"waits", "C26", nil, harness.Untested, "anchor tool"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ledger := Ledger(tt.records)
			i := slices.IndexFunc(ledger, func(e harness.ClaimRecord) bool { return e.ID == tt.claim })
			if got := ledger[i]; got.Status != tt.want || !strings.Contains(got.Seen, tt.seen) {
				t.Errorf("%s: %s (%s), want %s with %q", tt.claim, got.Status, got.Seen, tt.want, tt.seen)
			}
		})
	}
}
