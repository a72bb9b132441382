package firmware

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"trustrig/firmware/debian"
)

// A Tool is how a program that is not installed is started.
type Tool struct {
	Argv []string // to which arguments are added
	Env  []string // the whole environment
}

// Command is the tool with arguments, ready to start.
func (t Tool) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, t.Argv[0], append(t.Argv[1:len(t.Argv):len(t.Argv)], args...)...)
	cmd.Env = t.Env
	return cmd
}

// ErrNoPython is why [Mpremote] fails where Python or its module serial is
// missing.
var ErrNoPython = errors.New("no python3 with the module serial: install the package python3-serial")

// Mpremote returns MicroPython's own tool for boards, which Debian trixie
// packages as micropython-mpremote, fetched into the cache when it is first
// used. It is written in Python and runs under the host's.
func Mpremote(ctx context.Context, o Options) (Tool, error) {
	python, err := findPython(ctx)
	if err != nil {
		return Tool{}, fmt.Errorf("mpremote: %w", err)
	}
	c, err := o.cache()
	if err != nil {
		return Tool{}, err
	}
	const pkg, suite = "micropython-mpremote", "trixie"
	root, err := c.MakeNewest(ctx, "firmware/mpremote", func(dir string) (string, error) {
		o.say("fetching mpremote from Debian %s (once; kept in %s)", suite, c.Dir())
		// It is for any architecture, and the index of ours is likely here.
		got, err := debian.Fetch(ctx, c, debian.Request{Suite: suite, Arch: debian.Native(), Packages: []string{pkg}}, dir)
		if err != nil {
			return "", err
		}
		return entryVersion(got, pkg)
	})
	if err != nil {
		return Tool{}, fmt.Errorf("mpremote: %w", err)
	}
	path := filepath.Join(root, "usr/lib/python3/dist-packages")
	if theirs := os.Getenv("PYTHONPATH"); theirs != "" {
		path += string(os.PathListSeparator) + theirs
	}
	return Tool{
		Argv: []string{python, filepath.Join(root, "usr/bin/mpremote")},
		Env:  append(os.Environ(), "PYTHONPATH="+path),
	}, nil
}

// findPython returns a python3 that can import serial. The first one on PATH
// may be one of the user's own making without it.
func findPython(ctx context.Context) (string, error) {
	candidates := []string{"/usr/bin/python3"}
	if first, err := exec.LookPath("python3"); err == nil {
		candidates = append([]string{first}, candidates...)
	}
	var tried []string
	for _, python := range candidates {
		err := exec.CommandContext(ctx, python, "-c", "import serial.tools.list_ports").Run()
		if err == nil {
			return python, nil
		}
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		tried = append(tried, python)
	}
	return "", fmt.Errorf("%w (tried %s)", ErrNoPython, strings.Join(tried, ", "))
}
