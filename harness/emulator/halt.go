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

// code is a stretch of an executable file, first and last byte, which stays the
// same while the file is mapped elsewhere in each process.
type code struct {
	file     string
	from, to uint64
}

// stretch is code as a process has it mapped.
type stretch struct{ from, to uint64 }

func (s stretch) contains(pc uint64) bool { return s.from <= pc && pc <= s.to }

// codeOf finds the file to which a stretch of a process belongs.
func codeOf(pid int, s stretch) (code, bool) {
	for m := range mappings(pid) {
		if m.start <= s.from && s.to < m.end {
			return code{m.file, s.from - m.start + m.offset, s.to - m.start + m.offset}, true
		}
	}
	return code{}, false
}

// stretchOf finds where a process has code mapped.
func stretchOf(pid int, c code) (stretch, bool) {
	for m := range mappings(pid) {
		if m.file == c.file && m.offset <= c.from && c.to-m.offset < m.end-m.start {
			return stretch{c.from - m.offset + m.start, c.to - m.offset + m.start}, true
		}
	}
	return stretch{}, false
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
