package emulator

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// lostAfter is how long a board waits for a host that does not read before it
// throws its output away.
const lostAfter = 500 * time.Millisecond

// port is the board's side of a serial port whose other side, path, any serial
// program can open. It stays while programs come and go, for the slave is held
// open here too.
type port struct {
	path   string
	master *os.File
	slave  *os.File
	pace   *pace
	lost   atomic.Bool // the host does not read
	done   chan struct{}
	closed chan struct{}
}

// openPort makes a port whose received blocks go to in until it is closed.
func openPort(baud int, in chan<- []byte) (*port, error) {
	blocking, slave, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("making a serial port: %w", err)
	}
	p := &port{
		path: slave.Name(), slave: slave, pace: newPace(baud),
		done: make(chan struct{}), closed: make(chan struct{}),
	}
	// A handle of its own that does not block, so that deadlines work.
	fd, err := unix.FcntlInt(blocking.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
		p.master = os.NewFile(uintptr(fd), "ptmx")
	}
	_ = blocking.Close()
	if err == nil {
		_, err = term.MakeRaw(int(slave.Fd()))
	}
	if err != nil {
		_ = slave.Close()
		return nil, fmt.Errorf("making a serial port: %w", err)
	}
	go p.receive(in)
	return p, nil
}

func (p *port) receive(in chan<- []byte) {
	defer close(p.done)
	pace := newPace(p.pace.baud)
	buf := make([]byte, 4096)
	for {
		n, err := p.read(buf[:pace.burst(len(buf))], pace)
		if err != nil {
			return
		}
		if !pace.wait(n, p.closed) {
			return
		}
		p.lost.Store(false) // a host that sends is there
		select {
		case in <- append([]byte(nil), buf[:n]...):
		case <-p.closed:
			return
		}
	}
}

// read waits for at least a byte. Only when none was there already was the
// line idle.
func (p *port) read(buf []byte, pace *pace) (int, error) {
	if pace.baud > 0 {
		if n, err := p.try(unix.Read, buf); n > 0 || err != nil {
			return n, err
		}
	}
	n, err := p.master.Read(buf)
	pace.start()
	return n, err
}

// Write sends to the host. Output is lost when the host has not read for
// lostAfter, and from then on whenever it leaves no room, until it sends.
func (p *port) Write(b []byte) (int, error) {
	total := len(b)
	p.pace.start()
	for len(b) > 0 {
		n := p.pace.burst(len(b))
		if !p.pace.wait(n, p.closed) {
			return 0, os.ErrClosed
		}
		if err := p.write(b[:n]); err != nil {
			return total - len(b), err
		}
		b = b[n:]
	}
	return total, nil
}

func (p *port) write(b []byte) error {
	n, err := p.try(unix.Write, b)
	if err != nil || n == len(b) || p.lost.Load() {
		return err
	}
	_ = p.master.SetWriteDeadline(time.Now().Add(lostAfter))
	_, err = p.master.Write(b[n:])
	_ = p.master.SetWriteDeadline(time.Time{})
	if errors.Is(err, os.ErrDeadlineExceeded) {
		p.lost.Store(true)
		return nil
	}
	return err
}

// try reads or writes what it can without waiting.
func (p *port) try(do func(int, []byte) (int, error), b []byte) (n int, err error) {
	raw, err := p.master.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { n, failed = do(int(fd), b) }); err != nil {
		return 0, err
	}
	if errors.Is(failed, unix.EAGAIN) || errors.Is(failed, unix.EINTR) {
		return 0, nil
	}
	return max(n, 0), failed
}

func (p *port) close() {
	close(p.closed)
	_ = p.master.Close()
	_ = p.slave.Close()
	<-p.done
}
