package scenarios

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"

	"trustrig/harness"
	"trustrig/harness/report"
)

// TestCatalogue is the product: each scenario is a subtest, on the device and
// the servers that the flags name.
func TestCatalogue(t *testing.T) {
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	if err := options.check(); err != nil {
		t.Fatal(err)
	}
	// Opened once, by the first scenario that -run lets through.
	open := sync.OnceValues(func() (*Session, error) { return openSession(t.Context()) })
	var session *Session
	var records []harness.ScenarioRecord
	for _, sc := range Shuffle(all, options.Seed) {
		t.Run(sc.Name, func(t *testing.T) {
			var err error
			if session, err = open(); err != nil {
				t.Fatal(err)
			}
			r, err := session.Judge(t.Context(), sc)
			if err != nil {
				t.Fatal(err)
			}
			records = append(records, r)
			tell(t, r)
		})
	}
	if session == nil {
		if t.Failed() {
			return
		}
		t.Fatalf("-run lets none of the %d scenarios through", len(all))
	}
	record := session.Record(records)
	t.Logf("seed %d; %s", record.Seed, report.Totals(record.Totals))
	if err := session.update(record); err != nil {
		t.Error(err)
	}
	for _, line := range record.Stale {
		t.Error(line)
	}
	if options.Report != "" {
		if err := report.Write(options.Report, record); err != nil {
			t.Error(err)
		}
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
}

func openSession(ctx context.Context) (*Session, error) {
	if options.Report != "" {
		if err := report.Prepare(options.Report); err != nil {
			return nil, err
		}
	}
	return Open(ctx, options)
}

// tell says of a scenario what go test should print.
func tell(t *testing.T, r harness.ScenarioRecord) {
	t.Helper()
	switch {
	case r.Verdict == harness.Skipped:
		t.Skip(r.Why)
	case r.New || r.Verdict == harness.Inconclusive:
		t.Errorf("%s: %s\n%sagain: go test ./scenarios -count=1 -timeout 0 -run '%s'",
			r.Verdict, r.Why, report.Detail(r), runPattern(r.Name))
	case r.Verdict == harness.Insecure:
		t.Logf("insecure, named by advisory %s: %s", r.Advisory, r.Why)
	case r.Accepted != "":
		t.Logf("%s, accepted by the baseline: %s (%s)", r.Verdict, r.Why, r.Accepted)
	}
}

// runPattern is what -run must be for one scenario: each element of its name
// is matched on its own.
func runPattern(name string) string {
	return "^TestCatalogue$/^" + strings.ReplaceAll(regexp.QuoteMeta(name), "/", "$/^") + "$"
}
