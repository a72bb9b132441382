package detection

import (
	"fmt"
	"slices"
	"testing"

	"trustrig/firmware"
	"trustrig/firmware/mutants"
	"trustrig/harness"
)

func TestScore(t *testing.T) {
	killed := func(name, by string) Result {
		return Result{Name: name, Killed: true, Named: true, By: by, Killers: []string{by}}
	}
	survivor := Result{Name: "survivor"}
	unnamed := Result{Name: "unnamed", Killed: true, By: "s", Killers: []string{"s"}, Strays: []string{"x"}}
	equivalent := Result{Name: "equivalent", Equivalent: "proof"}
	green, alarm := Result{Name: "green", variant: true}, Result{Name: "alarm", variant: true, Strays: []string{"x"}}
	tests := []struct {
		name     string
		results  []Result
		score    float64
		killed   int
		survived []string
		alarms   []string
	}{
		{"all killed", []Result{killed("a", "s"), killed("b", "t"), green}, 1, 2, nil, nil},
		{"a survivor", []Result{killed("a", "s"), survivor}, 0.5, 1, []string{"survivor"}, nil},
		{"killed and not named", []Result{killed("a", "s"), unnamed}, 0.5, 2, nil, nil},
		{"an equivalent does not count", []Result{killed("a", "s"), equivalent}, 1, 1, nil, nil},
		{"an equivalent that was killed counts", []Result{killed("a", "s"), {Name: "b", Killed: true, Equivalent: "proof"}}, 0.5, 2, nil, nil},
		{"a false alarm counts like a survivor", []Result{killed("a", "s"), alarm}, 0.5, 1, nil, []string{"alarm"}},
		{"variants alone", []Result{green}, 1, 0, nil, nil},
		{"a false alarm alone", []Result{alarm}, 0, 0, nil, []string{"alarm"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := score(tt.results)
			if r.Score != tt.score || r.Killed != tt.killed || !slices.Equal(r.Survived, tt.survived) || !slices.Equal(r.FalseAlarms, tt.alarms) {
				t.Errorf("score %v, killed %d, survived %q, false alarms %q", r.Score, r.Killed, r.Survived, r.FalseAlarms)
			}
		})
	}
}

func TestOnly(t *testing.T) {
	r := score([]Result{
		{Killed: true, Killers: []string{"a", "b"}}, {Killed: true, Killers: []string{"a"}},
		{Killed: true, Killers: []string{"a"}}, {Killed: true, Killers: []string{"c"}},
	})
	if r.Only["a"] != 2 || r.Only["b"] != 0 || r.Only["c"] != 1 {
		t.Errorf("only %v", r.Only)
	}
}

func record(name string, v harness.Verdict) harness.ScenarioRecord {
	return harness.ScenarioRecord{Name: name, Judgement: harness.Judgement{Verdict: v}}
}

// honest is what the scenarios of these tests bring on the honest firmware.
func honest() map[string]harness.ScenarioRecord {
	return map[string]harness.ScenarioRecord{
		"dates/1": record("dates/1", harness.Pass), "dates/2": record("dates/2", harness.Insecure), "names/1": record("names/1", harness.Pass),
	}
}

func TestTrialOfMutant(t *testing.T) {
	mutant := mutants.Mutant{Must: []mutants.Turn{{Names: "^dates/", To: harness.Insecure}, {Names: "^dates/2", To: harness.Inconclusive}}}
	tests := []struct {
		name          string
		walk          []harness.ScenarioRecord
		killed, named bool
	}{
		{"killed", []harness.ScenarioRecord{record("names/1", harness.Pass), record("dates/1", harness.Insecure)}, true, true},
		{"another turned before", []harness.ScenarioRecord{record("names/1", harness.Broken), record("dates/1", harness.Insecure)}, true, false},
		{"another turned after", []harness.ScenarioRecord{record("dates/1", harness.Insecure), record("names/1", harness.Broken)}, true, true},
		{"insecure on honest firmware too", []harness.ScenarioRecord{record("dates/2", harness.Insecure)}, false, false},
		{"inconclusive is no turn", []harness.ScenarioRecord{record("names/1", harness.Inconclusive), record("dates/1", harness.Insecure)}, true, true},
		{"inconclusive, and listed", []harness.ScenarioRecord{record("dates/2", harness.Inconclusive)}, true, true},
		{"inconclusive, and not listed", []harness.ScenarioRecord{record("dates/1", harness.Inconclusive)}, false, false},
		{"nothing turned", []harness.ScenarioRecord{record("dates/1", harness.Pass)}, false, false},
		{"only another turned", []harness.ScenarioRecord{record("names/1", harness.Broken)}, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := subject{mutant: &mutant}
			trial := trial{subject: s, honest: honest(), result: newResult(s)}
			for _, r := range tt.walk {
				trial.see(r)
			}
			if trial.result.Killed != tt.killed || trial.result.Named != tt.named {
				t.Errorf("killed %v, named %v", trial.result.Killed, trial.result.Named)
			}
		})
	}
}

func TestTrialOfVariant(t *testing.T) {
	for _, tt := range []struct {
		name   string
		heap   firmware.Size
		record harness.ScenarioRecord
		alarm  bool
	}{
		{"same", 0, record("dates/1", harness.Pass), false},
		{"same finding", 0, record("dates/2", harness.Insecure), false},
		{"a finding", 0, record("names/1", harness.Broken), true},
		{"inconclusive", 0, record("names/1", harness.Inconclusive), true},
		{"skipped", 0, record("names/1", harness.Skipped), true},
		{"skipped for want of memory", 1 << 18, record("names/1", harness.Skipped), false},
		{"a new drift", 0, harness.ScenarioRecord{Name: "names/1", Drift: &harness.Drift{}, Judgement: harness.Judgement{Verdict: harness.Pass}}, true},
	} {
		s := subject{variant: &mutants.Variant{Heap: tt.heap}}
		trial := trial{subject: s, honest: honest(), result: newResult(s)}
		if done := trial.see(tt.record); done {
			t.Errorf("%s: the walk ended", tt.name)
		}
		if (len(trial.result.Strays) > 0) != tt.alarm {
			t.Errorf("%s: strays %q", tt.name, trial.result.Strays)
		}
	}
}

func TestUnseenAlerts(t *testing.T) {
	rejection := func(name, alert string) harness.ScenarioRecord {
		r := record(name, harness.Pass)
		r.Outcome.Result = harness.Rejected
		r.Sighting = &harness.Sighting{ClientHello: true, Alert: alert}
		return r
	}
	s := subject{mutant: &mutants.Mutant{Unseen: true}}
	trial := trial{subject: s, honest: make(map[string]harness.ScenarioRecord), result: newResult(s)}
	for i := range 3 * unseenMargin {
		name := fmt.Sprint(i)
		alert := ""
		if i%3 == 0 {
			alert = "unknown_ca"
		}
		trial.honest[name] = rejection(name, alert)
		if trial.see(rejection(name, "")) != (i >= 3*(unseenMargin-1)) {
			t.Fatalf("after %d scenarios: killed %v", i+1, trial.result.Killed)
		}
	}
}
