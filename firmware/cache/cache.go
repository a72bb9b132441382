// Package cache keeps what the rig fetches or builds between runs: firmware,
// mpremote, server binaries, keys.
//
// The cache is one folder, shared by all checkouts of a user and by all
// processes at once. What it holds are entries: folders that are named for
// what they hold and its version ("firmware/debian-1.25.0+ds-1"), made whole or
// not at all, and never changed afterwards. An entry that exists can
// therefore be used without a lock; to be rid of one, delete its folder.
package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// Env is the environment variable that moves the cache.
const Env = "TRUSTRIG_CACHE"

// A Cache is a folder of entries. Its methods may be called from any number
// of goroutines and processes at once.
type Cache struct{ dir string }

// Open returns the user's cache: the folder that $TRUSTRIG_CACHE names, else
// trustrig in the user's cache folder ([os.UserCacheDir]). It is created
// where it is absent.
func Open() (*Cache, error) {
	dir := os.Getenv(Env)
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("finding the user's cache folder: %w; set %s to a folder", err, Env)
		}
		dir = filepath.Join(user, "trustrig")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the cache: %w; set %s to an absolute path", err, Env)
	}
	c := &Cache{dir: dir}
	if err := os.MkdirAll(filepath.Join(dir, locks), 0o755); err != nil {
		return nil, c.explain(err)
	}
	return c, nil
}

// Dir is the cache's folder, an absolute path.
func (c *Cache) Dir() string { return c.dir }

// Find returns the folder of the entry name, if it has been made.
func (c *Cache) Find(name string) (dir string, ok bool) {
	if checkName(name) != nil {
		return "", false
	}
	dir = filepath.Join(c.dir, filepath.FromSlash(name))
	info, err := os.Stat(dir)
	return dir, err == nil && info.IsDir()
}

// Newest returns the folder of the entry name-VERSION that was made last,
// with its version. A version starts with a digit, which tells version 1.26
// of "debian-next" from version "next-1.26" of "debian".
func (c *Cache) Newest(name string) (dir, version string, ok bool) {
	if checkName(name) != nil {
		return "", "", false
	}
	prefix := filepath.Join(c.dir, filepath.FromSlash(name)) + "-"
	list, err := os.ReadDir(filepath.Dir(prefix))
	if err != nil {
		return "", "", false
	}
	var newest time.Time
	for _, e := range list {
		v, found := strings.CutPrefix(e.Name(), filepath.Base(prefix))
		if !found || v == "" || v[0] < '0' || v[0] > '9' {
			continue
		}
		info, err := e.Info()
		if err != nil || !info.IsDir() || ok && !info.ModTime().After(newest) {
			continue
		}
		dir, version, ok, newest = prefix+v, v, true, info.ModTime()
	}
	return dir, version, ok
}

// nameRE leaves out what a path list, a lock's name or a shell would trip
// over; a leading dot is the mark of what is not yet made.
var nameRE = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.+~_%-]*(/[A-Za-z0-9][A-Za-z0-9.+~_%-]*)*$`)

func checkName(name string) error {
	if !nameRE.MatchString(name) {
		return fmt.Errorf("%q is no name for a cache entry", name)
	}
	return nil
}

// explain adds to an error of the file system what the user can do about it.
func (c *Cache) explain(err error) error {
	var todo string
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		todo = "the disk is full: free some space, or set " + Env + " to a folder on another disk"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		todo = "set " + Env + " to a folder that can be written"
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		todo = "a file is in the way: remove it, or set " + Env + " to a folder"
	default:
		return fmt.Errorf("cache %s: %w", c.dir, err)
	}
	return fmt.Errorf("cache %s: %w; %s", c.dir, err, todo)
}
