package detection

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"trustrig/firmware"
	"trustrig/firmware/cache"
	"trustrig/firmware/mutants"
	"trustrig/harness"
	"trustrig/scenarios"
)

// The scenarios of an allocation sweep.
const (
	sweepGood     = "letsencrypt-ecdsa/root/CERT_REQUIRED"
	sweepAttacker = "look-alike-ecdsa/root/CERT_REQUIRED"
)

// A SweepReport says what a failing allocation did to a good server's
// connection and to an attacker's.
type SweepReport struct {
	// Allocations are those of one connection, Tried how many of them were
	// made to fail, each in a connection of its own.
	Good     SweepCount `json:"good"`
	Attacker SweepCount `json:"attacker"`
	// Findings say of each allocation whose failure had the attacker
	// accepted, or left something behind for the next connection.
	Findings []string `json:"findings"`
}

// A SweepCount is the half of a sweep that is about one server.
type SweepCount struct {
	Allocations int                     `json:"allocations"`
	Tried       int                     `json:"tried"`
	Verdicts    map[harness.Verdict]int `json:"verdicts"`
}

// Sweep has every step-th allocation of a connection fail, on the firmware
// debian: before a good server and before an attacker, each followed by an
// undisturbed connection.
func Sweep(ctx context.Context, step int, say func(string)) (report *SweepReport, err error) {
	if say == nil {
		say = func(string) {}
	}
	store, err := cache.Open()
	if err != nil {
		return nil, err
	}
	kit, err := mutants.NewKit(ctx, store, say)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "trustrig-sweep-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	change, control, err := kit.Sweep(ctx, dir)
	if err != nil {
		return nil, err
	}
	s := sweep{step: max(step, 1), control: control}
	err = s.open(ctx, change)
	if err == nil {
		err = s.run(ctx)
	}
	if s.session != nil {
		err = errors.Join(err, s.session.Close())
	}
	err = errors.Join(err, control.Close())
	if err == nil && !mutants.Acted(dir) {
		err = errors.New("the firmware does not take its memory from where it was to fail")
	}
	return &s.report, err
}

// A sweep under way.
type sweep struct {
	step           int
	control        *mutants.Sweep
	session        *scenarios.Session
	good, attacker harness.Scenario
	report         SweepReport
}

func (s *sweep) open(ctx context.Context, change firmware.Change) error {
	catalogue, err := scenarios.Catalogue()
	if err != nil {
		return fmt.Errorf("the catalogue: %w", err)
	}
	for name, sc := range map[string]*harness.Scenario{sweepGood: &s.good, sweepAttacker: &s.attacker} {
		i := slices.IndexFunc(catalogue, func(c harness.Scenario) bool { return c.Name == name })
		if i < 0 {
			return fmt.Errorf("the catalogue has no scenario %s", name)
		}
		*sc = catalogue[i]
	}
	s.report.Findings = []string{}
	s.session, err = scenarios.Open(ctx, scenarios.Options{Firmware: mutants.Firmware, Servers: "inprocess", Change: change})
	return err
}

func (s *sweep) run(ctx context.Context) error {
	if err := s.along(ctx, s.good, &s.report.Good); err != nil {
		return err
	}
	return s.along(ctx, s.attacker, &s.report.Attacker)
}

// along has the allocations of one scenario's connection fail in turn.
func (s *sweep) along(ctx context.Context, sc harness.Scenario, count *SweepCount) error {
	count.Verdicts = make(map[harness.Verdict]int)
	r, n, err := s.try(ctx, sc, 0)
	if err != nil {
		return err
	}
	if r.Verdict != harness.Pass {
		return fmt.Errorf("%s is %s with all memory it wants: %s", sc.Name, r.Verdict, r.Why)
	}
	count.Allocations = n
	for n := 1; n <= count.Allocations; n += s.step {
		r, _, err := s.try(ctx, sc, n)
		if err != nil {
			return err
		}
		count.Tried++
		count.Verdicts[r.Verdict]++
		if r.Verdict == harness.Insecure {
			s.find(sc, n, r)
		}
		if err := s.undisturbed(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// undisturbed is the connection after: it must be as if nothing had failed.
func (s *sweep) undisturbed(ctx context.Context, n int) error {
	for _, sc := range []harness.Scenario{s.good, s.attacker} {
		r, _, err := s.try(ctx, sc, 0)
		if err != nil {
			return err
		}
		if r.Verdict != harness.Pass {
			s.find(sc, n, r)
		}
	}
	return nil
}

func (s *sweep) find(sc harness.Scenario, n int, r harness.ScenarioRecord) {
	s.report.Findings = append(s.report.Findings,
		fmt.Sprintf("allocation %d failed, and %s is %s: %s", n, sc.Name, r.Verdict, r.Why))
}

// try makes one connection whose n-th allocation fails, and returns how many
// there were.
func (s *sweep) try(ctx context.Context, sc harness.Scenario, n int) (harness.ScenarioRecord, int, error) {
	if err := s.control.FailAt(n); err != nil {
		return harness.ScenarioRecord{}, 0, err
	}
	r, err := s.session.Try(ctx, sc)
	if err != nil {
		return r, 0, err
	}
	count, err := s.control.Count()
	return r, count, err
}
