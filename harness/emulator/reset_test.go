package emulator

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const friendlyPrompt = "Type \"help()\" for more information.\r\n>>> "

func TestSoftReset(t *testing.T) {
	c := dial(t, startCamera(t, Config{})).raw()
	c.write("kept", "text")
	c.eval("x=1\nimport sys\nsys.path.append('/y')")
	c.softReset()
	if _, traceback := c.exec("x"); !strings.Contains(traceback, "NameError: name 'x' isn't defined") {
		t.Errorf("a global outlived a soft reset: %q", traceback)
	}
	want := "['', '.frozen', '/rom', '/rom/lib', '/flash', '/flash/lib'] text"
	if got := c.eval("import sys\nprint(sys.path, open('kept').read())"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, source := range []string{"raise SystemExit", "import sys\nsys.exit()", "import machine\nmachine.soft_reset()"} {
		c.send("print('o')\n" + source + "\x04")
		c.until("OKo\r\n\x04\x04MPY: soft reboot\r\n" + rawPrompt)
	}
}

func TestHardReset(t *testing.T) {
	e := startCamera(t, Config{})
	c := dial(t, e).raw()
	c.eval("x=1")
	c.send("import machine\nprint('o')\nmachine.reset()\x04")
	c.until("OKo\r\n")
	if got := c.until(friendlyPrompt); strings.Contains(got, "\x04") || strings.Contains(got, "soft reboot") {
		t.Errorf("machine.reset() said %q", got)
	}
	if err := e.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.until(friendlyPrompt)
	if crashes := e.Crashes(); len(crashes) > 0 {
		t.Errorf("a reset is no crash: %v", crashes)
	}
	c.raw()
}

// TestStartScripts checks which of boot.py and main.py run, and in which globals.
func TestStartScripts(t *testing.T) {
	for _, tt := range []struct {
		name string
		once bool
		soft string // what a friendly soft reset says
	}{
		{"MicroPython", false, "boot 1\r\nmain 1\r\n"},
		{"OpenMV", true, "boot 1\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := startCamera(t, Config{MainOnce: tt.once})
			c := dial(t, e).raw()
			c.write("boot.py", "a=1\nprint('boot', a)\n")
			c.write("main.py", "print('main', a)\n")
			c.send("\x04")
			c.until("OK\r\nMPY: soft reboot\r\nboot 1\r\n" + rawPrompt)
			if got := c.eval("print(a)"); got != "1" {
				t.Errorf("boot.py's global gave %q", got)
			}
			c.send("\x02")
			c.until(friendlyPrompt)
			c.send("\x04")
			c.until("MPY: soft reboot\r\n")
			if got := c.until("MicroPython"); got != tt.soft {
				t.Errorf("soft reset ran %q, want %q", got, tt.soft)
			}
			c.until(friendlyPrompt)
			if err := e.Reset(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got, want := c.until("MicroPython"), "boot 1\r\nmain 1\r\n"; got != want {
				t.Errorf("hard reset ran %q, want %q", got, want)
			}
		})
	}
}

func TestEndlessMain(t *testing.T) {
	e := startCamera(t, Config{})
	c := dial(t, e).raw()
	c.write("main.py", "print('go')\nwhile True: pass\n")
	if err := e.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.until("go\r\n")
	c.send("\r\x03")
	// The interrupt may come while the print is still returning.
	want := regexp.MustCompile(`^Traceback \(most recent call last\):\r\n  File "main.py", line [12], in <module>\r\nKeyboardInterrupt: \r\n$`)
	if got := c.until("MicroPython"); !want.MatchString(got) {
		t.Errorf("got %q, want %s", got, want)
	}
	c.raw()
}

// TestCrash ends the process in each way that it can end: the camera comes up
// again, and the crash is on record.
func TestCrash(t *testing.T) {
	if _, err := exec.LookPath("kill"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, source, status string }{
		{"signal", "import ffi\nffi.open(None).func('i','raise','i')(11)", "signal: segmentation fault"},
		{"exit", "import ffi\nsys=__import__('sys')\nprint('last words')\nffi.open(None).func('v','_exit','i')(3)", "exit status 3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fw, err := testFirmware()
			if err != nil {
				t.Fatal(err)
			}
			if !fw.Has("ffi") && fw.Name != "debian" {
				t.Skip("the firmware has no ffi, with which the test crashes it")
			}
			e := startCamera(t, Config{})
			c := dial(t, e).raw()
			c.write("kept", "text")
			c.send(tt.source + "\x04")
			c.until(friendlyPrompt)
			crashes := e.Crashes()
			if len(crashes) != 1 || !strings.HasPrefix(crashes[0].Status, tt.status) {
				t.Fatalf("crashes %v, want one with %q", crashes, tt.status)
			}
			if tt.name == "exit" && !strings.Contains(crashes[0].Output, "last words") {
				t.Errorf("crash %q, want it to tell what was printed", crashes[0])
			}
			if got := c.raw().eval("print(open('kept').read())"); got != "text" {
				t.Errorf("afterwards got %q", got)
			}
		})
	}
}

// TestCrashWhileIdle kills the process while nothing runs.
func TestCrashWhileIdle(t *testing.T) {
	e := startCamera(t, Config{})
	c := dial(t, e).raw()
	pid := processOf(t, e)
	if err := exec.Command("kill", "-SEGV", pid).Run(); err != nil {
		t.Fatal(err)
	}
	c.until(friendlyPrompt)
	if crashes := e.Crashes(); len(crashes) != 1 || !strings.HasPrefix(crashes[0].Status, "signal: segmentation fault") {
		t.Errorf("crashes %v", crashes)
	}
}

// processOf finds the process whose command line names the camera's folder.
func processOf(t *testing.T, e *Emulator) string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && strings.Contains(string(text), e.folder.dir) {
			return strings.Split(f, "/")[2]
		}
	}
	t.Fatalf("no process of %s", e.folder.dir)
	return ""
}

// TestStartFails checks that a firmware that does not come up is an error that
// says what it printed, within its time.
func TestStartFails(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "firmware")
	for _, tt := range []struct{ name, text, want string }{
		{"garbage and exit", "echo no such luck; echo really >&2; exit 5", "(exit status 5); it printed: no such luck | really"},
		{"silence", "exec sleep 1000", "the firmware does not answer (signal: killed); it printed: nothing"},
		{"not executable", "", "permission denied"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mode := os.FileMode(0o755)
			if tt.text == "" {
				mode = 0o644
			}
			_ = os.Remove(file)
			if err := os.WriteFile(file, []byte("#!/bin/sh\n"+tt.text+"\n"), mode); err != nil {
				t.Fatal(err)
			}
			e, err := Start(t.Context(), Config{Command: []string{file}, StartTimeout: time.Second})
			if err == nil {
				_ = e.Close()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want … %q", err, tt.want)
			}
		})
	}
}
