// Package debian fetches and unpacks Debian packages of any suite and
// architecture without root and without touching the system's packages or
// apt's state.
//
// apt-get does the work, in folders of its own: it takes the archive and the
// proxies from the host's configuration, checks signatures with Debian's
// keyring, and reads the index of the one architecture that is wanted, since
// another one's may be in the middle of being mirrored.
package debian

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"trustrig/firmware/cache"
)

// A Request says which packages are wanted.
type Request struct {
	Suite    string   // "trixie"
	Arch     string   // Debian's name of the architecture, as [Native] gives, or [Source]
	Packages []string // the newest version of each
	Depends  bool     // whether to fetch what they depend on as well
}

// Source is in place of an architecture where a package's source is wanted.
// Each is unpacked into a folder of its name, as its authors wrote it, without
// Debian's patches.
const Source = "source"

// A Package is one that was unpacked.
type Package struct{ Name, Version, Arch string }

// architectures are Debian's names of those that Go knows under another.
var architectures = map[string]string{
	"386": "i386", "arm": "armhf", "mipsle": "mipsel", "mips64le": "mips64el", "ppc64le": "ppc64el",
}

// Native is Debian's name of the architecture of this program.
func Native() string {
	if name, ok := architectures[runtime.GOARCH]; ok {
		return name
	}
	return runtime.GOARCH
}

const (
	tries = 3
	// pause is how long after a failed try the next one starts; a mirror
	// that is being updated needs some seconds, a lost packet none.
	pause = time.Second
)

// Fetch unpacks the packages of r into the folder dir and returns them.
// apt's lists are kept in c for the next call. The error is one line with
// what apt-get said last, after three tries.
func Fetch(ctx context.Context, c *cache.Cache, r Request, dir string) ([]Package, error) {
	tools := []string{"apt-get", "apt-config", "dpkg-deb"}
	if r.Arch == Source {
		tools[2] = "dpkg-source" // of the package dpkg-dev
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, fmt.Errorf("fetching Debian packages: this machine has no %s", tool)
		}
	}
	keyring, err := findKeyring(keyrings)
	if err != nil {
		return nil, err
	}
	host, err := askHost(ctx)
	if err != nil {
		return nil, err
	}
	var got []Package
	err = c.Scratch(ctx, "apt/"+r.Suite+"-"+r.Arch, func(scratch string) error {
		files, err := download(ctx, scratch, r, host, keyring)
		if err != nil {
			return fmt.Errorf("fetching %s from Debian %s (%s): %w", strings.Join(r.Packages, ", "), r.Suite, r.Arch, err)
		}
		for _, file := range files {
			unpack := unpackBinary
			if r.Arch == Source {
				unpack = unpackSource
			}
			p, err := unpack(ctx, file, dir)
			if err != nil {
				return fmt.Errorf("unpacking %s: %w", filepath.Base(file), err)
			}
			got = append(got, p)
		}
		return nil
	})
	return got, err
}

// download brings the packages into the scratch folder and returns their
// files. Each try takes the next of the host's archives, of which there is
// rarely more than one, and none of the lists of the try before.
func download(ctx context.Context, scratch string, r Request, host hostConfig, keyring string) ([]string, error) {
	var err error
	for try := range tries {
		if try > 0 {
			select {
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			case <-time.After(pause):
			}
			if err := os.RemoveAll(filepath.Join(scratch, "lists")); err != nil {
				return nil, err
			}
		}
		a := apt{dir: scratch, request: r, settings: host.settings,
			archive: host.archives[try%len(host.archives)], keyring: keyring}
		var debs []string
		if debs, err = a.fetch(ctx); err == nil || ctx.Err() != nil {
			return debs, err
		}
	}
	return nil, err
}

// keyrings are where the package debian-archive-keyring puts the keys of
// Debian's archive, by its releases.
var keyrings = []string{
	"/usr/share/keyrings/debian-archive-keyring.gpg",
	"/usr/share/keyrings/debian-archive-keyring.pgp",
}

func findKeyring(paths []string) (string, error) {
	for _, path := range paths {
		_, err := os.Stat(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("looking for Debian's keyring: %w", err)
		}
	}
	return "", fmt.Errorf("no Debian keyring on this machine (%s): install the package debian-archive-keyring", paths[0])
}
