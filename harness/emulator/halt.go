package emulator

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// haltWait bounds the time in which a process that was told to stop does: on a
// busy machine it must first be given a processor. haltPoll is how often it is
// looked at.
const (
	haltWait = time.Second
	haltPoll = 20 * time.Microsecond
)

// errNotHalted is why it is not known where a process is.
var errNotHalted = errors.New("the process does not stop")

// place is where a halted process is: in a system call, by its number, or at
// an address of its program, with call -1; and how deep its stack is.
type place struct {
	call   int
	sp, pc uint64
}

// halt stops a process and tells where it is. It must be resumed in any case.
func halt(pid int) (place, error) {
	if err := unix.Kill(pid, unix.SIGSTOP); err != nil {
		return place{}, err
	}
	deadline := time.Now().Add(haltWait)
	for {
		at, err := placeOf(pid)
		if !errors.Is(err, errNotHalted) || time.Now().After(deadline) {
			return at, err
		}
		<-time.After(haltPoll)
	}
}

func resume(pid int) { _ = unix.Kill(pid, unix.SIGCONT) }

// placeOf reads where a process is (proc_pid_syscall(5)).
func placeOf(pid int) (place, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/syscall", pid))
	if err != nil {
		return place{}, err
	}
	fields := bytes.Fields(text)
	n := len(fields)
	if n < 3 {
		return place{}, errNotHalted // "running"
	}
	var at place
	at.call, err = strconv.Atoi(string(fields[0]))
	if err == nil {
		at.sp, err = strconv.ParseUint(string(fields[n-2]), 0, 64)
	}
	if err == nil {
		at.pc, err = strconv.ParseUint(string(fields[n-1]), 0, 64)
	}
	return at, err
}

// code is an address in an executable file, which stays the same while the
// file is mapped elsewhere in each process.
type code struct {
	file   string
	offset uint64
}

// codeAt finds the code at an address of a process.
func codeAt(pid int, pc uint64) (code, bool) {
	for m := range mappings(pid) {
		if m.start <= pc && pc < m.end {
			return code{m.file, pc - m.start + m.offset}, true
		}
	}
	return code{}, false
}

// addressOf finds where a process has code mapped.
func addressOf(pid int, c code) (uint64, bool) {
	for m := range mappings(pid) {
		if m.file == c.file && m.offset <= c.offset && c.offset-m.offset < m.end-m.start {
			return c.offset - m.offset + m.start, true
		}
	}
	return 0, false
}

type mapping struct {
	start, end, offset uint64
	file               string
}

// mappings yields the executable files of a process (proc_pid_maps(5)).
func mappings(pid int) func(yield func(mapping) bool) {
	return func(yield func(mapping) bool) {
		f, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
		if err != nil {
			return
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			fields := strings.Fields(lines.Text())
			if len(fields) < 6 || !strings.Contains(fields[1], "x") || !strings.HasPrefix(fields[5], "/") {
				continue
			}
			m := mapping{file: fields[5]}
			if _, err := fmt.Sscanf(fields[0]+" "+fields[2], "%x-%x %x", &m.start, &m.end, &m.offset); err != nil {
				continue
			}
			if !yield(m) {
				return
			}
		}
	}
}
