package firmware

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"trustrig/firmware/cache"
	"trustrig/firmware/debian"
)

// variants are the folders that MicroPython's unix port is built with.
//
//go:embed camera
var variants embed.FS

// build makes the row's variant from Debian's source packages. The entry is
// named for the variant's content too, so that a checkout which changes it has
// its own firmware.
func (r row) build(ctx context.Context, c *cache.Cache, o Options) (*Firmware, error) {
	digest, err := variantDigest(r.variant)
	if err != nil {
		return nil, err
	}
	dir, err := c.MakeNewest(ctx, "firmware/"+r.name+"-"+digest, func(dir string) (string, error) {
		return r.compile(ctx, c, o, dir)
	})
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "micropython")
	f := &Firmware{Path: path, Argv: []string{path}}
	if !r.crossed() {
		return f, nil
	}
	runner, err := r.runner()
	if err != nil {
		return nil, err
	}
	libc, err := crossLibrary(ctx, r.cross)
	if err != nil {
		return nil, err
	}
	f.Argv = append(runner, "-L", libc, path)
	f.foreign = foreign{hostSuite(), r.arch}
	return f, nil
}

// crossLibrary is the folder in which the cross compiler has the C library
// that its programs run with, below which the dynamic loader is /lib's.
func crossLibrary(ctx context.Context, cross string) (string, error) {
	out, err := exec.CommandContext(ctx, cross+"gcc", "-print-file-name=libc.so.6").Output()
	file := strings.TrimSpace(string(out))
	if err != nil || !filepath.IsAbs(file) {
		return "", fmt.Errorf("%sgcc has no C library to run its programs with (%q, %v): install the package libc6-dev-armhf-cross", cross, file, err)
	}
	return filepath.Dir(filepath.Dir(filepath.Clean(file))), nil
}

// crossed reports whether the variant is built here for another machine.
func (r row) crossed() bool { return r.cross != "" && r.architecture() != debian.Native() }

// compile builds MicroPython into dir and returns the version of its source.
func (r row) compile(ctx context.Context, c *cache.Cache, o Options, dir string) (string, error) {
	if strings.ContainsAny(c.Dir(), " \t#$%:;,'\"\\") {
		return "", fmt.Errorf("make can not build in %s, for a character in that path: set %s to another folder", c.Dir(), cache.Env)
	}
	if err := buildTools(r); err != nil {
		return "", err
	}
	var cross []string
	if r.crossed() {
		cross = []string{"CROSS_COMPILE=" + r.cross}
	}
	source, version, err := r.source(ctx, c, o)
	if err != nil {
		return "", err
	}
	o.say("building MicroPython %s as a camera's (once, about a minute; kept in %s)", version, c.Dir())
	work := filepath.Join(dir, "build")
	if err := copyVariant(filepath.Join(work, r.variant), r.variant); err != nil {
		return "", err
	}
	mpy := filepath.Join(work, "mpy-cross")
	if err := runMake(ctx, source, "mpy-cross", "BUILD="+mpy); err != nil {
		return "", err
	}
	unix := filepath.Join(work, "unix")
	err = runMake(ctx, source, "ports/unix", append(cross, "BUILD="+unix,
		"VARIANT_DIR="+filepath.Join(work, r.variant), "MICROPY_MPYCROSS="+filepath.Join(mpy, "mpy-cross"))...)
	if err != nil {
		return "", err
	}
	return version, errors.Join(
		os.Rename(filepath.Join(unix, "micropython"), filepath.Join(dir, "micropython")),
		os.RemoveAll(work))
}

// source returns the tree of MicroPython's source with mbedTLS's in its place.
// It is not written to: objects go elsewhere.
func (r row) source(ctx context.Context, c *cache.Cache, o Options) (dir, version string, err error) {
	const name = "micropython"
	entry := "source/" + r.suite + "/" + name
	dir, err = c.MakeNewest(ctx, entry, func(dir string) (string, error) {
		o.say("fetching the source of MicroPython and mbedTLS from Debian %s (once; kept in %s)", r.suite, c.Dir())
		got, err := debian.Fetch(ctx, c, debian.Request{
			Suite: r.suite, Arch: debian.Source, Packages: []string{name, "mbedtls"},
		}, dir)
		if err != nil {
			return "", err
		}
		lib := filepath.Join(dir, name, "lib")
		version, err := entryVersion(got, name)
		return version, errors.Join(err,
			os.RemoveAll(filepath.Join(lib, "mbedtls")), // an empty folder
			os.Rename(filepath.Join(dir, "mbedtls"), filepath.Join(lib, "mbedtls")),
			// The build wants to see micropython-lib, which Debian's source
			// lacks, before it freezes anything at all.
			os.MkdirAll(filepath.Join(lib, "micropython-lib"), 0o755),
			os.WriteFile(filepath.Join(lib, "micropython-lib", "README.md"), nil, 0o644))
	})
	version = strings.TrimPrefix(filepath.Base(dir), name+"-")
	return filepath.Join(dir, name), version, err
}

// runMake runs make in the folder of the source tree.
func runMake(ctx context.Context, source, folder string, vars ...string) error {
	changelog, err := os.Stat(filepath.Join(source, "debian", "changelog"))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	args := append([]string{"--silent", "-j", fmt.Sprint(runtime.NumCPU()), "-C", filepath.Join(source, folder)}, vars...)
	cmd := exec.CommandContext(ctx, "make", args...)
	cmd.Stdout, cmd.Stderr = io.Discard, &out
	// Nothing else of the environment: make takes variables from it, and from
	// a make that started this program, its options. No git repository
	// around the cache, nor the day, gets into the version that it reports.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir(), "LC_ALL=C.UTF-8",
		"GIT_DIR=/nonexistent", fmt.Sprintf("SOURCE_DATE_EPOCH=%d", changelog.ModTime().Unix())}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	switch err := cmd.Run(); {
	case ctx.Err() != nil:
		return fmt.Errorf("building %s: %w", folder, context.Cause(ctx))
	case err != nil:
		return fmt.Errorf("building %s: %w: %s", folder, err, firstError(out.String()))
	}
	return nil
}

// firstError is the line of a compiler's output that explains the rest.
func firstError(out string) string {
	first := ""
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "rror: ") {
			return line
		}
		if first == "" {
			first = line
		}
	}
	return first
}

// copyVariant writes the variant's files into the new folder dir.
func copyVariant(dir, variant string) error {
	files, err := fs.Sub(variants, variant)
	if err != nil {
		return err
	}
	return os.CopyFS(dir, files)
}

// variantDigest tells variants of different content apart, in a few letters
// that do not begin with a digit, as a version does.
func variantDigest(variant string) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(variants, variant, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := fs.ReadFile(variants, name)
		fmt.Fprintf(h, "%s %d\n%s", path.Base(name), len(text), text)
		return err
	})
	return fmt.Sprintf("v%x", h.Sum(nil)[:4]), err
}
