package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/peterbourgon/ff/v3/ffcli"

	"trustrig/scenarios/detection"
)

func mutantsCommand() *ffcli.Command {
	var o detection.Options
	var pattern, among string
	var asJSON bool
	fs := flag.NewFlagSet("trustrig mutants", flag.ContinueOnError)
	fs.StringVar(&pattern, "run", "", "only mutants and honest variants whose name matches this `regexp`")
	fs.StringVar(&among, "scenario", "", "only scenarios whose name matches this `regexp`")
	fs.BoolVar(&o.Full, "full", false, "walk the whole catalogue for each, past the first kill")
	fs.BoolVar(&asJSON, "json", false, "print JSON in place of the table")
	// Half of a walk is waiting, for servers that stall.
	fs.IntVar(&o.Jobs, "j", 2*runtime.NumCPU(), "cameras side by side, a `number`")
	fs.Uint64Var(&o.Seed, "seed", 0, "shuffle the catalogue by this `number`, 0 for a random one")
	return &ffcli.Command{
		Name:       "mutants",
		ShortUsage: "trustrig mutants [flags]",
		ShortHelp:  "measure the detection power: is each sabotaged firmware caught, and no honest one?",
		LongHelp: "Exit status: 0 for a score of 1, 1 for a mutant that survived or was not named, or a\n" +
			"false alarm, 2 wrong usage or nothing to run on.",
		FlagSet: fs,
		Exec: func(ctx context.Context, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("mutants takes flags only, not %q", args[0])
			}
			var err error
			if o.Names, err = regexp.Compile(pattern); err != nil {
				return fmt.Errorf("-run: %w", err)
			}
			if o.Scenarios, err = regexp.Compile(among); err != nil {
				return fmt.Errorf("-scenario: %w", err)
			}
			return measure(ctx, o, asJSON)
		},
	}
}

func measure(ctx context.Context, o detection.Options, asJSON bool) error {
	o.Say = say
	o.Done = func(r detection.Result) { say(fmt.Sprintf("%s: %s (%d scenarios)", r.Name, standing(r), r.Walked)) }
	report, err := detection.Measure(ctx, o)
	if err != nil {
		return err
	}
	if asJSON {
		err = printJSON(report)
	} else {
		err = printReport(os.Stdout, report)
	}
	if err == nil && report.Score < 1 {
		return exitCode(exitFinding)
	}
	return err
}

func printReport(w io.Writer, r *detection.Report) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "FIRMWARE\tMISTAKE OR DIFFERENCE\tRESULT")
	for _, m := range slices.Concat(r.Mutants, r.Variants) {
		fmt.Fprintf(tw, "%s\t%s\t%s\n", m.Name, m.Is, standing(m))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, m := range slices.Concat(r.Mutants, r.Variants) {
		if len(m.Strays) > 0 {
			fmt.Fprintf(w, "\n%s: turned, and not explained:\n  %s\n", m.Name, strings.Join(m.Strays, "\n  "))
		}
	}
	for _, name := range slices.Sorted(mapKeys(r.Only, r.Full)) {
		fmt.Fprintf(w, "\n%s alone kills %d", name, r.Only[name])
	}
	_, err := fmt.Fprintf(w, "\nscore %.3f: %d of %d mutants killed, %d false alarms over %d honest variants; seed %d, %.0f s\n",
		r.Score, r.Killed, len(r.Mutants), len(r.FalseAlarms), len(r.Variants), r.Seed, r.Seconds)
	return err
}

// mapKeys are the names that a full measurement has found.
func mapKeys(only map[string]int, full bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range only {
			if full && !yield(name) {
				return
			}
		}
	}
}

// standing is a result in a few words.
func standing(r detection.Result) string {
	switch {
	case r.Honest() && len(r.Strays) == 0:
		return "green"
	case r.Honest():
		return fmt.Sprintf("FALSE ALARM in %d scenarios", len(r.Strays))
	case r.Killed && r.Named:
		return fmt.Sprintf("killed by %s", r.By)
	case r.Killed:
		return fmt.Sprintf("killed by %s, NOT NAMED: %s before", r.By, r.Strays[0])
	case r.Equivalent != "":
		return "equivalent: " + r.Equivalent
	}
	return "SURVIVED"
}
