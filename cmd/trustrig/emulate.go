package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/peterbourgon/ff/v3/ffcli"

	"trustrig/firmware"
	"trustrig/harness/emulator"
)

func emulateCommand() *ffcli.Command {
	var choice, link, dir string
	var heap firmware.Size
	fs := flag.NewFlagSet("trustrig emulate", flag.ContinueOnError)
	fs.StringVar(&choice, "firmware", "", "a `name` or a path (default debian)")
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
			return emulate(ctx, choice, emulator.Config{Dir: dir, Link: link, Heap: int64(heap), Log: os.Stderr})
		},
	}
}

func emulate(ctx context.Context, choice string, cfg emulator.Config) error {
	f, err := firmware.Select(ctx, choice, firmware.Options{Say: say})
	if err != nil {
		return err
	}
	if cfg.Env, err = firmware.Environ(os.Environ(), nil); err != nil {
		return err
	}
	cfg.Command, cfg.Modules = f.Argv, firmware.Modules()
	e, err := emulator.Start(ctx, cfg)
	if err != nil {
		return err
	}
	fmt.Println(e.Port())
	say(fmt.Sprintf("MicroPython %s answers on %s; Ctrl-C ends it", f.Version, e.Port()))
	<-ctx.Done()
	return e.Close()
}
