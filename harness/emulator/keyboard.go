package emulator

import (
	"bytes"
	"errors"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"trustrig/harness/emulator/console"
)

// stdin is the pipe from which programs read what comes in on the line.
type stdin struct {
	w *os.File
	r *os.File // the program's end, to take back what it did not read
}

// unread takes back what no program has read. Only for when none runs.
func (s *stdin) unread() []byte {
	n, err := unix.IoctlGetInt(int(s.r.Fd()), unix.TIOCINQ)
	if err != nil || n == 0 {
		return nil
	}
	p := make([]byte, n)
	n, err = s.r.Read(p)
	if err != nil {
		return nil
	}
	return p[:n]
}

// keyboard passes what comes in on the line to a program while it runs: the
// interrupt character as a press, all else to its stdin. While the program
// leaves its stdin full, nothing more is taken from the line, as on a board.
type keyboard struct {
	in      *stdin
	key     *atomic.Int32 // the interrupt character, -1 for none
	press   func()
	pending []byte // received before the program began
	blocks  <-chan []byte

	stopping chan struct{}
	done     chan struct{}
	rest     []byte // received, and not written to stdin
}

func (k *keyboard) start(line *console.Line) {
	k.pending = line.Take()
	k.blocks = line.Received()
	k.stopping = make(chan struct{})
	k.done = make(chan struct{})
	go k.serve()
}

// stop ends the passing on, and gives the line back what the program did not
// read.
func (k *keyboard) stop(line *console.Line) {
	close(k.stopping)
	_ = k.in.w.SetWriteDeadline(time.Unix(1, 0))
	<-k.done
	_ = k.in.w.SetWriteDeadline(time.Time{})
	line.Unread(append(k.in.unread(), k.rest...))
}

func (k *keyboard) serve() {
	defer close(k.done)
	blocks := k.blocks
	p := k.pending
	for {
		if k.rest = k.take(p); len(k.rest) > 0 {
			return
		}
		var ok bool
		select {
		case <-k.stopping:
			return
		case p, ok = <-blocks:
			if !ok {
				blocks = nil // wait for stop
			}
		}
	}
}

// take passes a block on and returns what stop kept from being written.
func (k *keyboard) take(p []byte) []byte {
	for len(p) > 0 {
		text, rest, pressed := p, p[len(p):], false
		if key := k.key.Load(); key >= 0 && key <= 0xff {
			if i := bytes.IndexByte(p, byte(key)); i >= 0 {
				text, rest, pressed = p[:i], p[i+1:], true
			}
		}
		if len(text) > 0 {
			n, err := k.in.w.Write(text)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				return p[n:]
			}
		}
		if pressed {
			k.press()
		}
		p = rest
	}
	return nil
}
