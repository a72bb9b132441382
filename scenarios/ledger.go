package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"trustrig/harness"
)

// Ledger says of each claim what the records show.
func Ledger(records []harness.ScenarioRecord) []harness.ClaimRecord {
	var out []harness.ClaimRecord
	for _, c := range Claims() {
		out = append(out, c.entry(records))
	}
	return out
}

func (c Claim) entry(records []harness.ScenarioRecord) harness.ClaimRecord {
	e := harness.ClaimRecord{ID: c.ID, Documented: c.Documented, Scenarios: []string{}}
	count := make(map[harness.Verdict]int)
	var findings, drifts, recorded []harness.ScenarioRecord
	for _, r := range records {
		if !slices.Contains(r.Claims, c.ID) {
			continue
		}
		e.Scenarios = append(e.Scenarios, r.Name)
		count[r.Verdict]++
		switch {
		case r.Verdict.Finding():
			findings = append(findings, r)
		case r.Drift != nil && r.Drift.Claim == c.ID:
			drifts = append(drifts, r)
		case r.Verdict == harness.Pass && r.Expect.Result == harness.Either && r.Drift == nil:
			recorded = append(recorded, r)
		}
	}
	e.Weaknesses = weaknesses(records, c.ID)
	switch {
	case len(findings) > 0:
		e.Status, e.Deciding, e.Seen = harness.Refuted, names(findings), findingsSeen(findings)
	case len(drifts) > 0:
		e.Status, e.Deciding, e.Seen = harness.Drifts, names(drifts), driftsSeen(drifts)
	case count[harness.Pass] > 0 && c.Outdated != "":
		e.Status, e.Seen = harness.Drifts, c.Outdated
	case count[harness.Pass] > 0:
		e.Status, e.Seen = harness.Confirmed, passes(count[harness.Pass])+recordedSeen(recorded)
	case count[harness.Skipped] > 0 && count[harness.Inconclusive] == 0:
		e.Status, e.Seen = harness.ClaimSkipped, firstWhy(records, c.ID)
	case c.Waits != "":
		e.Status, e.Seen = harness.Untested, "Waits for "+c.Waits+"."
	default:
		e.Status, e.Seen = harness.Untested, firstWhy(records, c.ID)
	}
	return e
}

// weaknesses are those of the procedure that the claim's scenarios show.
func weaknesses(records []harness.ScenarioRecord, claim string) []string {
	var out []string
	for _, r := range records {
		if r.Weakness != "" && slices.Contains(r.Claims, claim) && !slices.Contains(out, r.Weakness) {
			out = append(out, r.Weakness)
		}
	}
	return out
}

func names(records []harness.ScenarioRecord) []string {
	var out []string
	for _, r := range records {
		out = append(out, r.Name)
	}
	return out
}

// findingsSeen tells the worst finding, and how many there are.
func findingsSeen(findings []harness.ScenarioRecord) string {
	order := harness.Verdicts()
	worst := slices.MinFunc(findings, func(a, b harness.ScenarioRecord) int {
		return slices.Index(order, a.Verdict) - slices.Index(order, b.Verdict)
	})
	seen := fmt.Sprintf("%s: %s (%s).", worst.Name, worst.Verdict, worst.Why)
	if n := len(findings) - 1; n > 0 {
		seen += fmt.Sprintf(" %d more.", n)
	}
	return seen
}

func passes(n int) string {
	if n == 1 {
		return "1 scenario passes."
	}
	return fmt.Sprintf("%d scenarios pass.", n)
}

// recordedSeen tells what a device did where it was free to choose.
func recordedSeen(recorded []harness.ScenarioRecord) string {
	var parts []string
	for i, r := range recorded {
		if i == shownDepartures {
			parts = append(parts, fmt.Sprintf("%d more", len(recorded)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("%s %s", r.Name, r.Outcome.Result))
	}
	if parts == nil {
		return ""
	}
	return " Recorded: " + strings.Join(parts, ", ") + "."
}

// driftsSeen groups drifts by what was seen.
func driftsSeen(drifts []harness.ScenarioRecord) string {
	var order []string
	by := make(map[string][]string)
	for _, r := range drifts {
		if by[r.Drift.Seen] == nil {
			order = append(order, r.Drift.Seen)
		}
		by[r.Drift.Seen] = append(by[r.Drift.Seen], r.Name)
	}
	var parts []string
	for _, seen := range order {
		part := by[seen][0]
		if n := len(by[seen]) - 1; n > 0 {
			part += fmt.Sprintf(" and %d more", n)
		}
		parts = append(parts, part+": "+seen)
	}
	return strings.Join(parts, "; ") + "."
}

func firstWhy(records []harness.ScenarioRecord, claim string) string {
	for _, r := range records {
		if slices.Contains(r.Claims, claim) {
			return r.Why + "."
		}
	}
	return "No scenario was run."
}
