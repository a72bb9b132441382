package device

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"trustrig/harness/emulator"
)

// wantPortError opens a port that can not be opened, within 5 s, and with an
// error of one line that says all that is wanted.
func wantPortError(t *testing.T, port string, says ...string) {
	t.Helper()
	start := time.Now()
	d, err := Open(t.Context(), port)
	spent := time.Since(start)
	if err == nil {
		_ = d.Close(context.Background())
		t.Fatalf("%s opens", port)
	}
	if spent > 5500*time.Millisecond {
		t.Errorf("%s: it cost %v", port, spent)
	}
	for _, want := range append(says, port) {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not say %q: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error is of several lines: %v", err)
	}
}

func TestOpenWhatIsNoPort(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantPortError(t, file, "no serial port", "found")
	wantPortError(t, "/dev/null", "no serial port", "found")
	wantPortError(t, t.TempDir(), "")
	wantPortError(t, "/dev/ttyACM77", "absent", "found")
}

// terminal is a pseudo-terminal whose other side is the test.
func terminal(t *testing.T) (name string, ours *os.File) {
	t.Helper()
	blocking, theirs, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { theirs.Close() })
	defer blocking.Close()
	fd, err := unix.Dup(int(blocking.Fd()))
	if err == nil {
		err = unix.SetNonblock(fd, true) // so that Close wakes a write
	}
	if err != nil {
		t.Fatal(err)
	}
	ours = os.NewFile(uintptr(fd), blocking.Name())
	t.Cleanup(func() { ours.Close() })
	return theirs.Name(), ours
}

func TestOpenSilent(t *testing.T) {
	t.Parallel()
	name, _ := terminal(t)
	wantPortError(t, name, "no MicroPython prompt", "nothing came back")
}

func TestOpenBabbling(t *testing.T) {
	t.Parallel()
	name, ours := terminal(t)
	babble, ended := "\xf0\x9f\x00\x04R\x01>>> ", make(chan struct{})
	go func() {
		defer close(ended)
		for {
			if _, err := io.WriteString(ours, babble); err != nil {
				return
			}
		}
	}()
	wantPortError(t, name, "no MicroPython prompt", "bytes came back")
	ours.Close()
	<-ended
}

func TestOpenTwice(t *testing.T) {
	d, _ := openCamera(t, emulator.Config{})
	wantPortError(t, d.Port(), "busy, used by process "+strconv.Itoa(os.Getpid()))
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(d.Port(), link); err != nil {
		t.Fatal(err)
	}
	wantPortError(t, link, "busy")
	mustExec(t, d, "print(1)", "1\n")
}

// A port that another process has locked, until that process is gone, however
// it went.
func TestOpenWhatAnotherProcessHas(t *testing.T) {
	e := startCamera(t, emulator.Config{})
	other := exec.Command(os.Args[0], "-test.run=^TestHoldPort$")
	other.Env = append(os.Environ(), "TRUSTRIG_TEST_HOLD="+e.Port())
	other.Stderr = os.Stderr
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len(holding))); err != nil {
		t.Fatal(err)
	}
	wantPortError(t, e.Port(), "busy, used by process "+strconv.Itoa(other.Process.Pid))
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait() // killed
	d, err := Open(t.Context(), e.Port())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

const holding = "holding\n"

// TestHoldPort is the other process of TestOpenWhatAnotherProcessHas.
func TestHoldPort(t *testing.T) {
	port := os.Getenv("TRUSTRIG_TEST_HOLD")
	if port == "" {
		t.Skip("it is the other process of TestOpenWhatAnotherProcessHas")
	}
	if _, err := openPort(port); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stdout.WriteString(holding); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // until it is killed
}

func TestLocksAreRemoved(t *testing.T) {
	const key = "trustrig test of locks"
	first, err := acquire(key)
	if err != nil {
		t.Fatal(err)
	}
	if l, err := acquire(key); err == nil {
		t.Errorf("locked twice: %v", l)
	}
	name := first.file.Name()
	if err := first.release(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(name); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left behind: %v", name, err)
	}
	again, err := acquire(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.release(); err != nil {
		t.Error(err)
	}
}
