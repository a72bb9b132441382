package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/peterbourgon/ff/v3/ffcli"

	"trustrig/firmware"
)

func firmwareCommand() *ffcli.Command {
	var asJSON, get bool
	fs := flag.NewFlagSet("trustrig firmware", flag.ContinueOnError)
	fs.BoolVar(&asJSON, "json", false, "print JSON in place of the table")
	fs.BoolVar(&get, "get", false, "fetch or build first those that are not there yet")
	return &ffcli.Command{
		Name:       "firmware",
		ShortUsage: "trustrig firmware [flags]",
		ShortHelp:  "list the firmwares that an emulated camera can run, and how each differs from a board's",
		FlagSet:    fs,
		Exec: func(ctx context.Context, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("firmware takes flags only, not %q", args[0])
			}
			if get {
				getAll(ctx)
			}
			list, err := firmware.List(ctx, firmware.Options{Say: say})
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(list)
			}
			return printFirmwares(os.Stdout, list)
		},
	}
}

// getAll brings every firmware into the cache, and says why it can not where
// it can not.
func getAll(ctx context.Context) {
	for _, name := range firmware.Names() {
		if _, err := firmware.Select(ctx, name, firmware.Options{Say: say}); err != nil {
			say(err.Error())
		}
	}
}

func printFirmwares(w io.Writer, list []firmware.Status) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tVERSION\tMBEDTLS\tARCHITECTURE\tREADY\tHOW IT DIFFERS FROM A BOARD")
	for _, s := range list {
		ready, mbedtls := "ready", s.MbedTLS
		if !s.Ready {
			ready, mbedtls = s.Get, "-"
		}
		if s.Compiled != "" && s.Compiled != s.MbedTLS {
			mbedtls += " (compiled for " + s.Compiled + ")"
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", s.Name, orDash(s.Version), mbedtls, architecture(s), ready, s.Differs)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, s := range list {
		if !s.Ready {
			continue
		}
		fmt.Fprintf(w, "\n%s: %s; with %s\n", s.Name, s.Origin, strings.Join(s.Modules, ", "))
		printFixes(w, "fixed here and not in the boards' mbedTLS "+firmware.BoardMbedTLS, s.Ahead)
		printFixes(w, "open here and on the boards", s.Open)
	}
	return nil
}

func printFixes(w io.Writer, title string, fixes []firmware.Fix) {
	if len(fixes) == 0 {
		return
	}
	fmt.Fprintf(w, "  %s:\n", title)
	for _, f := range fixes {
		fmt.Fprintf(w, "    %s (fixed in %s): %s\n", f.CVE, f.In, f.What)
	}
}

// architecture is Debian's name of it, with the size of a word where the
// firmware tells.
func architecture(s firmware.Status) string {
	switch {
	case !s.Ready:
		return s.Arch
	case s.MaxSize > 1<<31:
		return s.Arch + ", 64 bits"
	}
	return s.Arch + ", 32 bits"
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
