package scenarios

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"trustrig/harness"
	"trustrig/harness/report"
)

// Run walks the chosen scenarios on one device, in the order that the seed
// gives, and returns the record, which it also writes where the options say
// so. When ctx ends first, the record holds what was finished. The error is
// for a run that could not be: nothing to run on, or a record that could not
// be written. Progress, which may be nil, is told of each scenario.
func Run(ctx context.Context, o Options, chosen []harness.Scenario, progress func(done int, r harness.ScenarioRecord)) (record *harness.RunRecord, err error) {
	if o.Report != "" {
		if err := report.Prepare(o.Report); err != nil {
			return nil, err
		}
	}
	s, err := Open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closeErr := s.Close(); err == nil {
			err = closeErr
		}
	}()
	s.options.Say(fmt.Sprintf("%d scenarios, in the order of seed %d", len(chosen), s.options.Seed))
	var records []harness.ScenarioRecord
	for _, sc := range Shuffle(chosen, s.options.Seed) {
		r, err := s.Judge(ctx, sc)
		if err != nil {
			break // only the end of ctx
		}
		records = append(records, r)
		if progress != nil {
			progress(len(records), r)
		}
	}
	record = s.Record(records)
	record.Interrupted = len(records) < len(chosen)
	if err := s.update(record); err != nil {
		return record, err
	}
	if o.Report == "" {
		return record, nil
	}
	return record, report.Write(o.Report, record)
}

// Shuffle returns the scenarios in the order of a seed: state that leaks from
// one connection into the next is a fault worth finding.
func Shuffle(in []harness.Scenario, seed uint64) []harness.Scenario {
	out := slices.Clone(in)
	r := rand.New(rand.NewPCG(seed, 0))
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// Record makes the run record of what was judged so far. It lists the
// scenarios in the catalogue's order.
func (s *Session) Record(records []harness.ScenarioRecord) *harness.RunRecord {
	position := make(map[string]int)
	for i, sc := range s.catalogue {
		position[sc.Name] = i
	}
	records = slices.Clone(records)
	slices.SortFunc(records, func(a, b harness.ScenarioRecord) int { return position[a.Name] - position[b.Name] })
	return &harness.RunRecord{
		Schema: harness.Schema, Started: s.started, Ended: time.Now().UTC(), Trustrig: Version(),
		T0: s.options.T0, Seed: s.options.Seed, Servers: string(s.servers.Kind()), Device: s.device,
		Scenarios: records, Totals: harness.Total(records), Claims: Ledger(records), Stale: s.standing.stale(s.device.Capabilities, records, s.catalogue),
		Advisories: s.standing.named(records), Remarks: s.remarks,
	}
}

// update rewrites the firmware's baseline by the record, where that was asked
// for, and says what changed.
func (s *Session) update(r *harness.RunRecord) error {
	if !s.options.Update {
		return nil
	}
	root, err := moduleRoot()
	if err != nil {
		return fmt.Errorf("-update: %w", err)
	}
	updated, diff := s.standing.baseline.Update(r)
	for _, line := range diff {
		s.options.Say(line)
	}
	path := filepath.Join(root, baselineDir, s.options.firmwareName()+".json")
	s.options.Say(fmt.Sprintf("%s: %d lines differ; give each new one its reason", path, len(diff)))
	return updated.Write(path)
}

// moduleRoot is the folder of go.mod, at or above the working folder.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod at or above the working folder: run it in a checkout of trustrig")
		}
		dir = filepath.Dir(dir)
	}
}
