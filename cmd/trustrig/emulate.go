package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/peterbourgon/ff/v3/ffcli"

	"trustrig/firmware"
	"trustrig/harness/emulator"
	"trustrig/harness/emulator/board"
)

func emulateCommand() *ffcli.Command {
	var choice, played, link, dir string
	var heap firmware.Size
	fs := flag.NewFlagSet("trustrig emulate", flag.ContinueOnError)
	fs.StringVar(&choice, "firmware", "", "a `name` or a path (default debian)")
	fs.StringVar(&played, "board", "", "play this `board`, with its power-on clock, epoch, flash and, under a camera's firmware, heap: "+strings.Join(board.Names(), ", "))
	fs.StringVar(&link, "link", "", "make this `path` a link to the port")
	fs.StringVar(&dir, "flash", "", "keep the camera's flash in this `folder` (default: forgotten at the end)")
	fs.Var(&heap, "heap", "heap of the interpreter, a `size` as in 256K (default the firmware's)")
	return &ffcli.Command{
		Name:       "emulate",
		ShortUsage: "trustrig emulate [flags]",
		ShortHelp:  "keep an emulated camera running for any serial tool, until Ctrl-C",
		FlagSet:    fs,
		Exec: func(ctx context.Context, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("emulate takes flags only, not %q", args[0])
			}
			return emulate(ctx, choice, played, emulator.Config{Dir: dir, Link: link, Heap: int64(heap), Log: os.Stderr})
		},
	}
}

func emulate(ctx context.Context, choice, played string, cfg emulator.Config) error {
	o := firmware.Options{Say: say}
	f, err := firmware.Select(ctx, choice, o)
	if err != nil {
		return err
	}
	if played != "" {
		b, err := board.Named(played)
		if err != nil {
			return fmt.Errorf("-board: %w", err)
		}
		b.Configure(&cfg, f.Name)
	}
	clock, err := f.Clock(ctx, os.Environ(), o)
	if err != nil {
		say("without a clock of its own, as far as certificates go: " + err.Error())
	}
	var libs []string
	if cfg.FakeTime = err == nil; cfg.FakeTime {
		libs = append(libs, clock)
	}
	if cfg.Command, cfg.Env, err = f.Surrounded(os.Environ(), libs); err != nil {
		return err
	}
	cfg.Modules = firmware.Modules()
	e, err := emulator.Start(ctx, cfg)
	if err != nil {
		return err
	}
	fmt.Println(e.Port())
	say(fmt.Sprintf("MicroPython %s answers on %s; Ctrl-C ends it", f.Version, e.Port()))
	<-ctx.Done()
	return e.Close()
}
