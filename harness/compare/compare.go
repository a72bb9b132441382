// Package compare holds run records of several devices against each other,
// scenario by scenario and claim by claim.
package compare

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"trustrig/harness"
)

// A Comparison is what differs between the records of several devices.
type Comparison struct {
	Devices []string `json:"devices"`
	// Scenarios and Claims are those that do not look alike on all devices,
	// in the order of the first record. Same counts the scenarios that do.
	Scenarios []Difference `json:"scenarios"`
	Claims    []Difference `json:"claims"`
	Same      int          `json:"same"`
}

// A Difference is a scenario or a claim, and how it looks on each device, in
// their order.
type Difference struct {
	Name string   `json:"name"`
	Seen []string `json:"seen"`
}

// absent is how a scenario looks on a device that it was not tried on.
const absent = "not tried"

// Compare compares the records, of which there are two or more.
func Compare(records []*harness.RunRecord) *Comparison {
	c := &Comparison{Scenarios: []Difference{}, Claims: []Difference{}}
	scenarios, claims := newSeries(len(records)), newSeries(len(records))
	for i, r := range records {
		c.Devices = append(c.Devices, r.Device.Name)
		for _, s := range r.Scenarios {
			scenarios.set(i, s.Name, appearance(s))
		}
		for _, claim := range r.Claims {
			claims.set(i, claim.ID, string(claim.Status))
		}
	}
	c.Scenarios, c.Same = scenarios.differences()
	c.Claims, _ = claims.differences()
	return c
}

// appearance is what of a scenario's record is the device's doing and the
// same in each run: its verdict, the result with its reasons, its drift.
func appearance(r harness.ScenarioRecord) string {
	switch {
	case r.Verdict == harness.Skipped || r.Verdict == harness.Inconclusive:
		return fmt.Sprintf("%s: %s", r.Verdict, r.Why)
	case r.Outcome.Result == harness.Accepted:
		return fmt.Sprintf("%s: accepted", r.Verdict)
	}
	words := []string{}
	for _, reason := range r.Outcome.Reasons {
		words = append(words, string(reason))
	}
	slices.Sort(words)
	seen := fmt.Sprintf("%s: %s", r.Verdict, r.Outcome.Result)
	if len(words) > 0 {
		seen += " as " + strings.Join(words, " and ")
	}
	if r.Outcome.Phase != harness.PhaseHandshake {
		seen += fmt.Sprintf(" in phase %s", r.Outcome.Phase)
	}
	return seen
}

// A series holds how things look on each of some devices.
type series struct {
	devices int
	order   []string
	seen    map[string][]string
}

func newSeries(devices int) *series {
	return &series{devices: devices, seen: make(map[string][]string)}
}

func (s *series) set(device int, name, seen string) {
	row, ok := s.seen[name]
	if !ok {
		row = slices.Repeat([]string{absent}, s.devices)
		s.seen[name] = row
		s.order = append(s.order, name)
	}
	row[device] = seen
}

func (s *series) differences() (differ []Difference, same int) {
	differ = []Difference{}
	for _, name := range s.order {
		row := s.seen[name]
		if len(slices.Compact(slices.Clone(row))) == 1 {
			same++
			continue
		}
		differ = append(differ, Difference{name, row})
	}
	return differ, same
}

// Table prints the comparison for a reader.
func (c *Comparison) Table(w io.Writer) error {
	for _, part := range []struct {
		title string
		rows  []Difference
	}{{"SCENARIO", c.Scenarios}, {"CLAIM", c.Claims}} {
		if len(part.rows) == 0 {
			continue
		}
		tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		fmt.Fprintf(tw, "%s\t%s\n", part.title, strings.Join(c.Devices, "\t"))
		for _, d := range part.rows {
			fmt.Fprintf(tw, "%s\t%s\n", d.Name, strings.Join(d.Seen, "\t"))
		}
		fmt.Fprintln(tw)
		if err := tw.Flush(); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d scenarios differ, %d look alike; %d claims differ\n", len(c.Scenarios), c.Same, len(c.Claims))
	return err
}
