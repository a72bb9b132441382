package firmware

import (
	"bytes"
	"context"
	"debug/elf"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// askPy makes the firmware print its facts on one line, behind sentinel.
//
//go:embed ask.py
var askPy string

// sentinel stands before the facts. The script holds it in two halves, so
// that a program that merely prints its arguments does not match.
const sentinel = "trustrig:firmware:"

const (
	// askTime is how long a firmware may take to tell; a build for another
	// architecture under qemu takes some tenths of a second.
	askTime = 10 * time.Second
	// askBytes is how much it may say.
	askBytes = 64 << 10
)

// oldest is the first version of MicroPython that the rig works with: before
// it there is no certificate check to speak of.
var oldest = [2]int{1, 20}

// facts are what ask.py prints.
type facts struct {
	Name    string   `json:"name"`    // sys.implementation.name
	Version []any    `json:"version"` // sys.implementation.version: three numbers, from 1.21 on and a string
	Machine string   `json:"machine"`
	MaxSize int64    `json:"maxsize"`
	MbedTLS string   `json:"mbedtls"` // tls.MBEDTLS_VERSION, "Mbed TLS 3.6.3"
	Number  uint32   `json:"number"`  // mbedtls_version_get_number(): 0x03060600 is 3.6.6
	Library string   `json:"library"` // the name of the shared library, "libmbedtls.so.3.6.6"
	Mapped  bool     `json:"mapped"`  // whether the firmware could look for one
	Modules []string `json:"modules"`
}

func (f facts) number(i int) int {
	if i < len(f.Version) {
		if n, ok := f.Version[i].(float64); ok {
			return int(n)
		}
	}
	return 0
}

func (f facts) version() string {
	v := fmt.Sprintf("%d.%d.%d", f.number(0), f.number(1), f.number(2))
	if len(f.Version) > 3 {
		if s, ok := f.Version[3].(string); ok && s != "" {
			v += "-" + s
		}
	}
	return v
}

// compiled is the version of mbedTLS whose headers the firmware was compiled
// with.
func (f facts) compiled() string {
	words := strings.Fields(f.MbedTLS)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// linked is the version of the mbedTLS that runs: what the library's own
// function says, else the file name of the shared library, else, for a
// firmware that has mapped none, the version that it was compiled with.
func (f facts) linked() string {
	_, fromName, _ := strings.Cut(f.Library, ".so.")
	switch {
	case f.Number != 0:
		return fmt.Sprintf("%d.%d.%d", f.Number>>24, f.Number>>16&0xff, f.Number>>8&0xff)
	case strings.Count(fromName, ".") == 2:
		return fromName
	case f.Mapped && f.Library == "":
		return f.compiled()
	}
	return ""
}

// ask runs the firmware once, for no longer than limit, and returns its facts
// or why it is none.
func ask(ctx context.Context, argv []string, limit time.Duration) (facts, error) {
	out, err := runBounded(ctx, argv, nil, askPy, limit)
	if ctx.Err() != nil {
		return facts{}, context.Cause(ctx)
	}
	var f facts
	_, line, found := strings.Cut(out, sentinel)
	line, _, whole := strings.Cut(line, "\n")
	switch {
	case found && whole:
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			return facts{}, fmt.Errorf("it does not tell what it is (%w in %.80q)", err, line)
		}
		return f, f.check()
	case err != nil:
		return facts{}, fmt.Errorf("%w: give a MicroPython unix binary, or a script that starts one and hands on its arguments", err)
	}
	return facts{}, fmt.Errorf("this is no MicroPython: asked what it is, it printed %.80q", out)
}

// check refuses what the rig can not work with.
func (f facts) check() error {
	switch {
	case f.Name != "micropython":
		return fmt.Errorf("this is %s %s, not MicroPython", f.Name, f.version())
	case f.number(0) < oldest[0], f.number(0) == oldest[0] && f.number(1) < oldest[1]:
		return fmt.Errorf("this is MicroPython %s: the rig needs %d.%d or newer", f.version(), oldest[0], oldest[1])
	}
	for _, m := range f.Modules {
		if m == "tls" || m == "ssl" {
			return nil
		}
	}
	return fmt.Errorf("this MicroPython %s has neither tls nor ssl: give one that was built with TLS", f.version())
}

// runBounded runs the program with a script, in the environment env or, where
// that is nil, this process's, and returns what it printed, which is of use even
// where the error is not nil.
func runBounded(ctx context.Context, argv, env []string, script string, limit time.Duration) (string, error) {
	late := fmt.Errorf("asked what it is, it gave no answer in %v", limit)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, late)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], append(argv[1:len(argv):len(argv)], "-c", script)...)
	cmd.Env = env
	var stderr bounded
	stdout := bounded{full: cancel}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// A wrapper's children go with it; its terminal, if any, is not theirs.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if cmd.Process != nil {
		ForgetClock(cmd.Process.Pid)
	}
	switch {
	case err == nil:
	case context.Cause(ctx) == late:
		err = late
	case stdout.over:
		err = errors.New("this is no MicroPython: asked what it is, it prints without end")
	case cmd.Process == nil:
		err = explainStart(argv[0], err)
	default:
		err = fmt.Errorf("asked what it is, it failed: %w%s", err, stderr.tail())
	}
	return stdout.buf.String(), err
}

// explainStart says why a file that is there and executable does not start.
func explainStart(path string, err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	switch {
	case errors.Is(err, syscall.ENOEXEC):
		f, elfErr := elf.Open(path)
		if elfErr != nil {
			return errors.New("it is neither a binary for this system nor a script whose first line names its interpreter")
		}
		defer f.Close()
		return fmt.Errorf("it is a binary for %s, which this machine does not run by itself (a script that calls qemu-user will do)", f.Machine)
	case errors.Is(err, fs.ErrNotExist):
		if name, elfErr := interpreter(path); elfErr == nil {
			return fmt.Errorf("its dynamic loader %s is not on this machine", name)
		}
		return errors.New("the program that its first line (#!) names is not on this machine")
	}
	return fmt.Errorf("it does not start (%w)", err)
}

// A bounded keeps the first askBytes that are written to it, then calls full.
type bounded struct {
	buf  bytes.Buffer
	over bool
	full func()
}

func (b *bounded) Write(p []byte) (int, error) {
	keep := min(len(p), askBytes-b.buf.Len())
	b.buf.Write(p[:keep])
	if keep < len(p) && !b.over {
		b.over = true
		if b.full != nil {
			b.full()
		}
	}
	return len(p), nil
}

// tail is the last line, to end a message with.
func (b *bounded) tail() string {
	lines := strings.Split(strings.TrimSpace(b.buf.String()), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return fmt.Sprintf(" (%.120s)", last)
	}
	return ""
}
