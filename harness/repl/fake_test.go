package repl

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A step is one half of an exchange as the device sees it.
type step func(d *fake) error

// fake is a device that follows a script.
type fake struct {
	conn net.Conn
	in   chan byte
	last string // the last mark that it was given
}

// host expects exactly these bytes from the host.
func host(want string) step {
	return func(d *fake) error {
		got := make([]byte, 0, len(want))
		for len(got) < len(want) {
			b, ok := <-d.in
			if !ok {
				return fmt.Errorf("host closed after %q, want %q", got, want)
			}
			if got = append(got, b); !strings.HasPrefix(want, string(got)) {
				return fmt.Errorf("host sent %q, want %q", got, want)
			}
		}
		return nil
	}
}

// dev sends bytes to the host, each argument in a write of its own.
func dev(parts ...string) step {
	return func(d *fake) error {
		for _, p := range parts {
			if _, err := d.conn.Write([]byte(p)); err != nil {
				return fmt.Errorf("sending %q: %w", p, err)
			}
		}
		return nil
	}
}

// marked answers the print that proves a prompt; the device holds no mark.
func marked() step { return answerMark("") }

func answerMark(held string) step {
	return func(d *fake) error {
		var got []byte
		for b := range d.in {
			if b == endKey {
				_, after, _ := bytes.Cut(got, []byte("print(':rig-'+'"))
				mark, _, found := bytes.Cut(after, []byte(":'+"))
				if !found {
					return fmt.Errorf("host sent %q, want a mark", got)
				}
				d.last = string(mark)
				return dev(fmt.Sprintf("raw REPL; CTRL-B to exit\r\n>OK:rig-%s:%s:\r\n\x04\x04>", mark, held))(d)
			}
			got = append(got, b)
		}
		return fmt.Errorf("host closed after %q, want a mark", got)
	}
}

// entered is what Enter does with an idle device that was reset before.
func entered() []step { return []step{host("\r\x03\r\x01"), marked()} }

// reentered is what Enter does with one that was not.
func reentered() []step {
	return []step{host("\r\x03\r\x01"), func(d *fake) error { return answerMark(d.last)(d) }}
}

// flow joins steps and lists of steps.
func flow(parts ...any) []step {
	var all []step
	for _, p := range parts {
		switch p := p.(type) {
		case step:
			all = append(all, p)
		case []step:
			all = append(all, p...)
		default:
			panic(fmt.Sprintf("%T is no step", p))
		}
	}
	return all
}

// lineTime is how long the fake takes to send one text again and again: in a
// bubble, time only goes on while all wait.
const lineTime = 10 * time.Millisecond

// sends writes for ever, until the host is gone, and takes no notice of what
// comes from there.
func sends(text string) step {
	return func(d *fake) error {
		for {
			select {
			case _, ok := <-d.in:
				if !ok {
					return nil
				}
			case <-time.After(lineTime):
				if _, err := d.conn.Write([]byte(text)); err != nil {
					return deaf(d)
				}
			}
		}
	}
}

// babbles writes until the host interrupts, then says last.
func babbles(text, last string) step {
	return func(d *fake) error {
		for {
			select {
			case b := <-d.in:
				if b != interruptKey {
					return fmt.Errorf("host sent %#x, want Ctrl-C", b)
				}
				return dev(last)(d)
			case <-time.After(lineTime):
				if _, err := d.conn.Write([]byte(text)); err != nil {
					return err
				}
			}
		}
	}
}

// play runs steps as the device and use as the host, in a bubble of its own
// time, which a goroutine that is left behind fails.
func play(t *testing.T, steps []step, use func(ctx context.Context, c *Conn)) {
	t.Helper()
	playOn(t, func(s Stream) Stream { return s }, steps, use)
}

// playOn is play over a stream that wrap has made worse.
func playOn(t *testing.T, wrap func(Stream) Stream, steps []step, use func(ctx context.Context, c *Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		d := &fake{conn: theirs, in: make(chan byte, 1<<16)}
		go func() { // the device's input buffer: the host never waits for it
			defer close(d.in)
			buf := make([]byte, 512)
			for {
				n, err := d.conn.Read(buf)
				for _, b := range buf[:n] {
					d.in <- b
				}
				if err != nil {
					return
				}
			}
		}()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for i, s := range steps {
				if err := s(d); err != nil {
					t.Errorf("device, step %d: %v", i+1, err)
					d.conn.Close()
					return
				}
			}
		}()
		c := New(wrap(ours))
		use(t.Context(), c)
		c.Close()
		<-ended
		d.conn.Close()
		var more []byte
		for b := range d.in {
			more = append(more, b)
		}
		if len(more) > 0 {
			t.Errorf("after the last step the host sent %q", more)
		}
	})
}
