package detection_test

import (
	"regexp"
	"strings"
	"testing"

	"trustrig/scenarios/detection"
)

// TestMeasure lets a few mutants of each kind loose on a part of the
// catalogue that kills them, one that lets its mutant live, and an honest
// firmware.
func TestMeasure(t *testing.T) {
	r, err := detection.Measure(t.Context(), detection.Options{
		Names:     regexp.MustCompile("^(result-ignored|not-after-ignored|name-ignored|after-reset|alert-not-sent|module-forgets-mode|path-length-ignored|honest-codes)$"),
		Scenarios: regexp.MustCompile("^(after-soft-reset/)?(letsencrypt-ecdsa|look-alike-ecdsa)/|^(expired-leaf|wrong-name)-ecdsa/root/"),
		Jobs:      2, Say: func(line string) { t.Log(line) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Mutants {
		if lives := m.Name == "path-length-ignored"; m.Killed == lives || m.Named == lives {
			t.Errorf("%s: killed %v by %q, named %v, strays %q", m.Name, m.Killed, m.By, m.Named, m.Strays)
		}
	}
	if len(r.Mutants) != 7 || r.Killed != 6 || strings.Join(r.Survived, " ") != "path-length-ignored" || len(r.FalseAlarms) != 0 {
		t.Errorf("%d mutants, %d killed, survived %q, false alarms %q", len(r.Mutants), r.Killed, r.Survived, r.FalseAlarms)
	}
	for _, v := range r.Variants {
		if len(v.Strays) > 0 {
			t.Errorf("%s: strays %q", v.Name, v.Strays)
		}
	}
	if want := 6. / 7; r.Score != want {
		t.Errorf("score %v, want %v", r.Score, want)
	}
}

// TestEveryInterposerActs: Measure itself refuses one that was never called.
func TestEveryInterposerActs(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a camera for each mutant, some 20 s")
	}
	_, err := detection.Measure(t.Context(), detection.Options{
		Names:     regexp.MustCompile(""),
		Scenarios: regexp.MustCompile("^(letsencrypt-ecdsa|letsencrypt-rsa)/(root|look-alike)/CERT_REQUIRED$"),
		Jobs:      2, Full: true,
	})
	if err != nil {
		t.Error(err)
	}
}

func TestMeasureRefuses(t *testing.T) {
	for name, o := range map[string]detection.Options{
		"no mutant":   {Names: regexp.MustCompile("^absent$")},
		"no scenario": {Names: regexp.MustCompile("^result-ignored$"), Scenarios: regexp.MustCompile("^absent$")},
	} {
		if _, err := detection.Measure(t.Context(), o); err == nil || !strings.Contains(err.Error(), "absent") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
