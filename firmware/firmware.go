// Package firmware finds the MicroPython that an emulated camera runs, and
// holds the modules that a real camera has frozen in.
//
// A firmware is a row of a table ([Names]), fetched into the cache when it is
// first used, or any MicroPython of the unix port, 1.20 or newer, that the
// user names by its path. What it is and can do is asked of the firmware
// itself, by running it once.
package firmware

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"trustrig/firmware/cache"
)

// A Firmware is a MicroPython that can be started.
type Firmware struct {
	// Name is the row's name ("debian"), or the file's where the user gave
	// a path. Listed tells which.
	Name   string
	Listed bool
	// Version is MicroPython's, "1.25.0", with a suffix on a preview.
	Version string
	// Path is the file of MicroPython, or of the wrapper that starts it.
	Path string
	// Argv is the command line to which MicroPython's own arguments are
	// added. The first element is an absolute path.
	Argv []string
	// SHA256 is the digest of the file Path, in lower-case hexadecimal.
	SHA256 string
	// MbedTLS is the version of mbedTLS that runs, "3.6.6"; Compiled is that
	// of the headers it was compiled with. A shared library makes them
	// differ. Each is "" where the firmware does not tell.
	MbedTLS, Compiled string
	// Machine is sys.implementation._machine, MaxSize is sys.maxsize: 2³¹−1
	// on 32 bits.
	Machine string
	MaxSize int64
	// Heap is what an emulated camera gives the interpreter unless it is told
	// otherwise; 0 means the interpreter's own.
	Heap Size
	// Modules are those, out of the ones that matter to a camera, that can
	// be imported with no file system.
	Modules []string

	foreign foreign
}

// foreign is where the libraries come from of a firmware that an emulator of
// another processor runs; the zero value is for this machine's own.
type foreign struct{ suite, arch string }

// Has reports whether the firmware has the module built or frozen in.
func (f *Firmware) Has(module string) bool {
	for _, m := range f.Modules {
		if m == module {
			return true
		}
	}
	return false
}

// Options are what Select works with. The zero value is of use.
type Options struct {
	// Cache holds fetched firmware; nil means [cache.Open].
	Cache *cache.Cache
	// Say is told, in lines without newline, what takes long and what was
	// chosen for want of another. It may be nil.
	Say func(line string)
}

func (o Options) say(format string, args ...any) {
	if o.Say != nil {
		o.Say(fmt.Sprintf(format, args...))
	}
}

// Select returns the firmware of the user's choice: a name out of [Names], or
// else the path of a MicroPython, or of a script that starts one. The choice
// "" is Debian's, or the micropython on PATH where Debian's can not be had.
// The error is one line that says what was found and what to do.
func Select(ctx context.Context, choice string, o Options) (*Firmware, error) {
	if choice != "" {
		return selectOne(ctx, choice, o)
	}
	f, err := selectOne(ctx, Default, o)
	if err == nil || ctx.Err() != nil {
		return f, err
	}
	path, lookErr := exec.LookPath("micropython")
	if lookErr != nil {
		return nil, fmt.Errorf("%w; nor is there a micropython on PATH: give one by its path", err)
	}
	o.say("using %s from PATH, for %v", path, err)
	return given(ctx, path)
}

func selectOne(ctx context.Context, choice string, o Options) (*Firmware, error) {
	if r, ok := find(choice); ok {
		f, err := r.get(ctx, o)
		if err != nil {
			return nil, fmt.Errorf("firmware %s: %w", choice, err)
		}
		return f, nil
	}
	if _, err := os.Stat(choice); errors.Is(err, os.ErrNotExist) && !strings.ContainsRune(choice, '/') {
		return nil, fmt.Errorf("firmware %q: no such name or file; the names are: %s", choice, strings.Join(Names(), ", "))
	}
	return given(ctx, choice)
}

// given is the firmware in a file of the user's.
func given(ctx context.Context, path string) (*Firmware, error) {
	f, err := fromFile(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("firmware %s: %w", path, err)
	}
	return f, nil
}

func fromFile(ctx context.Context, path string) (*Firmware, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, errors.New("no such file: give the path of a MicroPython unix binary")
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("this is a folder: give the path of the MicroPython binary in it")
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file: give the path of a MicroPython unix binary")
	case info.Mode().Perm()&0o111 == 0:
		return nil, errors.New("not executable: chmod +x it, if it is a MicroPython unix binary")
	}
	f := &Firmware{Name: filepath.Base(path), Path: path, Argv: []string{path}}
	return f, f.identify(ctx)
}

// identify fills in what the firmware's file and the firmware itself tell.
func (f *Firmware) identify(ctx context.Context) error {
	var err error
	if f.SHA256, err = fileSHA256(f.Path); err != nil {
		return err
	}
	facts, err := ask(ctx, f.Argv, askTime)
	if err != nil {
		return err
	}
	f.Version, f.Machine, f.MaxSize = facts.version(), facts.Machine, facts.MaxSize
	f.MbedTLS, f.Compiled, f.Modules = facts.linked(), facts.compiled(), facts.Modules
	return nil
}

func fileSHA256(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

func (o Options) cache() (*cache.Cache, error) {
	if o.Cache != nil {
		return o.Cache, nil
	}
	return cache.Open()
}
