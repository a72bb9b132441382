package device

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// lock keeps other rigs off a device. A terminal's own exclusive mode does not
// keep root out, and does not follow a board to another port.
type lock struct{ file *os.File }

// lockFolder is shared by all users where there is one.
func lockFolder() string {
	const shared = "/run/lock"
	if unix.Access(shared, unix.W_OK) == nil {
		return shared
	}
	return os.TempDir()
}

// acquire takes the lock of a key, at once or not at all.
func acquire(key string) (*lock, error) {
	name := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' {
			return r
		}
		return '_'
	}, key)
	path := filepath.Join(lockFolder(), "trustrig-"+name+".lock")
	for {
		l, err := lockFile(path)
		if l != nil || err != nil {
			return l, err
		}
	}
}

// lockFile returns nil and no error when the file went away meanwhile.
func lockFile(path string) (*lock, error) {
	file, err := openLock(path)
	if err != nil {
		return nil, fmt.Errorf("locking: %w", err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		holder := readHolder(file)
		file.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("busy, used by %s", holder)
		}
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	mine, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("locking: %w", err)
	}
	if there, err := os.Stat(path); err != nil || !os.SameFile(mine, there) {
		file.Close() // its owner removed it before we had it
		return nil, nil
	}
	// For the message of who finds it locked. Another user's file may not be
	// ours to write; then the message names the wrong process, no more.
	if err := file.Truncate(0); err == nil {
		_, _ = file.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	}
	return &lock{file}, nil
}

// openLock opens a lock file, which others may have made. It is not created
// where it exists: Linux (fs.protected_regular) refuses that in a folder like
// /tmp for another user's file.
func openLock(path string) (*os.File, error) {
	const all = 0o666
	for _, flags := range []int{os.O_RDWR, os.O_RDONLY} {
		if file, err := os.OpenFile(path, flags|unix.O_NOFOLLOW, 0); err == nil {
			return file, nil
		}
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, all)
	if err == nil {
		_ = file.Chmod(all) // past the umask, for other users
	}
	return file, err
}

func readHolder(file *os.File) string {
	buf := make([]byte, 32)
	n, _ := file.ReadAt(buf, 0)
	pid := strings.TrimSpace(string(buf[:n]))
	if pid == "" {
		return "another process"
	}
	return processName(pid)
}

// release gives the lock back. The file is removed while it is still locked,
// so that no two processes can hold locks on files of one name.
func (l *lock) release() error {
	err := os.Remove(l.file.Name())
	if errors.Is(err, os.ErrPermission) {
		err = nil // another user's, in a folder like /tmp; it stays
	}
	return errors.Join(err, l.file.Close())
}
