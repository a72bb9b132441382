package baseline

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trustrig/harness"
)

func record(name string, v harness.Verdict, drift string) harness.ScenarioRecord {
	r := harness.ScenarioRecord{Name: name, Judgement: harness.Judgement{Verdict: v}}
	if drift != "" {
		r.Drift = &harness.Drift{Claim: "C22", Seen: drift}
	}
	return r
}

func TestParseRefuses(t *testing.T) {
	line := func(l string) string { return "{\"firmware\": \"debian\",\n \"lines\": [\n  " + l + "\n ]}" }
	for name, tt := range map[string]struct{ text, want string }{
		"no JSON":          {"{\n\"firmware\": }", "2: "},
		"unknown field":    {line(`{"scenario": "a", "why": "x"}`), "unknown field"},
		"type":             {line(`{"scenario": 3}`), "3: "},
		"insecure":         {line(`{"scenario": "a", "verdict": "insecure", "reason": "x"}`), "3: scenario a: a baseline can not accept an insecurity"},
		"inconclusive":     {line(`{"scenario": "a", "verdict": "inconclusive", "reason": "x"}`), "3: scenario a: a line accepts"},
		"pass, no drift":   {line(`{"scenario": "a", "verdict": "pass", "reason": "x"}`), "3: scenario a: a line accepts"},
		"no reason":        {line(`{"scenario": "a", "verdict": "broken", "reason": " "}`), "gives no reason"},
		"twice":            {line(`{"scenario": "a", "verdict": "broken", "reason": "x"}, {"scenario": "a", "verdict": "broken", "reason": "x"}`), "two lines"},
		"without scenario": {line(`{"verdict": "broken", "reason": "x"}`), "names no scenario"},
	} {
		if _, err := parse([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: parse = %v, want an error with %q", name, err, tt.want)
		}
	}
}

// TestLines: a run that is green against its baseline is red once any line is
// taken out, and once any is put in.
func TestLines(t *testing.T) {
	b := &Baseline{Lines: []Line{
		{Scenario: "a", Verdict: harness.Broken, Reason: "x"},
		{Scenario: "b", Verdict: harness.Pass, Drift: "accepted", Reason: "x"},
	}}
	catalogue := []harness.Scenario{{Name: "a"}, {Name: "b"}, {Name: "c"}}
	run := func(b *Baseline) (fresh, stale int) {
		records := []harness.ScenarioRecord{record("a", harness.Broken, ""), record("b", harness.Pass, "accepted"), record("c", harness.Pass, "")}
		for i := range records {
			known := records[i].Verdict == harness.Pass && records[i].Drift == nil
			if !known && b.Accepts(records[i]) == "" {
				fresh++
			}
		}
		return fresh, len(b.Stale(records, catalogue))
	}
	if fresh, stale := run(b); fresh != 0 || stale != 0 {
		t.Fatalf("%d new and %d stale, want none", fresh, stale)
	}
	for i := range b.Lines {
		less := &Baseline{Lines: append(append([]Line(nil), b.Lines[:i]...), b.Lines[i+1:]...)}
		if fresh, _ := run(less); fresh != 1 {
			t.Errorf("without line %d: %d new, want 1", i, fresh)
		}
	}
	for _, extra := range []Line{
		{Scenario: "c", Verdict: harness.Broken, Reason: "x"},
		{Scenario: "gone", Verdict: harness.Broken, Reason: "x"},
	} {
		if _, stale := run(&Baseline{Lines: append(b.Lines[:2:2], extra)}); stale != 1 {
			t.Errorf("with a line for %s: %d stale, want 1", extra.Scenario, stale)
		}
	}
}

func TestStaleLeavesWhatDidNotRun(t *testing.T) {
	b := &Baseline{Lines: []Line{{Scenario: "a", Verdict: harness.Broken, Reason: "x"}}}
	catalogue := []harness.Scenario{{Name: "a"}}
	for _, records := range [][]harness.ScenarioRecord{nil, {record("a", harness.Inconclusive, "")}, {record("a", harness.Skipped, "")}} {
		if stale := b.Stale(records, catalogue); len(stale) != 0 {
			t.Errorf("%v: stale %v", records, stale)
		}
	}
}

func TestUpdate(t *testing.T) {
	b := &Baseline{Capabilities: []string{"romfs", "ssl"}, Lines: []Line{
		{Scenario: "kept", Verdict: harness.Broken, Reason: "known"},
		{Scenario: "mended", Verdict: harness.Broken, Reason: "known"},
		{Scenario: "not run", Verdict: harness.Broken, Reason: "known"},
		{Scenario: "other", Verdict: harness.Pass, Drift: "accepted", Reason: "known"},
	}}
	got, diff := b.Update(&harness.RunRecord{
		Device: harness.DeviceRecord{Firmware: harness.FirmwareRecord{Name: "debian"}, Capabilities: []string{"tls", "ssl"}},
		Scenarios: []harness.ScenarioRecord{
			record("kept", harness.Broken, ""), record("mended", harness.Pass, ""), record("new", harness.WrongReason, ""),
			record("other", harness.Pass, "failed"), record("worse", harness.Insecure, ""),
		},
	})
	want := &Baseline{Firmware: "debian", Capabilities: []string{"ssl", "tls"}, Lines: []Line{
		{Scenario: "kept", Verdict: harness.Broken, Reason: "known"},
		{Scenario: "new", Verdict: harness.WrongReason},
		{Scenario: "not run", Verdict: harness.Broken, Reason: "known"},
		{Scenario: "other", Verdict: harness.Pass, Drift: "failed"},
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("baseline (-want +got):\n%s", d)
	}
	wantDiff := []string{"- capability romfs", "+ new: wrong reason", "+ other: pass, drift: failed", "- mended: broken", "- other: pass, drift: accepted"}
	if d := cmp.Diff(wantDiff, diff); d != "" {
		t.Errorf("difference (-want +got):\n%s", d)
	}
}

func TestWriteLoad(t *testing.T) {
	dir := t.TempDir()
	fsys, path := os.DirFS(dir), filepath.Join(dir, "debian.json")
	want := &Baseline{Firmware: "debian", Lines: []Line{{Scenario: "a/b", Verdict: harness.Broken, Reason: "x"}}}
	if _, err := Load(fsys, "debian.json"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Load of nothing = %v, want fs.ErrNotExist", err)
	}
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := Load(fsys, "debian.json")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if err := os.WriteFile(path, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(fsys, "debian.json"); err == nil || !strings.Contains(err.Error(), "debian.json:1:") {
		t.Errorf("Load = %v, want an error that names debian.json:1", err)
	}
}
