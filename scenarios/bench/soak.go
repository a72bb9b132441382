package bench

import (
	"context"
	"fmt"
	"os"
	"time"

	"trustrig/harness"
	"trustrig/scenarios"
)

func handshakesTotal() (string, error) {
	all, err := scenarios.Catalogue()
	return fmt.Sprintf("%d scenarios", len(all)), err
}

// soak runs the catalogue over and over on one camera that stays up, and looks
// for what only shows with time: verdicts that change, files left open.
func soak(ctx context.Context, o Options) ([]Measure, error) {
	if o.Soak == 0 {
		return nil, nil
	}
	all, err := scenarios.Catalogue()
	if err != nil {
		return nil, err
	}
	end := time.Now().Add(o.Soak)
	first := make(map[string]harness.Verdict)
	var runs, judged, changed, before, after int
	for time.Now().Before(end) {
		run := o.Options
		run.Report, run.Servers, run.Seed = "", "inprocess", uint64(runs+1)
		r, err := scenarios.Run(ctx, run, all, nil)
		if err != nil {
			return nil, err
		}
		for _, s := range r.Scenarios {
			judged++
			if v, ok := first[s.Name]; ok && v != s.Verdict {
				changed++
			} else {
				first[s.Name] = s.Verdict
			}
		}
		after = openFiles()
		if runs++; runs == 1 {
			before = after
		}
	}
	detail := fmt.Sprintf("%d runs, each in another order, in %s; %d scenarios judged", runs, o.Soak, judged)
	return []Measure{
		{Name: "soak_changed", Value: float64(changed), Unit: "verdicts", Detail: detail},
		{Name: "soak_open_files", Value: float64(after - before), Unit: "more", Detail: "files of the rig open after the last run, over those after the first"},
	}, nil
}

// openFiles counts this process's open files, 0 where the system does not
// tell.
func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}
