package zoo

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"trustrig/harness"
	"trustrig/scenarios"
	"trustrig/servers/pki"
)

// TestNew: every fault is there, once, with a scenario that presents it, and
// the sums are right.
func TestNew(t *testing.T) {
	z, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, f := range z.Faults {
		if seen[f.Name] {
			t.Errorf("%s is there twice", f.Name)
		}
		seen[f.Name] = true
		switch {
		case f.Family == "" || f.Is == "" || f.Source == "" || f.Must == "":
			t.Errorf("%s: %+v", f.Name, f)
		case f.Main == "" || f.Scenarios == 0:
			t.Errorf("%s: no scenario presents it", f.Name)
		case f.Must == harness.Rejected && len(f.Reasons)+len(f.Also) == 0:
			t.Errorf("%s: rejected for no reason", f.Name)
		case (f.Must == harness.Either) != (f.Choice != ""):
			t.Errorf("%s: must be %s, and what leaves a choice is %q", f.Name, f.Must, f.Choice)
		}
	}
	for _, r := range pki.Recipes() {
		if r.Family != "" && !seen[r.Name] {
			t.Errorf("recipe %s is missing", r.Name)
		}
	}
	catalogue, err := scenarios.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range catalogue {
		if s.Behaviour != "" && !seen[s.Behaviour] {
			t.Errorf("behaviour %s is missing", s.Behaviour)
		}
	}
	sum := 0
	for _, f := range z.Families {
		sum += f.Faults
	}
	if sum != len(z.Faults) || z.Total.Faults != sum {
		t.Errorf("families of %d faults in all, %d faults, %d in total", sum, len(z.Faults), z.Total.Faults)
	}
}

func record(name string, v harness.Verdict, o harness.Outcome, advisory string) harness.ScenarioRecord {
	return harness.ScenarioRecord{Name: name, Outcome: o, Judgement: harness.Judgement{Verdict: v}, Advisory: advisory}
}

// TestAnswers: what two firmwares did stands beside each fault.
func TestAnswers(t *testing.T) {
	const leaf, cn = "expired-leaf-ecdsa/root/CERT_REQUIRED", "cn-only-ecdsa/root/CERT_REQUIRED"
	rejected := harness.Outcome{Result: harness.Rejected, Reasons: []harness.Reason{harness.Expired, harness.NotTrusted}}
	first := &harness.RunRecord{Device: harness.DeviceRecord{Firmware: harness.FirmwareRecord{Name: "debian", Version: "1.25.0", MbedTLS: "3.6.6"}},
		Scenarios: []harness.ScenarioRecord{
			record(leaf, harness.Pass, rejected, ""),
			record(cn, harness.Insecure, harness.Outcome{Result: harness.Accepted}, "cn-without-san"),
		}}
	second := &harness.RunRecord{Device: harness.DeviceRecord{Firmware: harness.FirmwareRecord{Version: "1.24.1"}},
		Scenarios: []harness.ScenarioRecord{
			record(leaf, harness.Insecure, harness.Outcome{Result: harness.Accepted}, ""),
			record(cn, harness.Skipped, harness.Outcome{}, ""),
		}}
	z, err := New([]*harness.RunRecord{first, second})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"expired-leaf-ecdsa":  "rejected: expired, not-trusted; accepted (insecure)",
		"cn-only-ecdsa":       "accepted (insecure, cn-without-san); skipped",
		"cn-beside-san-ecdsa": "not run; not run",
	} {
		for _, f := range z.Faults {
			if f.Name != name {
				continue
			}
			if got := strings.TrimSuffix(columns(f.Answers, "; "), "; "); got != want {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
		}
	}
	var text, page bytes.Buffer
	if err := z.Text(&text); err != nil {
		t.Fatal(err)
	}
	if err := z.Markdown(&page); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "DEBIAN 1.25.0, MBEDTLS 3.6.6") || !strings.Contains(text.String(), z.open()) {
		t.Error("the tables lack the firmware or the count of open faults")
	}
	checkPage(t, page.String(), z)
}

// checkPage holds that all rows of a table have as many cells as its head.
func checkPage(t *testing.T, page string, z *Zoo) {
	t.Helper()
	columns := 0
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		n := strings.Count(line, "|") - strings.Count(line, `\|`)
		if columns == 0 {
			columns = n
		}
		if n != columns {
			t.Errorf("%d cells where the head has %d: %s", n-1, columns-1, line)
		}
	}
	for _, want := range []string{z.open(), "| `expired-leaf-ecdsa` |", "## Left to the device", "## Coverage", "| debian 1.25.0, mbedTLS 3.6.6 | 1.24.1 |"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestJSON(t *testing.T) {
	z, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(z)
	if err != nil {
		t.Fatal(err)
	}
	var back Zoo
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if back.Total.Must[harness.Either] != z.Total.Must[harness.Either] || len(back.Faults) != len(z.Faults) {
		t.Errorf("%d faults came back of %d", len(back.Faults), len(z.Faults))
	}
}
