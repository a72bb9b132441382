package device

import (
	"bytes"
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"trustrig/firmware"
	"trustrig/harness/emulator"
)

// testFirmware is the firmware of the tests: Debian's, or the one that
// TRUSTRIG_TEST_FIRMWARE names.
var testFirmware = sync.OnceValues(func() (*firmware.Firmware, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	return firmware.Select(ctx, os.Getenv("TRUSTRIG_TEST_FIRMWARE"), firmware.Options{})
})

// logWriter writes a camera's log to the test's.
type logWriter struct{ tb testing.TB }

func (w logWriter) Write(p []byte) (int, error) {
	w.tb.Logf("%s", bytes.TrimSpace(p))
	return len(p), nil
}

// startCamera starts an emulated camera that lives as long as the test.
func startCamera(tb testing.TB, cfg emulator.Config) *emulator.Emulator {
	tb.Helper()
	fw, err := testFirmware()
	if err != nil {
		tb.Fatal(err)
	}
	cfg.Command, cfg.Modules, cfg.Log = fw.Argv, firmware.Modules(), logWriter{tb}
	e, err := emulator.Start(context.Background(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := e.Close(); err != nil {
			tb.Error(err)
		}
	})
	return e
}

// openCamera opens an emulated camera that lives as long as the test.
func openCamera(tb testing.TB, cfg emulator.Config) (*Device, *emulator.Emulator) {
	tb.Helper()
	e := startCamera(tb, cfg)
	d, err := Open(context.Background(), e.Port())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := d.Close(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	return d, e
}
