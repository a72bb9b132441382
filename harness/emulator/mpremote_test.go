package emulator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trustrig/firmware"
)

// mpremote is MicroPython's own tool at a camera's port.
type mpremote struct {
	t    *testing.T
	tool firmware.Tool
	port string
}

func newMpremote(t *testing.T, e *Emulator) *mpremote {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	tool, err := firmware.Mpremote(ctx, firmware.Options{})
	if errors.Is(err, firmware.ErrNoPython) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &mpremote{t, tool, e.Port()}
}

func (m *mpremote) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
	m.t.Cleanup(cancel)
	return m.tool.Command(ctx, append([]string{"connect", "port:" + m.port}, args...)...)
}

func (m *mpremote) run(args ...string) string {
	m.t.Helper()
	out, err := m.command(args...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("mpremote %q: %v\n%s", args, err, out)
	}
	return strings.ReplaceAll(string(out), "\r\n", "\n")
}

func TestMpremote(t *testing.T) {
	e := startCamera(t, Config{})
	m := newMpremote(t, e)
	dir := t.TempDir()
	data := make([]byte, 5000)
	rng := rand.NewChaCha8([32]byte{1})
	_, _ = rng.Read(data)
	for i := range 256 {
		data[i] = byte(i)
	}
	local, back := filepath.Join(dir, "data.bin"), filepath.Join(dir, "back.bin")
	program := filepath.Join(dir, "program.py")
	for name, text := range map[string][]byte{local: data, program: []byte("import sys\nprint('ran', sys.implementation.name)\n")} {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		args string
		want string // in the output
	}{
		{"exec print(6*7)", "42\n"},
		{"eval 'x'*3", "xxx\n"},
		{"run " + program, "ran micropython\n"},
		{"fs cp " + local + " :data.bin", "cp "},
		{"fs cp :data.bin " + back, "cp "},
		{"fs ls", "5000 data.bin\n"},
		{"fs sha256sum data.bin", fmt.Sprintf("%x\n", sha256.Sum256(data))},
		{"fs mkdir d", "mkdir :d"},
		{"fs cp " + program + " :d/", "cp "},
		{"fs cat d/program.py", "print('ran'"},
		{"fs rm d/program.py", "rm :d/program.py"},
		{"fs rmdir d", "rmdir :d"},
		{"df", "flash\t4173824\t"},
		{"exec x=1 soft-reset resume exec print('x'in(globals()))", "False\n"},
		{"rtc", fmt.Sprintf("(%d, ", time.Now().UTC().Year())},
		{"mount " + dir + " exec import(program)", ""},
		{"reset", ""},
		{"exec import(os);print(os.listdir())", "['data.bin']\n"},
	} {
		args := strings.Fields(tt.args)
		for i, arg := range args { // Fields knows no quotes
			args[i] = strings.NewReplacer("import(os)", "import os", "import(program)", "import program").Replace(arg)
		}
		if got := m.run(args...); !strings.Contains(got, tt.want) {
			t.Errorf("mpremote %s gave %q, want … %q", tt.args, got, tt.want)
		}
	}
	if got, err := os.ReadFile(back); err != nil || !bytes.Equal(got, data) {
		t.Errorf("the file came back changed (%d bytes, %v)", len(got), err)
	}
	if out, err := m.command("exec", "1/0").CombinedOutput(); err == nil || !strings.Contains(string(out), "ZeroDivisionError") {
		t.Errorf("an exception gave %v, %q", err, out)
	}
	if crashes := e.Crashes(); len(crashes) > 0 {
		t.Error(crashes)
	}
}

// TestMpremoteInterrupt stops mpremote in an endless loop, with Ctrl-C as in
// its terminal, and uses the camera again.
func TestMpremoteInterrupt(t *testing.T) {
	m := newMpremote(t, startCamera(t, Config{}))
	cmd := m.command("exec", "print('go')\nwhile True: pass")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if got := m.run("exec", "print('alive')"); got != "alive\n" {
		t.Errorf("afterwards got %q", got)
	}
}
