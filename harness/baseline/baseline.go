// Package baseline holds what is known and accepted of a firmware: findings
// that are not insecure, and drifts from the manual, each with a reason. A run
// is held against it, so that nightly runs stay green until the firmware's
// behaviour changes, for worse or for better.
package baseline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"trustrig/harness"
)

// A Baseline is what is accepted of one firmware.
type Baseline struct {
	Firmware string `json:"firmware"`
	// Capabilities are what the firmware had. One that is lost would have its
	// scenarios skipped, and so must be seen.
	Capabilities []string `json:"capabilities,omitempty"`
	Lines        []Line   `json:"lines"` // sorted by scenario
}

// A Line accepts what one scenario shows: a verdict of broken or wrong reason,
// or a drift.
type Line struct {
	Scenario string          `json:"scenario"`
	Verdict  harness.Verdict `json:"verdict"`
	Drift    string          `json:"drift,omitempty"` // what was seen, as in harness.Drift
	// Reason says why this is known and harmless.
	Reason string `json:"reason"`
}

// Load reads a baseline and refuses one that accepts too much or says not
// why. Its errors name file and line.
func Load(fsys fs.FS, name string) (*Baseline, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("reading the baseline: %w", err)
	}
	b, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("baseline %s:%w", name, err)
	}
	return b, nil
}

func parse(data []byte) (*Baseline, error) {
	var b Baseline
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		return nil, fmt.Errorf("%d: %w", 1+bytes.Count(data[:errorOffset(err, d.InputOffset())], []byte("\n")), err)
	}
	seen := make(map[string]bool)
	for _, l := range b.Lines {
		if err := l.check(seen); err != nil {
			return nil, fmt.Errorf("%d: %w", lineOf(data, l.Scenario), err)
		}
		seen[l.Scenario] = true
	}
	return &b, nil
}

// errorOffset is where in the data decoding failed.
func errorOffset(err error, otherwise int64) int64 {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return syntax.Offset
	case errors.As(err, &kind):
		return kind.Offset
	}
	return otherwise
}

// lineOf is the line on which a scenario is first named.
func lineOf(data []byte, scenario string) int {
	name, _ := json.Marshal(scenario)
	before, _, _ := bytes.Cut(data, name)
	return 1 + bytes.Count(before, []byte("\n"))
}

func (l Line) check(seen map[string]bool) error {
	switch {
	case l.Scenario == "":
		return errors.New("a line names no scenario")
	case seen[l.Scenario]:
		return fmt.Errorf("scenario %s has two lines", l.Scenario)
	case l.Verdict == harness.Insecure:
		return fmt.Errorf("scenario %s: a baseline can not accept an insecurity; an advisory in firmware/advisories.yaml may name it", l.Scenario)
	case l.Verdict != harness.Broken && l.Verdict != harness.WrongReason && (l.Verdict != harness.Pass || l.Drift == ""):
		return fmt.Errorf("scenario %s: a line accepts broken, wrong reason, or a pass with a drift, not %q", l.Scenario, l.Verdict)
	case strings.TrimSpace(l.Reason) == "":
		return fmt.Errorf("scenario %s: the line gives no reason", l.Scenario)
	}
	return nil
}

// Accepts returns the reason for which the baseline accepts what the record
// shows, or "".
func (b *Baseline) Accepts(r harness.ScenarioRecord) string {
	if l, ok := b.find(r.Name); ok && l.holds(r) {
		return l.Reason
	}
	return ""
}

func (b *Baseline) find(scenario string) (Line, bool) {
	i := slices.IndexFunc(b.Lines, func(l Line) bool { return l.Scenario == scenario })
	if i < 0 {
		return Line{}, false
	}
	return b.Lines[i], true
}

func (l Line) holds(r harness.ScenarioRecord) bool {
	return l.Verdict == r.Verdict && l.Drift == driftSeen(r)
}

func driftSeen(r harness.ScenarioRecord) string {
	if r.Drift == nil {
		return ""
	}
	return r.Drift.Seen
}

// Stale returns the lines that the records no longer bear out: what they
// accept did not happen, or there is no such scenario in the catalogue.
// Scenarios that were not run, or showed nothing, leave a line as it is.
func (b *Baseline) Stale(records []harness.ScenarioRecord, catalogue []harness.Scenario) []Line {
	known := make(map[string]bool)
	for _, s := range catalogue {
		known[s.Name] = true
	}
	var stale []Line
	for _, l := range b.Lines {
		i := slices.IndexFunc(records, func(r harness.ScenarioRecord) bool { return r.Name == l.Scenario })
		ran := i >= 0 && records[i].Verdict != harness.Inconclusive && records[i].Verdict != harness.Skipped
		if !known[l.Scenario] || ran && !l.holds(records[i]) {
			stale = append(stale, l)
		}
	}
	return stale
}

// Lost returns the capabilities that the baseline has and a device has not.
func (b *Baseline) Lost(capabilities []string) []string {
	var lost []string
	for _, c := range b.Capabilities {
		if !slices.Contains(capabilities, c) {
			lost = append(lost, c)
		}
	}
	return lost
}

// Update returns the baseline that a run asks for, with the reasons of the old
// one where its lines still hold, and a line for each difference, "+" or "-".
// A new line's reason is empty: [Load] refuses it until somebody gives one.
func (b *Baseline) Update(r *harness.RunRecord) (updated *Baseline, diff []string) {
	updated = &Baseline{Firmware: r.Device.Firmware.Name, Capabilities: slices.Sorted(slices.Values(r.Device.Capabilities)), Lines: []Line{}}
	for _, c := range b.Lost(r.Device.Capabilities) {
		diff = append(diff, "- capability "+c)
	}
	ran := make(map[string]bool)
	for _, s := range r.Scenarios {
		ran[s.Name] = s.Verdict != harness.Inconclusive && s.Verdict != harness.Skipped
		if s.Verdict == harness.Insecure || !s.Verdict.Finding() && s.Drift == nil {
			continue
		}
		l := Line{Scenario: s.Name, Verdict: s.Verdict, Drift: driftSeen(s)}
		if old, ok := b.find(s.Name); ok && old.holds(s) {
			l.Reason = old.Reason
		} else {
			diff = append(diff, "+ "+l.String())
		}
		updated.Lines = append(updated.Lines, l)
	}
	for _, old := range b.Lines {
		now, kept := updated.find(old.Scenario)
		switch {
		case !kept && !ran[old.Scenario]:
			updated.Lines = append(updated.Lines, old)
		case !kept || now.Verdict != old.Verdict || now.Drift != old.Drift:
			diff = append(diff, "- "+old.String())
		}
	}
	slices.SortFunc(updated.Lines, func(a, c Line) int { return strings.Compare(a.Scenario, c.Scenario) })
	return updated, diff
}

func (l Line) String() string {
	if l.Drift == "" {
		return fmt.Sprintf("%s: %s", l.Scenario, l.Verdict)
	}
	return fmt.Sprintf("%s: %s, drift: %s", l.Scenario, l.Verdict, l.Drift)
}

// Write writes the baseline, whole or not at all.
func (b *Baseline) Write(path string) error {
	data, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the baseline: %w", err)
	}
	if err := renameio.WriteFile(path, append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("writing the baseline: %w", err)
	}
	return nil
}
