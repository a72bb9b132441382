package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/peterbourgon/ff/v3/ffcli"

	"trustrig/firmware"
	"trustrig/harness"
	"trustrig/harness/compare"
	"trustrig/scenarios"
)

func compareCommand() *ffcli.Command {
	var o scenarios.Options
	var pattern string
	var asJSON bool
	fs := flag.NewFlagSet("trustrig compare", flag.ContinueOnError)
	fs.StringVar(&pattern, "scenario", "", "only scenarios whose name matches this `regexp`")
	fs.StringVar(&o.Servers, "servers", "auto", "where the TLS servers run: docker, inprocess, or auto for docker where it answers")
	fs.Uint64Var(&o.Seed, "seed", 1, "shuffle the scenarios by this `number`, the same for all")
	fs.BoolVar(&asJSON, "json", false, "print JSON in place of the table")
	return &ffcli.Command{
		Name:       "compare",
		ShortUsage: "trustrig compare [flags] FIRMWARE FIRMWARE…",
		ShortHelp:  "run the catalogue on several firmwares and print what differs",
		LongHelp: "A firmware is a name (trustrig firmware lists them) or a path. Exit status: 0 for a\n" +
			"comparison, whatever it shows; 2 wrong usage or nothing to run on.",
		FlagSet: fs,
		Exec: func(ctx context.Context, args []string) error {
			if len(args) < 2 {
				return fmt.Errorf("compare takes two firmwares or more; the names are: %s", strings.Join(firmware.Names(), ", "))
			}
			chosen, err := choose(pattern)
			if err != nil {
				return err
			}
			c, err := compareFirmwares(ctx, o, chosen, args)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(c)
			}
			return c.Table(os.Stdout)
		},
	}
}

// compareFirmwares runs the scenarios on one firmware after the other, each
// with all of the machine to itself.
func compareFirmwares(ctx context.Context, o scenarios.Options, chosen []harness.Scenario, names []string) (*compare.Comparison, error) {
	var records []*harness.RunRecord
	for _, name := range names {
		o.Firmware, o.Say = name, func(line string) { say(name + ": " + line) }
		r, err := scenarios.Run(ctx, o, chosen, progress(len(chosen)))
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return compare.Compare(records), nil
}
