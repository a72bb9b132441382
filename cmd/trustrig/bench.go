package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/peterbourgon/ff/v3/ffcli"

	"trustrig/scenarios/bench"
)

func benchCommand() *ffcli.Command {
	var o bench.Options
	fs := flag.NewFlagSet("trustrig bench", flag.ContinueOnError)
	fs.StringVar(&o.Firmware, "firmware", "", "firmware of the emulated camera: a `name` or a path (default debian)")
	fs.StringVar(&o.Out, "out", "out/bench.json", "write the measures to this `file`")
	fs.BoolVar(&o.Short, "short", false, "fewer rounds and handshakes")
	fs.DurationVar(&o.Soak, "soak", 0, "then run the catalogue over and over for this `time`")
	return &ffcli.Command{
		Name:       "bench",
		ShortUsage: "trustrig bench [flags]",
		ShortHelp:  "measure the rig's own cost as ratios in one run",
		LongHelp:   "A missed target is printed and written, and is no error: machines differ.",
		FlagSet:    fs,
		Exec: func(ctx context.Context, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("bench takes flags only, not %q", args[0])
			}
			o.Say = say
			_, err := bench.Run(ctx, o)
			return err
		},
	}
}
