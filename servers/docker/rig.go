package docker

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// A rig names one process for as long as the machine runs. A process ID alone
// is used again.
type rig struct {
	pid     int
	started uint64 // in clock ticks since boot: proc(5), /proc/PID/stat, field 22
	boot    string // the kernel's random identifier of this boot
	space   string // the PID namespace, as pid_namespaces(7) names it
}

// self returns the rig that this process is.
func self() (rig, error) {
	r := rig{pid: os.Getpid()}
	var err error
	if r.started, err = startTime(r.pid); err != nil {
		return rig{}, err
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return rig{}, fmt.Errorf("reading which boot this is: %w", err)
	}
	r.boot = strings.TrimSpace(string(boot))
	if r.space, err = os.Readlink("/proc/self/ns/pid"); err != nil {
		return rig{}, fmt.Errorf("reading the PID namespace: %w", err)
	}
	return r, nil
}

// String is the rig as a label holds it.
func (r rig) String() string {
	return fmt.Sprintf("%d %d %s %s", r.pid, r.started, r.boot, r.space)
}

func parseRig(label string) (rig, error) {
	var r rig
	if _, err := fmt.Sscanf(label, "%d %d %s %s", &r.pid, &r.started, &r.boot, &r.space); err != nil {
		return rig{}, fmt.Errorf("reading the rig %q: %w", label, err)
	}
	return r, nil
}

// gone reports whether r has certainly ended, seen from the rig me. Of a rig
// in another PID namespace nothing can be known before the next boot.
func (r rig) gone(me rig) (bool, error) {
	if r.boot != me.boot {
		return true, nil
	}
	if r.space != me.space {
		return false, nil
	}
	started, err := startTime(r.pid)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return started != r.started, err
}

// startTime returns when a process started. The name in the second field may
// hold anything, so that fields are counted from its closing parenthesis.
func startTime(pid int) (uint64, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("reading when process %d started: %w", pid, err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 20 {
		return 0, fmt.Errorf("reading when process %d started: %d fields after its name", pid, len(fields))
	}
	if fields[0] == "Z" { // it has ended, and its parent has not asked how
		return 0, fmt.Errorf("process %d: %w", pid, fs.ErrNotExist)
	}
	return strconv.ParseUint(fields[19], 10, 64)
}
