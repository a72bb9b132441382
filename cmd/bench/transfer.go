package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"trustrig/firmware"
	"trustrig/harness/device"
	"trustrig/harness/emulator"
	"trustrig/harness/emulator/console"
)

const (
	transferSize = 100_000
	// transfers is how often each way of copying is timed; the median counts.
	transfers = 5

	baud = 115200
	// lineBytes is what a line of that rate carries of a payload in base64:
	// 10 bits a character, 4 characters for 3 bytes.
	lineBytes = baud / 10 * 3 / 4
)

// blockWindow is a raw-paste window for a port whose side reads in blocks. With
// the 128 bytes of a board, half of the rig's time goes into passing grants to
// and fro through the kernel's terminals.
const blockWindow = 4096

// copyOverPut is the time in which mpremote copies a file onto an emulated
// camera over the time in which the rig puts it there, where the port's side
// reads in blocks.
func copyOverPut(ctx context.Context, fw *firmware.Firmware) (float64, error) {
	return copyOver(ctx, fw, blockWindow)
}

// copyOverPutOnBoard is the same with the raw-paste window of a board.
func copyOverPutOnBoard(ctx context.Context, fw *firmware.Firmware) (float64, error) {
	return copyOver(ctx, fw, console.DefaultWindow)
}

func copyOver(ctx context.Context, fw *firmware.Firmware, window int) (ratio float64, err error) {
	tool, err := firmware.Mpremote(ctx, firmware.Options{})
	if err != nil {
		return 0, err
	}
	camera, err := emulator.Start(ctx, emulator.Config{Command: fw.Argv, Modules: firmware.Modules(), Window: window})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, camera.Close()) }()
	dir, err := os.MkdirTemp("", "trustrig-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)

	var theirs, ours []time.Duration
	for range transfers {
		content := make([]byte, transferSize)
		_, _ = rand.Read(content) // never fails
		file := filepath.Join(dir, "file.bin")
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return 0, err
		}
		start := time.Now()
		if out, err := tool.Command(ctx, "connect", camera.Port(), "fs", "cp", file, ":/flash/theirs.bin").CombinedOutput(); err != nil {
			return 0, fmt.Errorf("mpremote: %w: %.200s", err, out)
		}
		theirs = append(theirs, time.Since(start))
		spent, err := put(ctx, camera.Port(), content)
		if err != nil {
			return 0, err
		}
		ours = append(ours, spent)
	}
	return median(theirs) / median(ours), nil
}

// put is the time for all that mpremote does too: opening the port, entering
// the raw REPL, the file, leaving.
func put(ctx context.Context, port string, content []byte) (time.Duration, error) {
	start := time.Now()
	d, err := device.Open(ctx, port)
	if err != nil {
		return 0, err
	}
	_, err = d.Put(ctx, "/flash/ours.bin", content)
	return time.Since(start), errors.Join(err, d.Close(ctx))
}

// lineRate is the payload that Put brings over a line of 115200 baud a second,
// over what such a line can carry in base64. Put's own encoding is shorter, so
// that it may exceed 1. The device holds the script that Put runs
// there from a first, small file on, as in a run.
func lineRate(ctx context.Context, fw *firmware.Firmware) (share float64, err error) {
	camera, err := emulator.Start(ctx, emulator.Config{Command: fw.Argv, Modules: firmware.Modules(), Baud: baud})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, camera.Close()) }()
	d, err := device.Open(ctx, camera.Port())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, d.Close(ctx)) }()
	content := make([]byte, transferSize)
	_, _ = rand.Read(content) // never fails
	if _, err := d.Put(ctx, "/flash/first.bin", content[:1]); err != nil {
		return 0, err
	}
	start := time.Now()
	if _, err := d.Put(ctx, "/flash/second.bin", content); err != nil {
		return 0, err
	}
	return transferSize / time.Since(start).Seconds() / lineBytes, nil
}

// median is in seconds.
func median(d []time.Duration) float64 {
	slices.Sort(d)
	return d[len(d)/2].Seconds()
}
