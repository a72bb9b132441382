package firmware

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"trustrig/firmware/debian"
)

// Default is the firmware that is taken where none is named.
const Default = "debian"

// A row is a firmware that the project knows by name.
type row struct {
	name  string
	suite string // of Debian
	arch  string // Debian's name, or "" for the machine's own
	qemu  string // what runs it on another architecture's machine
}

// rows is the table of firmwares, in the order in which they are listed.
var rows = []row{
	{name: Default, suite: "trixie"},
	{name: "debian-next", suite: "forky"},
	// 32 bits and ARM, as a camera is.
	{name: "debian-armhf", suite: "trixie", arch: "armhf", qemu: "qemu-arm"},
}

// Names lists the firmwares that [Select] knows by name.
func Names() []string {
	var names []string
	for _, r := range rows {
		names = append(names, r.name)
	}
	return names
}

func find(name string) (row, bool) {
	for _, r := range rows {
		if r.name == name {
			return r, true
		}
	}
	return row{}, false
}

// get returns the row's firmware, out of the cache or fetched into it. The
// entry is named for the version of the package, so the cache's newest is
// used without asking the archive whether there is a newer one: what a run
// tests changes when the user says so, by deleting it.
func (r row) get(ctx context.Context, o Options) (*Firmware, error) {
	runner, err := r.runner()
	if err != nil {
		return nil, err
	}
	c, err := o.cache()
	if err != nil {
		return nil, err
	}
	root, err := c.MakeNewest(ctx, "firmware/"+r.name, func(dir string) (string, error) {
		o.say("fetching MicroPython from Debian %s (%s, once; kept in %s)", r.suite, r.architecture(), c.Dir())
		got, err := debian.Fetch(ctx, c, debian.Request{
			Suite: r.suite, Arch: r.architecture(), Packages: []string{"micropython"}, Depends: true,
		}, dir)
		if err != nil {
			return "", err
		}
		return entryVersion(got, "micropython")
	})
	if err != nil {
		return nil, err
	}
	f, err := bundle(root)
	if err != nil {
		return nil, fmt.Errorf("%w; delete %s to have it fetched again", err, root)
	}
	f.Name, f.Listed = r.name, true
	f.Argv = append(runner, f.Argv...)
	return f, f.identify(ctx)
}

// runner is the emulator, if it takes one, that runs the row's programs here.
func (r row) runner() ([]string, error) {
	if r.qemu == "" || r.architecture() == debian.Native() {
		return nil, nil
	}
	path, err := exec.LookPath(r.qemu)
	if err != nil {
		return nil, fmt.Errorf("no %s on PATH to run %s programs with: install the package qemu-user", r.qemu, r.arch)
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, fmt.Errorf("finding %s: %w", r.qemu, err)
	}
	return []string{path}, nil
}

func (r row) architecture() string {
	if r.arch == "" {
		return debian.Native()
	}
	return r.arch
}

// entryVersion is the version of the package name, in apt's spelling for file
// names, in which no colon splits a search path.
func entryVersion(packages []debian.Package, name string) (string, error) {
	for _, p := range packages {
		if p.Name == name {
			return strings.ReplaceAll(p.Version, ":", "%3a"), nil
		}
	}
	return "", fmt.Errorf("apt-get did not fetch the package %s", name)
}

// bundle is the firmware in an unpacked root folder, run through the dynamic
// loader and the libraries that lie in that folder too, whatever the host's.
func bundle(root string) (*Firmware, error) {
	path := filepath.Join(root, "usr/bin/micropython")
	interp, err := interpreter(path)
	if err != nil {
		return nil, err
	}
	loader, err := within(root, interp)
	if err != nil {
		return nil, err
	}
	libc, err := filepath.Glob(filepath.Join(root, "usr/lib/*/libc.so.6"))
	if err == nil && len(libc) != 1 {
		err = fmt.Errorf("%s holds %d C libraries in usr/lib, not one", root, len(libc))
	}
	if err != nil {
		return nil, err
	}
	lib := filepath.Dir(libc[0])
	if strings.ContainsAny(lib, ":;") {
		return nil, fmt.Errorf("the dynamic loader can not search %s, a path with a colon or semicolon", lib)
	}
	return &Firmware{Path: path, Argv: []string{loader, "--library-path", lib, path}}, nil
}

// within finds the absolute path name below root, where /lib may be a part of
// /usr, and the link to it not a part of any package.
func within(root, name string) (string, error) {
	for _, top := range []string{root, filepath.Join(root, "usr")} {
		path := filepath.Join(top, name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s holds no %s", root, name)
}

// interpreter is the dynamic loader that an ELF file names (PT_INTERP).
func interpreter(path string) (string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			name, err := io.ReadAll(p.Open())
			return strings.TrimRight(string(name), "\x00"), err
		}
	}
	return "", errors.New(path + " names no dynamic loader")
}
