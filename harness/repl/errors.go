package repl

import (
	"fmt"
	"time"
)

// shown is how much of what a device said an error quotes, in bytes.
const shown = 160

// quote quotes the end of what a device said.
func quote(p []byte) string {
	if len(p) > shown {
		return fmt.Sprintf("…%q", p[len(p)-shown:])
	}
	return fmt.Sprintf("%q", p)
}

// A NoPromptError says that the device could not be brought to the raw REPL.
type NoPromptError struct {
	Attempts int
	Waited   time.Duration
	Received int    // bytes that came back in all
	Last     []byte // the last of them
}

func (e *NoPromptError) Error() string {
	tried := fmt.Sprintf("no MicroPython prompt in %.1f s after %d times Ctrl-C, Ctrl-A and a print", e.Waited.Seconds(), e.Attempts)
	if e.Received == 0 {
		return tried + ": nothing came back"
	}
	return fmt.Sprintf("%s: %d bytes came back, at last %s", tried, e.Received, quote(e.Last))
}

// A StalledError says that the device stopped in the middle of a command,
// before it ran.
type StalledError struct {
	Doing    string
	Sent, Of int // bytes of what was to be sent
	Waited   time.Duration
	Got      []byte // what came in place of the answer
}

func (e *StalledError) Error() string {
	return fmt.Sprintf("the device stalled for %.1f s: %s, %d of %d bytes sent; it said %s",
		e.Waited.Seconds(), e.Doing, e.Sent, e.Of, quote(e.Got))
}

// A GoneError says that the stream itself failed: the port is closed or
// unplugged.
type GoneError struct{ Err error }

func (e *GoneError) Error() string { return "the port is gone: " + e.Err.Error() }
func (e *GoneError) Unwrap() error { return e.Err }

// A ResetError says that the device was reset while it had a command, or
// before it took it. What was defined on it is gone.
type ResetError struct {
	Said []byte // the output so far and the banner, if they were seen
}

func (e *ResetError) Error() string {
	if len(e.Said) == 0 {
		return "the device was reset"
	}
	return "the device was reset: " + quote(e.Said)
}

// A FramingError says that byte 04, printed by a script, made it impossible
// to tell where output ends and where the traceback begins.
type FramingError struct {
	Got []byte // all that came, 04s included, up to where it was noticed
}

func (e *FramingError) Error() string {
	return "the output holds byte 0x04, which is the end mark of the raw REPL: " + quote(e.Got)
}

// A SourceError says that a source holds a byte that the raw REPL takes for a
// command.
type SourceError struct {
	Offset int
	Byte   byte
}

func (e *SourceError) Error() string {
	return fmt.Sprintf("the source holds byte %#02x at offset %d, which is a command to the raw REPL", e.Byte, e.Offset)
}

// An InterruptedError says that a command was interrupted with Ctrl-C: its
// time was over, it printed too much, or the caller gave up.
type InterruptedError struct {
	Err     error // ErrOutput, context.DeadlineExceeded or context.Canceled
	After   time.Duration
	Stopped bool // whether the device ended the command then
	Last    []byte
}

func (e *InterruptedError) Error() string {
	then := "it stopped"
	if !e.Stopped {
		then = "it did not stop"
	}
	return fmt.Sprintf("interrupted after %.1f s, %s: %v; the last output was %s", e.After.Seconds(), then, e.Err, quote(e.Last))
}

func (e *InterruptedError) Unwrap() error { return e.Err }
