// Package detection measures whether the catalogue tells sabotaged firmware
// from honest one: the rig's detection power.
//
// Each mutant is walked through the catalogue in a shuffled order, the same as
// the honest firmware before it. What counts is what a scenario turns to: its
// verdict on the mutant where the honest firmware has another.
package detection

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"trustrig/firmware"
	"trustrig/firmware/cache"
	"trustrig/firmware/mutants"
	"trustrig/harness"
	"trustrig/scenarios"
	"trustrig/servers/pki"
)

// Options say what is measured. Only Names must be set.
type Options struct {
	Names *regexp.Regexp // of the mutants and variants
	// Scenarios restricts the catalogue to those whose names match; nil for
	// all. A mutant that they let live is a survivor all the same.
	Scenarios *regexp.Regexp
	// Full walks the whole catalogue, past the first kill.
	Full bool
	Jobs int       // cameras side by side; 0 means one
	Seed uint64    // of the order; 0 for a random one
	T0   time.Time // the zero time means now
	// Say is told, in lines, what takes long; Done of each mutant and
	// variant, not at once but in any order. Both may be nil.
	Say  func(line string)
	Done func(Result)
}

// Measure walks the mutants and variants and reports the score.
func Measure(ctx context.Context, o Options) (*Report, error) {
	o.complete()
	m, err := newMeasurement(ctx, o)
	if err != nil {
		return nil, err
	}
	subjects := m.subjects()
	if len(subjects) == 0 {
		return nil, fmt.Errorf("no mutant's or variant's name matches %q", o.Names)
	}
	started := time.Now()
	o.Say(fmt.Sprintf("the honest firmware first: %d scenarios, seed %d", len(m.order), o.Seed))
	if err := m.measureHonest(ctx); err != nil {
		return nil, fmt.Errorf("the honest firmware: %w", err)
	}
	results := make([]Result, len(subjects))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(o.Jobs)
	done := make(chan Result)
	told := make(chan struct{})
	go func() {
		defer close(told)
		for r := range done {
			o.Done(r)
		}
	}()
	for i, s := range subjects {
		group.Go(func() error {
			var err error
			if results[i], err = m.measure(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", s.name(), err)
			}
			done <- results[i]
			return nil
		})
	}
	err = group.Wait()
	close(done)
	<-told
	if err != nil {
		return nil, err
	}
	report := score(results)
	report.Seed, report.Seconds, report.Full = o.Seed, time.Since(started).Seconds(), o.Full
	return report, nil
}

func (o *Options) complete() {
	if o.Jobs <= 0 {
		o.Jobs = 1
	}
	if o.Seed == 0 {
		o.Seed = rand.Uint64N(1<<32) + 1
	}
	if o.T0.IsZero() {
		o.T0 = time.Now().UTC().Truncate(time.Second)
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	if o.Done == nil {
		o.Done = func(Result) {}
	}
}

// A subject is what is walked through the catalogue: a mutant or a variant.
type subject struct {
	mutant  *mutants.Mutant
	variant *mutants.Variant
}

func (s subject) name() string {
	if s.mutant != nil {
		return s.mutant.Name
	}
	return s.variant.Name
}

// A measurement is what all subjects share.
type measurement struct {
	options Options
	kit     *mutants.Kit
	maker   *pki.Maker
	order   []harness.Scenario
	honest  map[string]harness.ScenarioRecord
}

func newMeasurement(ctx context.Context, o Options) (*measurement, error) {
	store, err := cache.Open()
	if err != nil {
		return nil, err
	}
	kit, err := mutants.NewKit(ctx, store, o.Say)
	if err != nil {
		return nil, err
	}
	catalogue, err := scenarios.Catalogue()
	if err != nil {
		return nil, fmt.Errorf("the catalogue: %w", err)
	}
	catalogue = slices.DeleteFunc(catalogue, func(s harness.Scenario) bool {
		return o.Scenarios != nil && !o.Scenarios.MatchString(s.Name)
	})
	if len(catalogue) == 0 {
		return nil, fmt.Errorf("no scenario's name matches %q", o.Scenarios)
	}
	return &measurement{options: o, kit: kit, maker: scenarios.NewMaker(o.T0, store), order: scenarios.Shuffle(catalogue, o.Seed)}, nil
}

func (m *measurement) subjects() []subject {
	var all []subject
	for _, mutant := range mutants.All() {
		all = append(all, subject{mutant: &mutant})
	}
	for _, variant := range mutants.Variants() {
		all = append(all, subject{variant: &variant})
	}
	return slices.DeleteFunc(all, func(s subject) bool { return !m.options.Names.MatchString(s.name()) })
}

// measureHonest walks the honest firmware, which the others are held against.
func (m *measurement) measureHonest(ctx context.Context) error {
	m.honest = make(map[string]harness.ScenarioRecord)
	return m.walk(ctx, firmware.Change{}, false, func(r harness.ScenarioRecord) bool {
		m.honest[r.Name] = r
		return true
	})
}

func (m *measurement) measure(ctx context.Context, s subject) (Result, error) {
	dir, err := os.MkdirTemp("", "trustrig-mutant-")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(dir)
	started := time.Now()
	t := trial{subject: s, honest: m.honest, result: newResult(s)}
	var change firmware.Change
	if s.mutant != nil {
		change, err = m.kit.Mutant(ctx, *s.mutant, dir)
	} else {
		change, err = m.kit.Variant(ctx, *s.variant, dir)
	}
	if err != nil {
		return Result{}, err
	}
	err = m.walk(ctx, change, s.variant != nil, func(r harness.ScenarioRecord) bool { return !t.see(r) || m.options.Full })
	if err != nil {
		return Result{}, err
	}
	if len(change.Preload) > 0 && !mutants.Acted(dir) {
		return Result{}, fmt.Errorf("its interposer was never called: the firmware does not go through the function that it stands before")
	}
	t.result.Seconds = time.Since(started).Seconds()
	return t.result, nil
}

// walk judges the scenarios in order on a camera of its own until see says
// no. With again, one that is inconclusive is tried once more, for a machine
// with more cameras than cores may have been too slow for it.
func (m *measurement) walk(ctx context.Context, change firmware.Change, again bool, see func(harness.ScenarioRecord) bool) (err error) {
	session, err := scenarios.Open(ctx, scenarios.Options{
		Firmware: mutants.Firmware, Servers: "inprocess", Seed: m.options.Seed, T0: m.options.T0, Maker: m.maker, Change: change,
	})
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := session.Close(); err == nil {
			err = closeErr
		}
	}()
	for _, sc := range m.order {
		r, err := session.Judge(ctx, sc)
		if err == nil && again && r.Verdict == harness.Inconclusive && m.honest[sc.Name].Verdict != harness.Inconclusive {
			r, err = session.Try(ctx, sc)
		}
		if err != nil {
			return err
		}
		if !see(r) {
			return nil
		}
	}
	return nil
}
