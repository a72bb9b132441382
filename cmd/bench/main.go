// Command bench measures trustrig against its targets and writes bench.json:
// ratios, taken in one run, in turn with what they are compared to.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"

	"trustrig/firmware"
)

// A measure is one figure of bench.json.
type measure struct {
	name   string
	target string
	take   func(ctx context.Context, fw *firmware.Firmware) (float64, error)
}

func measures() []measure {
	return []measure{
		{"mpremote_cp_over_put", "at least 20", copyOverPut},
		{"mpremote_cp_over_put_128", "none", copyOverPutOnBoard},
		{"line_rate", "at least 0.95", lineRate},
	}
}

func main() {
	out := flag.String("out", "out/bench.json", "`FILE` to write")
	only := flag.String("run", "", "take only the measures that match `REGEXP`")
	choice := flag.String("firmware", "", "firmware of the emulated camera, by `NAME` or path")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := bench(ctx, *out, *only, *choice); err != nil {
		fmt.Fprintln(os.Stderr, "bench: error:", err)
		os.Exit(2)
	}
}

// bench takes the measures and writes what it has, also when one fails.
func bench(ctx context.Context, out, only, choice string) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return fmt.Errorf("-run: %w", err)
	}
	fw, err := firmware.Select(ctx, choice, firmware.Options{})
	if err != nil {
		return err
	}
	taken := make(map[string]float64)
	var failed []error
	for _, m := range measures() {
		if !wanted.MatchString(m.name) {
			continue
		}
		value, err := m.take(ctx, fw)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", m.name, err))
			continue
		}
		taken[m.name] = value
		fmt.Printf("%-26s %8.3f   target: %s\n", m.name, value, m.target)
	}
	if len(taken) == 0 && len(failed) == 0 {
		return fmt.Errorf("-run %q matches no measure", only)
	}
	return errors.Join(append(failed, write(out, taken))...)
}

// write writes the figures, whole or not at all.
func write(path string, figures map[string]float64) error {
	text, err := json.MarshalIndent(figures, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	part := path + ".part"
	if err := os.WriteFile(part, append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(part, path)
}
