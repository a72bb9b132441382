package scenarios

import (
	"slices"
	"testing"
	"time"

	"trustrig/firmware"
	"trustrig/harness"
	"trustrig/harness/baseline"
)

// TestBaselineLines: the firmware debian is green against its baseline, and red
// once any line is taken out of it or one is put in.
func TestBaselineLines(t *testing.T) {
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	st, err := loadStanding(Options{})
	if err != nil {
		t.Fatal(err)
	}
	lines := st.baseline.Lines
	if len(lines) == 0 {
		t.Fatal("the baseline of debian has no line; if that is so, this test has nothing to show")
	}
	var chosen []harness.Scenario
	for _, s := range all {
		if s.Name == goodScenario || slices.ContainsFunc(lines, func(l baseline.Line) bool { return l.Scenario == s.Name }) {
			chosen = append(chosen, s)
		}
	}
	r, err := Run(t.Context(), Options{Servers: "inprocess"}, chosen, nil)
	if err != nil {
		t.Fatal(err)
	}
	mbedtls := r.Device.Firmware.MbedTLS
	red := func(b *baseline.Baseline) (fresh, stale int) {
		against := &standing{baseline: b, advisories: st.advisories}
		records := slices.Clone(r.Scenarios)
		for i := range records {
			records[i].Accepted, records[i].Advisory = "", ""
			against.mark(&records[i], mbedtls)
			if records[i].New {
				fresh++
				t.Logf("new: %s: %s", records[i].Name, records[i].Verdict)
			}
		}
		return fresh, len(against.stale(r.Device.Capabilities, records, all))
	}
	if fresh, stale := red(st.baseline); fresh+stale != 0 {
		t.Fatalf("against its own baseline %d new and %d stale", fresh, stale)
	}
	for i, l := range lines {
		less := &baseline.Baseline{Firmware: "debian", Lines: slices.Delete(slices.Clone(lines), i, i+1)}
		if fresh, stale := red(less); fresh != 1 || stale != 0 {
			t.Errorf("without the line for %s: %d new and %d stale, want 1 and 0", l.Scenario, fresh, stale)
		}
	}
	extra := baseline.Line{Scenario: goodScenario, Verdict: harness.Broken, Reason: "none"}
	if fresh, stale := red(&baseline.Baseline{Firmware: "debian", Lines: append(slices.Clip(lines), extra)}); fresh != 0 || stale != 1 {
		t.Errorf("with a line too many: %d new and %d stale, want 0 and 1", fresh, stale)
	}
}

func TestLoadBaseline(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options Options
		want    string // the baseline's firmware, "" for none
		bad     bool
	}{
		{"the default firmware's own", Options{}, "debian", false},
		{"a firmware without one", Options{Firmware: "debian-armhf"}, "debian-armhf", false},
		{"a firmware by its path", Options{Firmware: "./micropython"}, "", false},
		{"a board", Options{Port: "/dev/ttyACM0"}, "", false},
		{"none", Options{Baseline: "none"}, "", false},
		{"by name, for a board", Options{Port: "/dev/ttyACM0", Baseline: "debian"}, "debian", false},
		{"by file", Options{Port: "/dev/ttyACM0", Baseline: "testdata/baseline/debian.json"}, "debian", false},
		{"absent", Options{Baseline: "nobody"}, "", true},
		{"absent file", Options{Baseline: "./nobody.json"}, "", true},
	} {
		b, err := loadBaseline(tt.options)
		got := ""
		if b != nil {
			got = b.Firmware
		}
		if (err != nil) != tt.bad || got != tt.want {
			t.Errorf("%s: baseline of %q, %v", tt.name, got, err)
		}
	}
}

func TestMark(t *testing.T) {
	day := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	advisory := firmware.Advisory{Name: "known", Scenarios: []string{"bad/*"}, Review: firmware.Day{Time: day}}
	advisory.MbedTLS.First, advisory.MbedTLS.Last = "3.0.0", "3.6.6"
	accepted := &baseline.Baseline{Lines: []baseline.Line{{Scenario: "off/x", Verdict: harness.Broken, Reason: "so it is"}}}
	drift := &harness.Drift{Claim: "C22", Seen: "rejected"}
	for _, tt := range []struct {
		name     string
		record   harness.ScenarioRecord
		baseline *baseline.Baseline
		mbedtls  string
		day      time.Time
		advisory string
		fresh    bool
	}{
		{"pass", harness.ScenarioRecord{Name: "bad/x", Judgement: harness.Judgement{Verdict: harness.Pass}}, accepted, "3.6.6", day, "", false},
		{"insecure, named", harness.ScenarioRecord{Name: "bad/x", Judgement: harness.Judgement{Verdict: harness.Insecure}}, accepted, "3.6.6", day, "known", false},
		{"insecure, another version", harness.ScenarioRecord{Name: "bad/x", Judgement: harness.Judgement{Verdict: harness.Insecure}}, accepted, "3.6.7", day, "", true},
		{"insecure, the review overdue", harness.ScenarioRecord{Name: "bad/x", Judgement: harness.Judgement{Verdict: harness.Insecure}}, accepted, "3.6.6", day.AddDate(0, 0, 2), "", true},
		{"insecure, no day to hold it against", harness.ScenarioRecord{Name: "bad/x", Judgement: harness.Judgement{Verdict: harness.Insecure}}, accepted, "3.6.6", time.Time{}, "known", false},
		{"insecure, another scenario", harness.ScenarioRecord{Name: "off/x", Judgement: harness.Judgement{Verdict: harness.Insecure}}, accepted, "3.6.6", day, "", true},
		{"broken, named for insecurity only", harness.ScenarioRecord{Name: "bad/x", Judgement: harness.Judgement{Verdict: harness.Broken}}, accepted, "3.6.6", day, "", true},
		{"broken, accepted", harness.ScenarioRecord{Name: "off/x", Judgement: harness.Judgement{Verdict: harness.Broken}}, accepted, "3.6.6", day, "", false},
		{"broken, no baseline", harness.ScenarioRecord{Name: "off/x", Judgement: harness.Judgement{Verdict: harness.Broken}}, nil, "3.6.6", day, "", true},
		{"drift, not in the baseline", harness.ScenarioRecord{Name: "x", Drift: drift, Judgement: harness.Judgement{Verdict: harness.Pass}}, accepted, "3.6.6", day, "", true},
		{"drift, no baseline", harness.ScenarioRecord{Name: "x", Drift: drift, Judgement: harness.Judgement{Verdict: harness.Pass}}, nil, "3.6.6", day, "", false},
	} {
		st := &standing{baseline: tt.baseline, advisories: []firmware.Advisory{advisory}, day: tt.day}
		r := tt.record
		st.mark(&r, tt.mbedtls)
		if r.New != tt.fresh || r.Advisory != tt.advisory {
			t.Errorf("%s: new %v, advisory %q", tt.name, r.New, r.Advisory)
		}
	}
}
