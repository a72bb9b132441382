package device

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"go.bug.st/serial"
)

// baud is the line's rate where there is a line. It must not be 1200, 921600
// or 12000000, which make boards enter a boot loader or the OpenMV IDE's
// protocol.
const baud = 115200

// A PortError says what is wrong with a port and what to do.
type PortError struct {
	Port string
	Err  error
	Hint string
}

func (e *PortError) Error() string {
	if e.Hint == "" {
		return fmt.Sprintf("port %s: %v", e.Port, e.Err)
	}
	return fmt.Sprintf("port %s: %v; %s", e.Port, e.Err, e.Hint)
}

func (e *PortError) Unwrap() error { return e.Err }

// port is an open serial port. Settings and modem lines are go.bug.st/serial's;
// the bytes go through a second, non-blocking descriptor, for that library's
// Write has no deadline and is not woken by Close.
type port struct {
	*os.File
	settings serial.Port
	lock     *lock
}

// Close closes the port and then lets other rigs have it.
func (p *port) Close() error {
	return errors.Join(p.File.Close(), p.settings.Close(), p.lock.release())
}

// openPort opens and locks a port and throws away what came in before.
func openPort(name string) (*port, error) {
	path, err := filepath.EvalSymlinks(name)
	if err != nil {
		return nil, explain(name, name, err)
	}
	p := &port{}
	if p.lock, err = acquire(lockKey(path)); err != nil {
		return nil, &PortError{Port: name, Err: err, Hint: "stop it, or use another port"}
	}
	// First this one: once settings are open, only root could.
	if p.File, err = os.OpenFile(path, os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0); err != nil {
		return nil, errors.Join(explain(name, path, err), p.lock.release())
	}
	p.settings, err = serial.Open(path, &serial.Mode{BaudRate: baud})
	if err != nil {
		return nil, errors.Join(explain(name, path, err), p.File.Close(), p.lock.release())
	}
	// Boards hold their output back, or throw it away, while DTR is low. A
	// pseudo-terminal has no such line and says so.
	_ = p.settings.SetDTR(true)
	if err := p.settings.ResetInputBuffer(); err != nil {
		return nil, errors.Join(explain(name, path, err), p.Close())
	}
	return p, nil
}

// explain adds to an error of opening what to do about it.
func explain(name, path string, err error) error {
	e := &PortError{Port: name, Err: err}
	var code *serial.PortError
	busy := errors.As(err, &code) && code.Code() == serial.PortBusy
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.Err, e.Hint = errors.New("absent"), found()
	case errors.Is(err, fs.ErrPermission):
		e.Err, e.Hint = errors.New("permission denied"), "add yourself to the group that owns it: sudo usermod -aG dialout $USER, then log in anew"
	case busy || errors.Is(err, syscall.EBUSY):
		e.Err, e.Hint = errors.New("busy"), strings.TrimSpace("close the program that uses it"+users(path))
	case errors.Is(err, syscall.ENOTTY) || code != nil && code.Code() == serial.InvalidSerialPort:
		e.Err, e.Hint = errors.New("no serial port"), found()
	}
	return e
}

// users names the other processes that have a port open, as far as they can
// be seen.
func users(path string) string {
	var names []string
	seen := map[string]bool{fmt.Sprint(os.Getpid()): true}
	links, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return ""
	}
	for _, link := range links {
		pid := strings.Split(link, "/")[2]
		if target, err := os.Readlink(link); err == nil && target == path && !seen[pid] {
			seen[pid] = true
			names = append(names, processName(pid))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (open in " + strings.Join(names, ", ") + ")"
}

// processName names a process by number and command.
func processName(pid string) string {
	comm, err := os.ReadFile("/proc/" + pid + "/comm")
	if err != nil {
		return "process " + pid
	}
	return fmt.Sprintf("process %s, %s", pid, strings.TrimSpace(string(comm)))
}
