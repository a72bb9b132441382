package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/peterbourgon/ff/v3/ffcli"

	"trustrig/scenarios/detection"
)

func sweepCommand() *ffcli.Command {
	var step int
	var asJSON bool
	fs := flag.NewFlagSet("trustrig sweep", flag.ContinueOnError)
	fs.IntVar(&step, "step", 1, "have only each allocation of this `number` fail; all take a quarter of an hour")
	fs.BoolVar(&asJSON, "json", false, "print JSON in place of the table")
	return &ffcli.Command{
		Name:       "sweep",
		ShortUsage: "trustrig sweep [flags]",
		ShortHelp:  "have each allocation of a handshake fail: is the attacker ever accepted, is the next handshake normal?",
		LongHelp:   "Exit status: 0 nothing found, 1 a finding, 2 wrong usage or nothing to run on.",
		FlagSet:    fs,
		Exec: func(ctx context.Context, args []string) error {
			if len(args) > 0 || step < 1 {
				return errors.New("sweep takes flags only, and a step of 1 or more")
			}
			report, err := detection.Sweep(ctx, step, say)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(report)
			} else {
				err = printSweep(report)
			}
			if err == nil && len(report.Findings) > 0 {
				return exitCode(exitFinding)
			}
			return err
		},
	}
}

func printSweep(r *detection.SweepReport) error {
	tw := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "SERVER\tALLOCATIONS\tMADE TO FAIL\tVERDICTS")
	for _, half := range []struct {
		name  string
		count detection.SweepCount
	}{{"good", r.Good}, {"attacker", r.Attacker}} {
		var verdicts []string
		for _, v := range slices.Sorted(maps.Keys(half.count.Verdicts)) {
			verdicts = append(verdicts, fmt.Sprintf("%d %s", half.count.Verdicts[v], v))
		}
		fmt.Fprintf(tw, "%s\t%d\t%d\t%s\n", half.name, half.count.Allocations, half.count.Tried, strings.Join(verdicts, ", "))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, line := range r.Findings {
		fmt.Println(line)
	}
	fmt.Printf("%d findings\n", len(r.Findings))
	return nil
}
