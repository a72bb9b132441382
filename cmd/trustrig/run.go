package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/peterbourgon/ff/v3/ffcli"
	"golang.org/x/term"

	"trustrig/firmware/cache"
	"trustrig/harness"
	"trustrig/harness/report"
	"trustrig/scenarios"
	"trustrig/servers/pki"
)

// A runConfig is what the flags of trustrig run say.
type runConfig struct {
	scenarios.Options
	pattern    string
	list, json bool
	printTo    string
}

func runCommand() *ffcli.Command {
	var c runConfig
	fs := flag.NewFlagSet("trustrig run", flag.ContinueOnError)
	c.Register(fs)
	fs.StringVar(&c.pattern, "scenario", "", "only scenarios whose name matches this `regexp`")
	fs.BoolVar(&c.list, "list", false, "list the scenarios and run none")
	fs.BoolVar(&c.json, "json", false, "print JSON in place of the table: the run record, or with -list the scenarios")
	fs.StringVar(&c.printTo, "print", "", "run nothing; write the one scenario that matches into this `folder`, as files that need nothing of trustrig")
	return &ffcli.Command{
		Name:       "run",
		ShortUsage: "trustrig run [flags]",
		ShortHelp:  "walk the catalogue against a camera and judge it",
		LongHelp: "Exit status: 0 nothing found, 1 a finding, 2 wrong usage or nothing to run on,\n" +
			"3 inconclusive only, 4 only insecure findings that an advisory names, 130 after Ctrl-C.",
		FlagSet: fs,
		Exec: func(ctx context.Context, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("run takes flags only, not %q", args[0])
			}
			return c.exec(ctx)
		},
	}
}

func (c *runConfig) exec(ctx context.Context) error {
	chosen, err := choose(c.pattern)
	if err != nil {
		return err
	}
	if c.list {
		return c.printList(chosen)
	}
	if c.printTo != "" {
		return c.printScenario(chosen)
	}
	c.Say = say
	record, err := scenarios.Run(ctx, c.Options, chosen, progress(len(chosen)))
	if record != nil {
		err = errors.Join(err, c.print(record))
	}
	if err != nil {
		return err
	}
	if code := exitFor(record); code != exitOK {
		return exitCode(code)
	}
	return nil
}

// choose returns the scenarios of the catalogue that the pattern matches.
func choose(pattern string) ([]harness.Scenario, error) {
	all, err := scenarios.Catalogue()
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("-scenario: %w", err)
	}
	var chosen []harness.Scenario
	for _, s := range all {
		if re.MatchString(s.Name) {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("-scenario %q matches none of the %d scenarios; trustrig run -list shows them", pattern, len(all))
	}
	return chosen, nil
}

func (c *runConfig) printScenario(chosen []harness.Scenario) error {
	if len(chosen) > 1 {
		return fmt.Errorf("-print wants one scenario, and -scenario %q matches %d, %s among them", c.pattern, len(chosen), chosen[0].Name)
	}
	store, err := cache.Open()
	if err != nil {
		return err
	}
	maker := pki.New(time.Now(), pki.NewKeys(filepath.Join(store.Dir(), "keys")))
	if err := scenarios.Print(c.printTo, chosen[0], maker); err != nil {
		return err
	}
	say("written: " + filepath.Join(c.printTo, "README.md") + " says how to use it")
	return nil
}

func (c *runConfig) printList(chosen []harness.Scenario) error {
	if c.json {
		return printJSON(chosen)
	}
	tw := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "SCENARIO\tMUST BE\tWHY")
	for _, s := range chosen {
		fmt.Fprintf(tw, "%s\t%s\t%s\n", s.Name, s.Expect.Result, s.Why)
	}
	return tw.Flush()
}

func (c *runConfig) print(r *harness.RunRecord) error {
	if c.json {
		return printJSON(r)
	}
	if err := errors.Join(report.Table(os.Stdout, r), scenarios.WriteStacks(os.Stdout, r)); err != nil {
		return err
	}
	if c.Report != "" {
		say(fmt.Sprintf("record: %s/run.json, %s/junit.xml", c.Report, c.Report))
	}
	return nil
}

func printJSON(v any) error {
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// exitFor is the exit code that a record deserves.
func exitFor(r *harness.RunRecord) int {
	any := func(f func(harness.ScenarioRecord) bool) bool { return slices.ContainsFunc(r.Scenarios, f) }
	switch {
	case r.Interrupted:
		return exitInterrupted
	case len(r.Stale) > 0 || any(func(s harness.ScenarioRecord) bool { return s.New }):
		return exitFinding
	case r.Totals[harness.Inconclusive] > 0 || r.Totals[harness.Pass] == 0:
		return exitInconclusive // where all is skipped, nothing is shown
	case any(func(s harness.ScenarioRecord) bool { return s.Advisory != "" }):
		return exitNamed
	}
	return exitOK
}

// say is how trustrig talks beside its data.
func say(line string) { fmt.Fprintln(os.Stderr, "trustrig: "+line) }

// progress shows on a terminal how far a run is.
func progress(total int) func(done int, r harness.ScenarioRecord) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return func(int, harness.ScenarioRecord) {}
	}
	return func(done int, r harness.ScenarioRecord) {
		fmt.Fprintf(os.Stderr, "\r\033[K[%*d/%d] %s", len(fmt.Sprint(total)), done, total, r.Name)
		if done == total {
			fmt.Fprint(os.Stderr, "\r\033[K")
		}
	}
}
