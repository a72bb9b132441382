// Package bench measures trustrig as ratios: what the rig costs over the bare
// thing, and what the field's usual tool costs over the rig, in turn with each
// other in one run. Shared machines are noisy; ratios and medians hold.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/renameio/v2"

	"trustrig/scenarios"
)

// Options are what to measure.
type Options struct {
	scenarios.Options
	Out   string        // file for the measures
	Short bool          // fewer rounds and handshakes
	Soak  time.Duration // how long to soak; 0 for not at all
}

// A Measure is one number.
type Measure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"` // "ratio", "s", …
	// Target is what the project wants, "" where it only looks.
	Target string `json:"target,omitempty"`
	Met    *bool  `json:"met,omitempty"`
	Detail string `json:"detail"`
}

// A Report is what a benchmark writes.
type Report struct {
	Started  time.Time `json:"started"`
	Trustrig string    `json:"trustrig"`
	Short    bool      `json:"short"`
	Measures []Measure `json:"measures"`
	Failed   []string  `json:"failed,omitempty"`
}

// Run measures everything, prints each number through say as it is known, and
// writes the report. A measure that fails is reported and does not keep the
// others from being taken.
func Run(ctx context.Context, o Options) (*Report, error) {
	if o.Say == nil {
		o.Say = func(string) {}
	}
	if err := os.MkdirAll(filepath.Dir(o.Out), 0o755); err != nil {
		return nil, fmt.Errorf("making the benchmark's folder: %w", err)
	}
	r := &Report{Started: time.Now().UTC(), Trustrig: scenarios.Version(), Short: o.Short}
	for _, step := range []struct {
		name string
		run  func(context.Context, Options) ([]Measure, error)
	}{
		{"run over bare", runOverBare},
		{"clock over plain", clockOverPlain},
		{"mpremote over rig", mpremoteOverRig},
		{"files", files},
		{"servers", serversStart},
		{"cold and warm run", coldWarm},
		{"soak", soak},
	} {
		ms, err := step.run(ctx, o)
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		if err != nil {
			r.Failed = append(r.Failed, fmt.Sprintf("%s: %v", step.name, err))
			o.Say("not measured: " + step.name + ": " + err.Error())
		}
		for _, m := range ms {
			o.Say(m.String())
		}
		r.Measures = append(r.Measures, ms...)
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return r, fmt.Errorf("encoding the benchmark: %w", err)
	}
	return r, renameio.WriteFile(o.Out, append(data, '\n'), 0o644)
}

func (m Measure) String() string {
	s := fmt.Sprintf("%-22s %8.3f %s", m.Name, m.Value, m.Unit)
	if m.Target != "" {
		s += fmt.Sprintf(" (target %s: %s)", m.Target, map[bool]string{true: "met", false: "MISSED"}[*m.Met])
	}
	return s + "; " + m.Detail
}

// atMost and atLeast are measures with a target.
func atMost(target float64, m Measure) Measure {
	met := m.Value <= target
	m.Target, m.Met = fmt.Sprintf("≤ %g", target), &met
	return m
}

func atLeast(target float64, m Measure) Measure {
	met := m.Value >= target
	m.Target, m.Met = fmt.Sprintf("≥ %g", target), &met
	return m
}

// median returns the middle of the numbers, 0 of none.
func median(in []float64) float64 {
	if len(in) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(in))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

func sum(in []float64) float64 {
	var total float64
	for _, v := range in {
		total += v
	}
	return total
}
