package mutants

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"trustrig/firmware"
	"trustrig/firmware/cache"
)

//go:embed c
var sources embed.FS

// A Kit builds mutants for the firmware that it was made for. It may be used
// by several goroutines at once.
type Kit struct {
	cache    *cache.Cache
	include  string // the headers of mbedTLS
	compiler string // its path
	version  string // what it says of itself
}

// NewKit makes a kit. The error says what is not there to build with.
func NewKit(ctx context.Context, c *cache.Cache, say func(string)) (*Kit, error) {
	compiler, err := exec.LookPath("gcc")
	if err != nil {
		return nil, fmt.Errorf("no gcc on PATH to build mutants with: install the packages gcc and libc6-dev")
	}
	version, err := exec.CommandContext(ctx, compiler, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("asking %s for its version: %w", compiler, err)
	}
	o := firmware.Options{Cache: c, Say: say}
	f, err := firmware.Select(ctx, Firmware, o)
	if err != nil {
		return nil, err
	}
	include, err := firmware.Headers(ctx, f, o)
	if err != nil {
		return nil, err
	}
	return &Kit{cache: c, include: include, compiler: compiler, version: string(version)}, nil
}

// Variables of a mutant's process: files that an interposer marks when it is
// called, and in which a mutant keeps what outlives a process.
const (
	markEnv  = "TRUSTRIG_MUTANT_MARK"
	stateEnv = "TRUSTRIG_MUTANT_STATE"
)

// Mutant builds the mutant. What it writes while it runs is in the folder dir,
// which must be new for each camera.
func (k *Kit) Mutant(ctx context.Context, m Mutant, dir string) (firmware.Change, error) {
	if len(m.Edits) == 0 {
		return k.interpose(ctx, m.Name, dir)
	}
	modules, err := edit(m, dir)
	return firmware.Change{Modules: modules}, err
}

// Variant builds the honest variant.
func (k *Kit) Variant(ctx context.Context, v Variant, dir string) (firmware.Change, error) {
	if !v.Interposer {
		return firmware.Change{Heap: v.Heap}, nil
	}
	c, err := k.interpose(ctx, v.Name, dir)
	c.Heap = v.Heap
	return c, err
}

// Sweep builds what makes one allocation fail, see [Sweep].
func (k *Kit) Sweep(ctx context.Context, dir string) (firmware.Change, *Sweep, error) {
	change, err := k.interpose(ctx, "allocation-failure", dir)
	if err != nil {
		return change, nil, err
	}
	s, err := newSweep(filepath.Join(dir, "state"))
	return change, s, err
}

// Acted reports whether the interposer that ran with dir was called.
func Acted(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "mark"))
	return err == nil
}

func (k *Kit) interpose(ctx context.Context, name, dir string) (firmware.Change, error) {
	lib, err := k.compile(ctx, name)
	if err != nil {
		return firmware.Change{}, fmt.Errorf("building %s: %w", name, err)
	}
	return firmware.Change{
		Preload: []string{lib},
		Env:     []string{markEnv + "=" + filepath.Join(dir, "mark"), stateEnv + "=" + filepath.Join(dir, "state")},
	}, nil
}

// compile makes the shared library of c/NAME.c, or finds it in the cache under
// all that it is made of.
func (k *Kit) compile(ctx context.Context, name string) (string, error) {
	files, err := fs.Sub(sources, "c")
	if err != nil {
		return "", err
	}
	if _, err := fs.Stat(files, name+".c"); err != nil {
		return "", err
	}
	digest, err := k.digest(files, name)
	if err != nil {
		return "", err
	}
	entry, err := k.cache.Make(ctx, "mutants/"+name+"-"+digest, func(dir string) error {
		source := filepath.Join(dir, "source")
		if err := os.CopyFS(source, files); err != nil {
			return err
		}
		var stderr bytes.Buffer
		cmd := exec.CommandContext(ctx, k.compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror",
			"-isystem", k.include, "-o", filepath.Join(dir, "mutant.so"), filepath.Join(source, name+".c"), "-ldl")
		cmd.Stderr = &stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w: %s", k.compiler, err, strings.TrimSpace(stderr.String()))
		}
		return os.RemoveAll(source)
	})
	return filepath.Join(entry, "mutant.so"), err
}

// digest tells apart libraries of another source, headers or compiler.
func (k *Kit) digest(files fs.FS, name string) (string, error) {
	headers, err := fs.Glob(files, "*.h")
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n", k.version, k.include)
	for _, file := range append(headers, name+".c") {
		text, err := fs.ReadFile(files, file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n%s", file, len(text), text)
	}
	return fmt.Sprintf("v%x", h.Sum(nil)[:6]), nil
}

// edit writes the camera's modules below dir, with the mutant's edits to the
// module ssl.
func edit(m Mutant, dir string) (fs.FS, error) {
	dir = filepath.Join(dir, "modules")
	if err := os.CopyFS(dir, firmware.Modules()); err != nil {
		return nil, fmt.Errorf("writing the modules of mutant %s: %w", m.Name, err)
	}
	module := filepath.Join(dir, "ssl.py")
	source, err := os.ReadFile(module)
	if err != nil {
		return nil, err
	}
	text := string(source)
	for _, change := range m.Edits {
		if n := strings.Count(text, change.Old); n != 1 {
			return nil, fmt.Errorf("mutant %s: %q is %d times in ssl.py, not once", m.Name, change.Old, n)
		}
		text = strings.Replace(text, change.Old, change.New, 1)
	}
	return os.DirFS(dir), os.WriteFile(module, []byte(text), 0o644)
}
