package firmware

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"trustrig/firmware/cache"
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
	// variant is the one of MicroPython's unix port, a folder beside this
	// file, that is built from source instead of fetched.
	variant string
	// cross is the prefix of the compiler's name where the variant is built
	// for another machine.
	cross string
	heap  Size
	// differs says how it differs from a board.
	differs string
}

// smallHeap is the heap of the smallest of today's cameras, the OpenMV H7: 64
// KiB and 264 KiB. Where words are of 64 bits twice as much holds the same.
const smallHeap Size = (64 + 264) << 10

// rows is the table of firmwares, in the order in which they are listed.
var rows = []row{
	{name: Default, suite: "trixie",
		differs: "64 bits; TLS 1.3, PEM, every curve; mbedTLS takes its memory from the C library"},
	{name: "debian-next", suite: "forky",
		differs: "as debian, and of a newer MicroPython than boards run"},
	// 32 bits and ARM, as a camera is.
	{name: "debian-armhf", suite: "trixie", arch: "armhf", qemu: "qemu-arm",
		differs: "as debian, with a board's 32 bits"},
	// mbedTLS in the configuration, and with the memory, of a board.
	{name: "camera", suite: "trixie", variant: "camera", heap: 2 * smallHeap,
		differs: "64 bits; the randomness and the sockets are the host's; of a newer mbedTLS"},
	{name: "camera-armhf", suite: "trixie", variant: "camera", arch: "armhf", qemu: "qemu-arm", cross: "arm-linux-gnueabihf-", heap: smallHeap,
		differs: "the randomness and the sockets are the host's; of a newer mbedTLS"},
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

// get returns the row's firmware, out of the cache or fetched into it.
func (r row) get(ctx context.Context, o Options) (*Firmware, error) {
	c, err := o.cache()
	if err != nil {
		return nil, err
	}
	var f *Firmware
	if r.variant != "" {
		f, err = r.build(ctx, c, o)
	} else {
		f, err = r.fetch(ctx, c, o)
	}
	if err != nil {
		return nil, err
	}
	f.Name, f.Listed, f.Heap = r.name, true, r.heap
	return f, f.identify(ctx)
}

// fetch unpacks the row's package into the cache. The entry is named for the
// version of the package, and the cache's newest is used without asking the
// archive whether there is a newer one: what a run tests changes when the
// user says so, by deleting it.
func (r row) fetch(ctx context.Context, c *cache.Cache, o Options) (*Firmware, error) {
	runner, err := r.runner()
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
	f.Argv = append(runner, f.Argv...)
	if runner != nil {
		f.foreign = foreign{r.suite, r.arch}
	}
	return f, nil
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
