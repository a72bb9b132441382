//go:build linux

package report_test

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"trustrig/harness/report"
)

// TestWriteFullDisk: a record that does not fit is an error, and neither a
// half-written file nor a leftover stays. A limit on the size of files stands
// for a full disk.
func TestWriteFullDisk(t *testing.T) {
	dir := t.TempDir()
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 512, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	err := report.Write(dir, record())
	if limitErr := unix.Setrlimit(unix.RLIMIT_FSIZE, &before); limitErr != nil {
		t.Fatal(limitErr)
	}
	if !errors.Is(err, unix.EFBIG) {
		t.Errorf("Write = %v, want the disk's own error", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("the folder holds %v (%v), want nothing", entries, err)
	}
}
