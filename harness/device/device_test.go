package device

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trustrig/harness"
	"trustrig/harness/emulator"
	"trustrig/harness/repl"
)

func TestExecOnCamera(t *testing.T) {
	d, _ := openCamera(t, emulator.Config{})
	mustExec(t, d, "print(6 * 7)", "42\n")
	mustExec(t, d, "x = 'kept'", "")
	mustExec(t, d, "print(x)", "kept\n")
	mustExec(t, d, "", "")
	mustExec(t, d, "print('é€😀')", "é€😀\n")
	for _, n := range []int{0, 100, 124, 125, 126, 127, 128, 129, 252, 253, 254, 255, 256, 257, 384, 5000} {
		source := "print(1)#"
		mustExec(t, d, source+strings.Repeat("#", max(0, n-len(source))), "1\n")
	}
	_, err := d.Exec(t.Context(), "import nothing_like_it")
	raised := (*repl.Exception)(nil)
	if !errors.As(err, &raised) || raised.Class != "ImportError" || errors.Is(err, harness.ErrDeviceLost) {
		t.Errorf("error %v, want an ImportError", err)
	}
	if _, err = d.Exec(t.Context(), "x = = 1\n"+strings.Repeat("#", 3000)); !errors.As(err, &raised) || raised.Class != "SyntaxError" {
		t.Errorf("error %v, want a SyntaxError", err)
	}
	if _, err = d.Exec(t.Context(), "print('\\x04')"); !errors.As(err, new(*repl.FramingError)) {
		t.Errorf("error %v, want a FramingError", err)
	}
	mustExec(t, d, "print(x)", "kept\n")
}

func TestInterrupts(t *testing.T) {
	d, _ := openCamera(t, emulator.Config{})
	interrupted := (*repl.InterruptedError)(nil)
	out, err := d.Run(t.Context(), repl.Request{Source: "while True: print('spam')", MaxOutput: 5000})
	if !errors.As(err, &interrupted) || !interrupted.Stopped || !errors.Is(err, repl.ErrOutput) || len(out) != 5000 {
		t.Errorf("endless output: %d bytes, %v", len(out), err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	out, err = d.Exec(ctx, "print('begun')\nwhile True: pass")
	if !errors.As(err, &interrupted) || !interrupted.Stopped || !errors.Is(err, context.DeadlineExceeded) || string(out) != "begun\r\n" {
		t.Errorf("endless loop: %q, %v", out, err)
	}
	mustExec(t, d, "print(1)", "1\n")
}

func TestDeviceThatIsStuck(t *testing.T) {
	t.Parallel()
	e := startCamera(t, emulator.Config{})
	d, err := Open(t.Context(), e.Port())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = d.Exec(ctx, "while True:\n try:\n  while True: pass\n except: pass")
	interrupted := (*repl.InterruptedError)(nil)
	if !errors.As(err, &interrupted) || interrupted.Stopped {
		t.Errorf("a loop that catches Ctrl-C: %v", err)
	}
	start := time.Now()
	_, err = d.Exec(t.Context(), "print(1)")
	if !errors.Is(err, harness.ErrDeviceLost) || !strings.Contains(err.Error(), d.Port()) {
		t.Errorf("error %v, want %v and the port", err, harness.ErrDeviceLost)
	}
	if spent := time.Since(start); spent > 5500*time.Millisecond {
		t.Errorf("it cost %v", spent)
	}
	if err := e.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Exec(t.Context(), "print(1)"); !errors.As(err, new(*repl.ResetError)) {
		t.Errorf("after its reset button was pressed: %v, want a ResetError", err)
	}
	mustExec(t, d, "print(1)", "1\n")
	if err := d.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestResetsInMidCommand(t *testing.T) {
	for _, source := range []string{
		"raise SystemExit",
		"import machine; machine.soft_reset()",
		"import machine; machine.reset()",
	} {
		t.Run(source, func(t *testing.T) {
			d, _ := openCamera(t, emulator.Config{})
			mustExec(t, d, "x = 1", "")
			before := d.Generation()
			if _, err := d.Exec(t.Context(), source); !errors.As(err, new(*repl.ResetError)) {
				t.Errorf("error %v, want a ResetError", err)
			}
			mustExec(t, d, "print('x' in globals())", "False\n")
			if d.Generation() != before+1 {
				t.Errorf("generation %d after a reset in %d", d.Generation(), before)
			}
		})
	}
}

// A board leaves the bus when it resets and comes back under another name.
func TestDeviceThatComesBack(t *testing.T) {
	link := filepath.Join(t.TempDir(), "camera")
	d, e := openCamera(t, emulator.Config{Link: link, Reenumerate: true})
	mustExec(t, d, "x = 1", "")
	before := d.Generation()
	_, err := d.Exec(t.Context(), "import machine; machine.reset()")
	if !errors.As(err, new(*repl.GoneError)) || errors.Is(err, harness.ErrDeviceLost) {
		t.Errorf("error %v, want a GoneError", err)
	}
	mustExec(t, d, "print('x' in globals())", "False\n")
	if d.Generation() == before {
		t.Errorf("generation %d as before", before)
	}
	if e.Port() != d.Port() {
		t.Errorf("port %s, want %s", d.Port(), e.Port())
	}
}

func TestDeviceThatStaysAway(t *testing.T) {
	t.Parallel()
	e := startCamera(t, emulator.Config{})
	d, err := Open(t.Context(), e.Port())
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Exec(t.Context(), "print(1)"); !errors.As(err, new(*repl.GoneError)) {
		t.Errorf("error %v, want a GoneError", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Exec(ctx, "print(1)"); !errors.Is(err, context.Canceled) || errors.Is(err, harness.ErrDeviceLost) {
		t.Errorf("error %v, want %v alone", err, context.Canceled)
	}
	if _, err := d.Exec(t.Context(), "print(1)"); !errors.Is(err, harness.ErrDeviceLost) || !strings.Contains(err.Error(), d.Port()) {
		t.Errorf("error %v, want %v and the port", err, harness.ErrDeviceLost)
	}
	if err := d.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if _, err := d.Exec(t.Context(), "print(1)"); err == nil {
		t.Error("a closed device runs source")
	}
}

func TestOpenWhileScriptRuns(t *testing.T) {
	e := startCamera(t, emulator.Config{})
	d, err := Open(t.Context(), e.Port())
	if err != nil {
		t.Fatal(err)
	}
	main := []byte("while True:\n    print('blink')\n")
	if _, err := d.Put(t.Context(), "/flash/main.py", main); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), e.Port())
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, again, "print(1)", "1\n")
	if err := again.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestClock(t *testing.T) {
	d, _ := openCamera(t, emulator.Config{})
	// The camera's local time is 14 hours ahead: UTC must not notice.
	for _, want := range []time.Time{
		time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2024, 2, 29, 23, 59, 58, 0, time.UTC),
		time.Date(2026, 11, 23, 12, 34, 56, 999, time.FixedZone("", -5*3600)),
		time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC),
		time.Date(2099, 12, 31, 12, 0, 0, 0, time.UTC),
	} {
		if err := d.SetClock(t.Context(), want); err != nil {
			t.Error(err)
			continue
		}
		got, err := d.Clock(t.Context())
		if off := got.Sub(want.Truncate(time.Second)); err != nil || off < 0 || off > 2*time.Second || got.Location() != time.UTC {
			t.Errorf("clock %v, %v; want %v", got, err, want)
		}
	}
}

// On firmware with time zones localtime is something else than UTC.
func TestClockIsNotLocalTime(t *testing.T) {
	d, _ := openCamera(t, emulator.Config{})
	mustExec(t, d, "import time; time.localtime = lambda *t: (2001, 2, 3, 4, 5, 6, 0, 0)", "")
	want := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	if err := d.SetClock(t.Context(), want); err != nil {
		t.Error(err)
	}
}

func TestClockThatDoesNotTakeADate(t *testing.T) {
	d, _ := openCamera(t, emulator.Config{})
	if err := d.hold(t.Context(), clockScript); err != nil {
		t.Fatal(err)
	}
	mustExec(t, d, "def _set_clock(*to): print(2000, 1, 1, 0, 0, 0)", "")
	err := d.SetClock(t.Context(), time.Date(2136, 2, 7, 0, 0, 0, 0, time.UTC))
	if err == nil || !strings.Contains(err.Error(), "2136-02-07") || !strings.Contains(err.Error(), "2000-01-01") {
		t.Errorf("error %v names not both dates", err)
	}
	mustExec(t, d, "def _set_clock(*to): raise ValueError('out of range')", "")
	if err := d.SetClock(t.Context(), time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC)); !errors.As(err, new(*repl.Exception)) {
		t.Errorf("error %v, want the device's", err)
	}
}
