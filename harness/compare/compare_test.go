package compare_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trustrig/harness"
	"trustrig/harness/compare"
)

func scenario(name string, v harness.Verdict, result harness.Result, reasons ...harness.Reason) harness.ScenarioRecord {
	return harness.ScenarioRecord{
		Name: name, Judgement: harness.Judgement{Verdict: v, Why: "why"},
		Outcome: harness.Outcome{Result: result, Phase: harness.PhaseHandshake, Reasons: reasons, Milliseconds: float64(len(name))},
	}
}

func run(device string, claims map[string]harness.ClaimStatus, scenarios ...harness.ScenarioRecord) *harness.RunRecord {
	r := &harness.RunRecord{Device: harness.DeviceRecord{Name: device}, Scenarios: scenarios}
	for _, id := range []string{"C01", "C02"} {
		if s, ok := claims[id]; ok {
			r.Claims = append(r.Claims, harness.ClaimRecord{ID: id, Status: s})
		}
	}
	return r
}

func TestCompare(t *testing.T) {
	expired, early := harness.Expired, harness.NotYetValid
	a := run("a", map[string]harness.ClaimStatus{"C01": harness.Confirmed, "C02": harness.Drifts},
		scenario("same", harness.Pass, harness.Accepted),
		scenario("same-reasons-in-another-order", harness.Pass, harness.Rejected, expired, early),
		scenario("verdict", harness.Pass, harness.Rejected, expired),
		scenario("reason", harness.Pass, harness.Rejected, expired),
		scenario("lacks", harness.Pass, harness.Accepted),
		scenario("only-a", harness.Pass, harness.Accepted))
	b := run("b", map[string]harness.ClaimStatus{"C01": harness.Confirmed, "C02": harness.Refuted},
		scenario("same", harness.Pass, harness.Accepted),
		scenario("same-reasons-in-another-order", harness.Pass, harness.Rejected, early, expired),
		scenario("verdict", harness.Insecure, harness.Accepted),
		scenario("reason", harness.Pass, harness.Rejected, early),
		scenario("lacks", harness.Skipped, ""),
		scenario("only-b", harness.Broken, harness.Rejected, expired))
	c := compare.Compare([]*harness.RunRecord{a, b})
	want := &compare.Comparison{
		Devices: []string{"a", "b"}, Same: 2,
		Scenarios: []compare.Difference{
			{Name: "verdict", Seen: []string{"pass: rejected as expired", "insecure: accepted"}},
			{Name: "reason", Seen: []string{"pass: rejected as expired", "pass: rejected as not-yet-valid"}},
			{Name: "lacks", Seen: []string{"pass: accepted", "skipped: why"}},
			{Name: "only-a", Seen: []string{"pass: accepted", "not tried"}},
			{Name: "only-b", Seen: []string{"not tried", "broken: rejected as expired"}},
		},
		Claims: []compare.Difference{{Name: "C02", Seen: []string{string(harness.Drifts), string(harness.Refuted)}}},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("comparison differs (-want +got):\n%s", diff)
	}
	var out strings.Builder
	if err := c.Table(&out); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"SCENARIO  a ", "only-b", "CLAIM  a ", "5 scenarios differ, 2 look alike; 1 claims differ"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("the table lacks %q:\n%s", line, out.String())
		}
	}
}
