// Trustrig finds out whether a MicroPython camera that says CERT_REQUIRED
// truly verifies the server.
//
// Standard output is data, standard error is talk: "trustrig: error: what,
// which", then "trustrig: hint: what next". Only this package exits.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/peterbourgon/ff/v3/ffcli"
)

// Exit codes mean something: scripts and CI read them.
const (
	exitOK           = 0
	exitFinding      = 1   // insecure, broken or wrong reason, not named by anyone
	exitUsage        = 2   // wrong usage, or nothing to run on
	exitInconclusive = 3   // inconclusive only
	exitNamed        = 4   // named insecure findings only
	exitInterrupted  = 130 // Ctrl-C: what was finished is written
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second Ctrl-C ends at once what the first did not end in time.
	context.AfterFunc(ctx, stop)
	err := root().ParseAndRun(ctx, args)
	var code exitCode
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, flag.ErrHelp):
		return exitUsage
	}
	fmt.Fprintf(os.Stderr, "trustrig: error: %v\n", err)
	var h hinter
	if errors.As(err, &h) {
		fmt.Fprintf(os.Stderr, "trustrig: hint: %s\n", h.Hint())
	}
	if ctx.Err() != nil {
		return exitInterrupted
	}
	return exitUsage
}

// exitCode is an error that has been told already, but for its code.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit %d", int(c)) }

// A hinter is an error that knows what to do next.
type hinter interface{ Hint() string }

func root() *ffcli.Command {
	fs := flag.NewFlagSet("trustrig", flag.ContinueOnError)
	return &ffcli.Command{
		Name:       "trustrig",
		ShortUsage: "trustrig <command> [flags]",
		ShortHelp:  "does a MicroPython camera that says CERT_REQUIRED truly verify the server?",
		FlagSet:    fs,
		Subcommands: []*ffcli.Command{
			runCommand(), catalogueCommand(), claimsCommand(), mutantsCommand(), timelineCommand(), firmwareCommand(), sweepCommand(), compareCommand(), serveCommand(), chainCommand(), emulateCommand(), benchCommand(), versionCommand(),
		},
		Exec: func(_ context.Context, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("unknown command %q; trustrig -h lists them", args[0])
			}
			return flag.ErrHelp
		},
	}
}
