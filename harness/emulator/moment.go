package emulator

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// MicroPython's unix port raises KeyboardInterrupt from its signal handler,
// wherever the signal hits (MICROPY_ASYNC_KBD_INTR in
// ports/unix/variants/mpconfigvariant_common.h). In the memory allocator it
// leaves a mutex or the heap locked for ever. A system call that waits or
// transfers has nothing to leave, nor has the loop that executes bytecode. So
// the interpreter is halted, looked at, and interrupted when it is in either;
// one that is in neither for long is interrupted where it is.
const (
	momentTries = 200
	momentGap   = 100 * time.Microsecond
)

// The bytecode loop is one large function of unknown bounds. What is this near
// to where an empty loop was seen is taken for a part of it, in bytes.
const loopReach = 0x800

// loopSamples is how often an empty loop is looked at.
const loopSamples = 12

// moment finds good moments to interrupt a process.
type moment struct {
	pid  int
	loop uint64 // an address in the bytecode loop, 0 for unknown
}

// interrupt sends SIGINT at a good moment, or after a while at any.
func (m moment) interrupt() {
	for range momentTries {
		at, err := halt(m.pid)
		if err != nil || m.good(at) {
			break
		}
		resume(m.pid)
		<-time.After(momentGap) // for it to get somewhere else
	}
	_ = unix.Kill(m.pid, unix.SIGINT)
	resume(m.pid)
}

func (m moment) good(at place) bool {
	if at.call >= 0 {
		return slices.Contains(harmlessCalls, at.call)
	}
	return m.loop != 0 && distance(m.loop, at.pc) < loopReach
}

func distance(a, b uint64) uint64 { return max(a, b) - min(a, b) }

// findLoop looks at a process that executes an empty loop, and returns code of
// the function that does. It is the one with the shortest stack, for what it
// calls to look for interrupts comes on top.
func findLoop(pid int) (loop code, ok bool) {
	var top place
	for range loopSamples {
		at, err := halt(pid)
		resume(pid)
		if err == nil && at.call < 0 && at.sp > top.sp {
			top = at
		}
		<-time.After(momentGap)
	}
	return codeAt(pid, top.pc)
}

// waitsForLock tells whether a process waits for a mutex.
func waitsForLock(pid int) bool {
	at, err := placeOf(pid)
	return err == nil && at.call == unix.SYS_FUTEX
}
