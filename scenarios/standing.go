package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"trustrig/firmware"
	"trustrig/harness"
	"trustrig/harness/baseline"
)

//go:embed testdata/baseline
var baselines embed.FS

// baselineDir is where the baselines are, from the module's root.
const baselineDir = "scenarios/testdata/baseline"

// A standing is what is known of a firmware before a run: what the run is
// held against.
type standing struct {
	baseline   *baseline.Baseline // nil for none
	advisories []firmware.Advisory
	day        time.Time // on which advisories may be due; zero for never
}

// loadStanding reads the baseline that the options name, and the advisories.
func loadStanding(o Options) (*standing, error) {
	st := &standing{day: o.Day}
	var err error
	if st.advisories, err = firmware.Advisories(); err != nil {
		return nil, err
	}
	st.baseline, err = loadBaseline(o)
	return st, err
}

// loadBaseline returns the baseline named by -baseline: a name or a file. By
// default it is that of the firmware's name, where it has one; a firmware
// given by its path, and a board, have none, so that every finding shows.
func loadBaseline(o Options) (*baseline.Baseline, error) {
	choice, chosen := o.Baseline, o.Baseline != ""
	if !chosen {
		if choice = o.firmwareName(); choice == "" {
			return nil, nil
		}
	}
	if choice == "none" {
		return nil, nil
	}
	if strings.ContainsAny(choice, "/.") {
		return baseline.Load(os.DirFS(filepath.Dir(choice)), filepath.Base(choice))
	}
	b, err := baseline.Load(baselines, "testdata/baseline/"+choice+".json")
	switch {
	case errors.Is(err, fs.ErrNotExist) && !chosen:
		return &baseline.Baseline{Firmware: choice}, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("-baseline %s: no such baseline in %s; none, or a file's path, will do too", choice, baselineDir)
	case err != nil:
		return nil, err
	case !chosen && b.Firmware != choice:
		return nil, fmt.Errorf("baseline %s.json is of firmware %q", choice, b.Firmware)
	}
	return b, nil
}

// mark notes in the record what is known of its finding or drift.
func (st *standing) mark(r *harness.ScenarioRecord, mbedtls string) {
	if r.Verdict == harness.Insecure {
		r.Advisory = st.advisory(r.Name, mbedtls)
	}
	if st.baseline != nil {
		r.Accepted = st.baseline.Accepts(*r)
	}
	drifts := r.Drift != nil && st.baseline != nil
	r.New = r.Accepted == "" && (r.Verdict.Finding() && r.Advisory == "" || drifts && r.Verdict != harness.Insecure)
}

func (st *standing) advisory(scenario, mbedtls string) string {
	for _, a := range st.advisories {
		if a.Names(scenario, mbedtls) && (st.day.IsZero() || !a.Due(st.day)) {
			return a.Name
		}
	}
	return ""
}

// stale returns a line for each entry that the run did not bear out.
func (st *standing) stale(capabilities []string, records []harness.ScenarioRecord, catalogue []harness.Scenario) []string {
	if st.baseline == nil {
		return nil
	}
	var lines []string
	for _, c := range st.baseline.Lost(capabilities) {
		lines = append(lines, fmt.Sprintf("stale: the device has no more the capability %s, which the baseline of %s has: its scenarios are skipped", c, st.baseline.Firmware))
	}
	for _, l := range st.baseline.Stale(records, catalogue) {
		lines = append(lines, fmt.Sprintf("stale: %s no longer happens; remove the line from the baseline of %s, or run with -update", l, st.baseline.Firmware))
	}
	return lines
}

// named returns in full the advisories that name findings of the records.
func (st *standing) named(records []harness.ScenarioRecord) []harness.AdvisoryRecord {
	var out []harness.AdvisoryRecord
	for _, a := range st.advisories {
		if slices.ContainsFunc(records, func(r harness.ScenarioRecord) bool { return r.Advisory == a.Name }) {
			out = append(out, harness.AdvisoryRecord{Name: a.Name, Known: a.Known, Report: a.Report})
		}
	}
	return out
}
