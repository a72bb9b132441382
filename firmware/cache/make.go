package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Make returns the folder of the entry name. Where there is none yet, build
// fills an empty folder, which becomes the entry if build returns nil and is
// removed if not. One process builds while the others that want the same
// entry wait for it, as long as ctx lasts.
func (c *Cache) Make(ctx context.Context, name string, build func(dir string) error) (string, error) {
	find := func() (string, bool) { return c.Find(name) }
	return c.make(ctx, name, find, func(dir string) (string, error) { return name, build(dir) })
}

// MakeNewest returns the folder of the newest entry name-VERSION, whichever
// version that is. Where there is none yet, build fills an empty folder and
// tells the version of what it put there.
func (c *Cache) MakeNewest(ctx context.Context, name string, build func(dir string) (version string, err error)) (string, error) {
	find := func() (string, bool) {
		dir, _, ok := c.Newest(name)
		return dir, ok
	}
	return c.make(ctx, name, find, func(dir string) (string, error) {
		version, err := build(dir)
		return name + "-" + version, err
	})
}

// Scratch calls use with a folder that is kept from call to call, such as the
// lists of a package manager, and that nobody else uses meanwhile. What is in
// it may be the remains of a use that was killed.
func (c *Cache) Scratch(ctx context.Context, name string, use func(dir string) error) error {
	if err := checkName(name); err != nil {
		return err
	}
	lock, err := c.lock(ctx, name)
	if err != nil {
		return err
	}
	defer lock.Close()
	dir := filepath.Join(c.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return c.explain(err)
	}
	return use(dir)
}

func (c *Cache) make(ctx context.Context, name string, find func() (string, bool), build func(dir string) (string, error)) (string, error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	if dir, ok := find(); ok {
		return dir, nil
	}
	lock, err := c.lock(ctx, name)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if dir, ok := find(); ok { // made while this one waited
		return dir, nil
	}
	parent := filepath.Dir(filepath.Join(c.dir, filepath.FromSlash(name)))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", c.explain(err)
	}
	c.sweep(parent, name)
	temp, err := os.MkdirTemp(parent, tempName(name, "*"))
	if err != nil {
		return "", c.explain(err)
	}
	defer os.RemoveAll(temp)
	made, err := build(temp)
	if err != nil {
		return "", c.explainFull(err)
	}
	return c.commit(temp, made)
}

// commit turns the filled folder temp into the entry name.
func (c *Cache) commit(temp, name string) (string, error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	// An unpacked archive leaves its own mode and date on the folder;
	// [Cache.Newest] goes by when it was made.
	now := time.Now()
	if err := errors.Join(os.Chmod(temp, 0o755), os.Chtimes(temp, now, now), syncFilesystem(temp)); err != nil {
		return "", c.explain(err)
	}
	dir := filepath.Join(c.dir, filepath.FromSlash(name))
	err := os.Rename(temp, dir)
	if _, ok := c.Find(name); ok && (errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.ENOTEMPTY)) {
		return dir, nil // the same version, made meanwhile under another name
	}
	if err != nil {
		return "", c.explain(err)
	}
	if err := syncFilesystem(filepath.Dir(dir)); err != nil {
		return "", c.explain(err)
	}
	return dir, nil
}

// explainFull leaves a builder's error alone, unless it is the cache's disk
// that is full.
func (c *Cache) explainFull(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return c.explain(err)
	}
	return err
}

// tempName is the name of the folder in which the entry name is being made,
// beside the entry's own. Names of entries hold no @, and tools that work
// there bear it, other than a comma, which splits what a linker is told.
func tempName(name, random string) string {
	return "." + filepath.Base(name) + "@" + random + ".tmp"
}

// sweep removes what killed makers left in the folder parent. A maker that
// lives holds the lock of the name that it makes; own is the one that the
// caller holds. What can not be removed now is left to the next sweep.
func (c *Cache) sweep(parent, own string) {
	list, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range list {
		base, found := strings.CutPrefix(e.Name(), ".")
		base, _, random := strings.Cut(base, "@")
		if !found || !random || !strings.HasSuffix(e.Name(), ".tmp") {
			continue
		}
		name := path.Join(path.Dir(own), base)
		if name != own {
			lock, err := c.tryLock(name)
			if err != nil {
				continue
			}
			defer lock.Close()
		}
		os.RemoveAll(filepath.Join(parent, e.Name()))
	}
}

// syncFilesystem brings everything below dir to the disk with one call, so
// that after a power cut no entry is there whose files are empty.
func syncFilesystem(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.Syncfs(int(f.Fd())); err != nil {
		return fmt.Errorf("writing %s to the disk: %w", dir, err)
	}
	return nil
}
