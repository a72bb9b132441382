package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/peterbourgon/ff/v3/ffcli"

	"trustrig/scenarios"
)

func versionCommand() *ffcli.Command {
	return &ffcli.Command{
		Name:       "version",
		ShortUsage: "trustrig version",
		ShortHelp:  "print the version of this trustrig",
		Exec: func(context.Context, []string) error {
			fmt.Printf("trustrig %s %s %s/%s\n", scenarios.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
