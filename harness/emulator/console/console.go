package console

import (
	"context"
	"fmt"
)

// Control characters that the REPLs give a meaning.
const (
	ctrlA = 0x01
	ctrlB = 0x02
	ctrlC = 0x03
	ctrlD = 0x04
	ctrlE = 0x05
)

// DefaultWindow is the raw-paste window increment, in bytes, of a board with
// MicroPython's default settings (half of MICROPY_REPL_STDIN_BUFFER_MAX).
const DefaultWindow = 128

// maxSource bounds a program, in bytes. It is more than any board's heap
// holds; beyond it the board runs out of memory.
const maxSource = 8 << 20

// Mode says how source is compiled.
type Mode int

const (
	File   Mode = iota // a whole program
	Single             // one statement of the friendly REPL, whose value is printed
)

// Exit says how a program ended.
type Exit int

const (
	Finished  Exit = iota // to its end, or by an exception
	SoftReset             // by SystemExit or machine.soft_reset()
	HardReset             // by machine.reset()
)

// Result is what a program left. Traceback is text with LF line ends, empty
// when it raised nothing or asked for a reset.
type Result struct {
	Exit      Exit
	Traceback []byte
}

// An Interpreter runs programs in one set of globals. While a program runs the
// line is the interpreter's: it flushes the program's output, passes received
// bytes on to the program, and afterwards gives those that the program did not
// read back with Unread. An error means that there is no interpreter any more.
type Interpreter interface {
	Run(ctx context.Context, source []byte, mode Mode, line *Line) (Result, error)
}

// Reset is what ends a session of the REPL.
type Reset int

const (
	Soft Reset = iota // Ctrl-D, SystemExit
	Hard              // machine.reset()
)

// Console is the REPL of one board. Raw survives a soft reset, as on a board.
type Console struct {
	Banner string // first line of the friendly REPL, without line end
	Window int    // raw-paste window increment in bytes, 1 to 65535
	Raw    bool   // in raw mode rather than in the friendly REPL

	history []string
}

// Serve runs the REPL until a reset is asked for. It returns the interpreter's
// error when that fails, ctx's cause when ctx ends, io.EOF when the line does.
func (c *Console) Serve(ctx context.Context, line *Line, interp Interpreter) (Reset, error) {
	if c.Window < 1 || c.Window > 0xffff {
		return 0, fmt.Errorf("console: raw-paste window of %d bytes", c.Window)
	}
	s := &session{Console: c, line: line, interp: interp}
	for {
		repl := s.friendly
		if c.Raw {
			repl = s.raw
		}
		again, reset, err := repl(ctx)
		if !again || err != nil {
			line.Flush()
			return reset, err
		}
	}
}

// session is one life of the interpreter, from reset to reset.
type session struct {
	*Console
	line   *Line
	interp Interpreter
}

// leave tells whether a program's end is a reset, and which.
func leave(r Result) (Reset, bool) {
	switch r.Exit {
	case SoftReset:
		return Soft, true
	case HardReset:
		return Hard, true
	}
	return 0, false
}
