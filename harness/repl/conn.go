package repl

import (
	"fmt"
	"math/rand/v2"
)

// A Conn is the raw REPL of one device. But for Close, it is for one
// goroutine at a time, as a device is.
type Conn struct {
	line line
	out  []byte // what is written, kept to be used again

	ready      bool // the device is at the raw prompt, and silent
	pasting    pasting
	ahead      int    // how much source may follow the raw-paste command at once
	token      string // tells this connection's marks from another's
	marks      int    // how many were made
	held       string // the mark that the device holds while it is not reset
	generation int
}

// New returns a connection over a stream, which it owns from then on. Nothing
// is sent yet.
func New(stream Stream) *Conn {
	return &Conn{
		line:  line{stream: stream, in: make([]byte, 32<<10)},
		token: fmt.Sprintf("%08x", rand.Uint32()),
	}
}

// Close closes the stream and wakes whoever waits on it. The device stays as
// it is; see Leave.
func (c *Conn) Close() error { return c.line.stream.Close() }

// Generation counts how often the device turned out to have lost what was
// defined on it: it is 1 after the first Enter, and higher after each reset,
// whoever caused it.
func (c *Conn) Generation() int { return c.generation }
