package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/peterbourgon/ff/v3/ffcli"

	"trustrig/harness"
	"trustrig/harness/report"
	"trustrig/scenarios/zoo"
)

// A catalogueConfig is what the flags of trustrig catalogue say.
type catalogueConfig struct {
	reports        []string
	markdown, json bool
}

func catalogueCommand() *ffcli.Command {
	var c catalogueConfig
	fs := flag.NewFlagSet("trustrig catalogue", flag.ContinueOnError)
	fs.Func("report", "show what the firmware of the run in this `folder` did; may be given more than once", func(dir string) error {
		c.reports = append(c.reports, dir)
		return nil
	})
	fs.BoolVar(&c.markdown, "markdown", false, "print a page, with the clauses and the coverage")
	fs.BoolVar(&c.json, "json", false, "print JSON in place of the tables")
	return &ffcli.Command{
		Name:       "catalogue",
		ShortUsage: "trustrig catalogue [-json | -markdown] [-report DIR]...",
		ShortHelp:  "count and list the faults: what must become of each, and on whose word",
		FlagSet:    fs,
		Exec: func(_ context.Context, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("catalogue takes flags only, not %q", args[0])
			}
			return c.exec()
		},
	}
}

func (c *catalogueConfig) exec() error {
	if c.json && c.markdown {
		return errors.New("-json and -markdown: give one of the two")
	}
	var runs []*harness.RunRecord
	for _, dir := range c.reports {
		r, err := report.Read(dir)
		if err != nil {
			return err
		}
		runs = append(runs, r)
	}
	z, err := zoo.New(runs)
	if err != nil {
		return err
	}
	switch {
	case c.json:
		return printJSON(z)
	case c.markdown:
		return z.Markdown(os.Stdout)
	}
	return z.Text(os.Stdout)
}
