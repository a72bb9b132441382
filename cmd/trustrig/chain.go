package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"time"

	"github.com/peterbourgon/ff/v3/ffcli"

	"trustrig/firmware/cache"
	"trustrig/scenarios"
	"trustrig/servers/zoo"
)

func chainCommand() *ffcli.Command {
	var dir string
	fs := flag.NewFlagSet("trustrig chain", flag.ContinueOnError)
	fs.StringVar(&dir, "out", "", "write to this `folder` (default out/RECIPE)")
	return &ffcli.Command{
		Name:       "chain",
		ShortUsage: "trustrig chain RECIPE [-out DIR]",
		ShortHelp:  "write a recipe's certificates, its key and what they are for to files",
		FlagSet:    fs,
		Exec: func(_ context.Context, args []string) error {
			if len(args) == 0 {
				return errors.New("chain wants a recipe; trustrig serve lists them")
			}
			recipe := args[0]
			if err := fs.Parse(args[1:]); err != nil { // flags may stand behind it
				return err
			}
			if fs.NArg() > 0 {
				return fmt.Errorf("chain wants one recipe, not %q too", fs.Arg(0))
			}
			if dir == "" {
				dir = filepath.Join("out", recipe)
			}
			return writeChain(recipe, dir)
		},
	}
}

func writeChain(name, dir string) error {
	store, err := cache.Open()
	if err != nil {
		return err
	}
	maker := scenarios.NewMaker(time.Now(), store)
	recipes, err := recipesNamed(maker, []string{name})
	if err != nil {
		return err
	}
	chain, err := maker.Chain(name)
	if err != nil {
		return err
	}
	if err := zoo.WriteChain(dir, recipes[0], chain); err != nil {
		return err
	}
	say("written: " + filepath.Join(dir, "README.md") + " says what it is")
	return nil
}
