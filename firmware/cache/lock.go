package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// locks is the folder of lock files, one for each name that was ever made.
// Lock files stay: removing one while another process has it open would let
// two makers in.
const locks = ".locks"

// lockPoll is how often a held lock is tried again. flock(2) can wait by
// itself, but then no context ends the wait.
const lockPoll = 20 * time.Millisecond

// lock waits until it alone holds name, in this process and among all others,
// or until ctx ends. The kernel lets go of the lock of a process that dies.
func (c *Cache) lock(ctx context.Context, name string) (*os.File, error) {
	tick := time.NewTicker(lockPoll)
	defer tick.Stop()
	for {
		f, err := c.tryLock(name)
		if err == nil || !errors.Is(err, syscall.EWOULDBLOCK) {
			return f, c.explain(err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for another process to make %s in %s: %w", name, c.dir, context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// tryLock returns the lock on name, to be let go by Close, or
// syscall.EWOULDBLOCK where somebody else has it.
func (c *Cache) tryLock(name string) (*os.File, error) {
	path := filepath.Join(c.dir, locks, strings.ReplaceAll(name, "/", "@"))
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, &os.PathError{Op: "flock", Path: path, Err: err}
	}
	return f, nil
}
