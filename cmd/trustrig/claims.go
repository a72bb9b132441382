package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/peterbourgon/ff/v3/ffcli"

	"trustrig/harness"
	"trustrig/harness/report"
	"trustrig/scenarios"
)

// A claimsConfig is what the flags of trustrig claims say.
type claimsConfig struct {
	scenarios.Options
	markdown, json bool
}

func claimsCommand() *ffcli.Command {
	var c claimsConfig
	fs := flag.NewFlagSet("trustrig claims", flag.ContinueOnError)
	c.Register(fs)
	fs.BoolVar(&c.markdown, "markdown", false, "print a page for the manual's author, with how to reproduce each departure by hand")
	fs.BoolVar(&c.json, "json", false, "print the ledger as JSON")
	return &ffcli.Command{
		Name:       "claims",
		ShortUsage: "trustrig claims [-report DIR | flags of run]",
		ShortHelp:  "print what is true of each sentence of the manual",
		LongHelp:   "With -report DIR and a run.json in it, prints that run's ledger. Otherwise runs the catalogue first.",
		FlagSet:    fs,
		Exec: func(ctx context.Context, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("claims takes flags only, not %q", args[0])
			}
			record, err := c.record(ctx)
			if err != nil {
				return err
			}
			return c.print(os.Stdout, record)
		},
	}
}

// record returns the run in the report folder where there is one, else runs.
func (c *claimsConfig) record(ctx context.Context) (*harness.RunRecord, error) {
	if c.Report != "" {
		r, err := report.Read(c.Report)
		if err == nil || !errors.Is(err, os.ErrNotExist) {
			return r, err
		}
	}
	all, err := scenarios.Catalogue()
	if err != nil {
		return nil, err
	}
	c.Say = say
	return scenarios.Run(ctx, c.Options, all, progress(len(all)))
}

func (c *claimsConfig) print(w io.Writer, r *harness.RunRecord) error {
	switch {
	case c.json:
		return printJSON(r.Claims)
	case c.markdown:
		return scenarios.WriteClaims(w, r)
	}
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "CLAIM\tSTATUS\tSCENARIOS\tSENTENCE")
	for i, claim := range scenarios.Claims() {
		e := r.Claims[i]
		fmt.Fprintf(tw, "%s\t%s\t%d\t%s\n", e.ID, e.Status, len(e.Scenarios), claim.Sentence)
		if e.Status != harness.Confirmed {
			fmt.Fprintf(tw, "\t\t\t  seen: %s\n", shorten(e.Seen, 160))
		}
		for _, w := range e.Weaknesses {
			fmt.Fprintf(tw, "\t\t\t  weakness of the procedure: %s\n", shorten(w, 160))
		}
	}
	return tw.Flush()
}

func shorten(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return s
}
