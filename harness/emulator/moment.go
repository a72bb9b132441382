package emulator

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// MicroPython's unix port raises KeyboardInterrupt from its signal handler,
// wherever the signal hits (MICROPY_ASYNC_KBD_INTR in
// ports/unix/variants/mpconfigvariant_common.h). In the memory allocator it
// leaves a mutex or the heap locked for ever. A system call that waits or
// transfers has nothing to leave, nor has the loop that executes bytecode. So
// the interpreter is halted, looked at, and interrupted when it is in either,
// and not in the flash memory's driver; one for which no such moment is found
// is interrupted where it is.
const (
	momentWait = 2 * time.Second
	momentGap  = 50 * time.Microsecond
)

// loopSamples is how often the agent's exercise is looked at to find the
// bytecode loop.
const loopSamples = 30

// loopReach is how far the function is taken to go on around what was seen of
// it, in bytes. On amd64 it is some 7 KB long; its neighbours allocate nothing.
const loopReach = 0x600

// moment finds good moments to interrupt a process.
type moment struct {
	pid  int
	loop stretch // of the function that executes bytecode; empty when unknown
	// flash is the open flash image in fdinfo of proc_pid(5): what is at a
	// position other than 0 is being transferred. Empty when unknown.
	flash string
}

// settled is how many halts there are at least before the bytecode loop will
// do, so that a program that uses the flash is caught at it. driverReach is how
// far above the stack of the flash driver in a transfer the rest of the driver
// has its own, in bytes; a program's is further up, for the file system's C code
// lies between (750 bytes on amd64).
const (
	settled     = 5
	driverReach = 256
)

// interrupt sends SIGINT at a good moment, or after a while at any.
func (m moment) interrupt() {
	var driver uint64 // highest stack pointer that is the flash driver's
	deadline := time.Now().Add(momentWait)
	for n := 1; time.Now().Before(deadline); n++ {
		at, err := halt(m.pid)
		if err != nil {
			break
		}
		looping := at.call < 0 && m.loop.contains(at.pc)
		if m.transferring() {
			driver = max(driver, at.sp+driverReach)
		} else if slices.Contains(harmlessCalls, at.call) || looping && n >= settled && at.sp > driver {
			break
		}
		resume(m.pid)
		<-time.After(momentGap) // for it to get somewhere else
	}
	_ = unix.Kill(m.pid, unix.SIGINT)
	resume(m.pid)
}

// transferring tells whether a transfer to or from the flash is under way.
func (m moment) transferring() bool {
	text, err := os.ReadFile(m.flash)
	if err != nil {
		return false
	}
	var pos int64
	_, err = fmt.Sscanf(string(text), "pos: %d", &pos)
	return err == nil && pos != 0
}

// findFlash finds the process's open flash image.
func findFlash(pid int, image string) string {
	want, err := os.Stat(image)
	if err != nil {
		return ""
	}
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		return ""
	}
	for _, fd := range fds {
		if is, err := os.Stat(fd); err == nil && os.SameFile(is, want) {
			return fmt.Sprintf("/proc/%d/fdinfo/%s", pid, filepath.Base(fd))
		}
	}
	return ""
}

// findLoop looks at a process that executes simple bytecode, and returns the
// stretch of the function that does so. All that the process does at the
// shortest stack is done there, for what it calls has its stack on top.
func findLoop(pid int) stretch {
	var seen []place
	for range loopSamples {
		at, err := halt(pid)
		resume(pid)
		if err == nil && at.call < 0 {
			seen = append(seen, at)
		}
		<-time.After(momentGap)
	}
	if len(seen) == 0 {
		return stretch{}
	}
	top := slices.MaxFunc(seen, func(a, b place) int { return cmp.Compare(a.sp, b.sp) })
	loop := stretch{top.pc, top.pc}
	for _, at := range seen {
		if at.sp == top.sp {
			loop.from, loop.to = min(loop.from, at.pc), max(loop.to, at.pc)
		}
	}
	return stretch{loop.from - loopReach, loop.to + loopReach}
}

// waitsForLock tells whether a process waits for a mutex.
func waitsForLock(pid int) bool {
	at, err := placeOf(pid)
	return err == nil && at.call == unix.SYS_FUTEX
}
