package repl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	// enterLimit is what a device costs that does not answer.
	enterLimit = 5 * time.Second
	// burstWait is how long the first attempt may take to be answered.
	burstWait = 500 * time.Millisecond
	stepWait  = time.Second
	drainWait = 100 * time.Millisecond
)

// Enter brings the device to the raw prompt from whatever it does: a running
// script, the friendly REPL, the middle of a paste. It takes 5 s at most; then
// the error is a *[NoPromptError].
//
// That the device has arrived is proved by a print that it executes, in which
// the expected text does not stand as such: neither an echo nor an answer to
// something earlier can match it.
func (c *Conn) Enter(ctx context.Context) error {
	defer c.line.watch(ctx)()
	c.ready = false
	e := &entry{conn: c, start: time.Now()}
	until := e.start.Add(enterLimit)
	for time.Now().Before(until) {
		found, err := e.attempt(ctx, until)
		if err != nil {
			return err
		}
		if found {
			c.ready = true
			return nil
		}
	}
	return &NoPromptError{Attempts: e.attempts, Waited: time.Since(e.start), Received: e.received, Last: e.last}
}

// entry is one run of Enter.
type entry struct {
	conn     *Conn
	start    time.Time
	attempts int
	received int
	last     []byte // the end of all that came
}

// attempt tries once. The first time all is sent in one go, which an idle
// device answers at once; afterwards step by step, for a device may lose what
// arrives while it comes to itself.
func (e *entry) attempt(ctx context.Context, until time.Time) (found bool, err error) {
	e.attempts++
	mark, print := e.conn.mark()
	if e.attempts == 1 {
		if err := e.write(ctx, "\r\x03\r\x01"+print); err != nil {
			return false, err
		}
		return e.awaitMark(ctx, earlier(until, burstWait), mark)
	}
	if err := e.write(ctx, "\r\x03\x03"); err != nil {
		return false, err
	}
	if err := e.drain(ctx, earlier(until, stepWait)); err != nil {
		return false, err
	}
	if err := e.write(ctx, "\r\x01"); err != nil {
		return false, err
	}
	if found, err := e.awaitBanner(ctx, earlier(until, stepWait)); !found {
		return false, err
	}
	if err := e.write(ctx, print); err != nil {
		return false, err
	}
	return e.awaitMark(ctx, earlier(until, stepWait), mark)
}

// mark makes a mark and the command that prints it between colons. With it
// comes the mark that the device held before, in place of which it gets the
// new one: none, if it was reset.
func (c *Conn) mark() (mark, command string) {
	c.marks++
	mark = fmt.Sprintf("%s-%d", c.token, c.marks)
	return mark, fmt.Sprintf("print(':rig-'+'%s:'+globals().get('_rig','')+':')\n_rig='%s'\x04", mark, mark)
}

// awaitBanner reads until the raw REPL's banner is the last that came.
func (e *entry) awaitBanner(ctx context.Context, until time.Time) (bool, error) {
	for {
		p, err := e.read(ctx, until)
		if p == nil || bytes.HasSuffix(e.last, []byte(rawBanner)) {
			return p != nil, err
		}
	}
}

// awaitMark reads until a mark has come and the prompt behind it.
func (e *entry) awaitMark(ctx context.Context, until time.Time, mark string) (bool, error) {
	text := []byte(":rig-" + mark + ":")
	for {
		p, err := e.read(ctx, until)
		if p == nil {
			return false, err
		}
		_, after, _ := bytes.Cut(e.last, text)
		if held, done := bytes.CutSuffix(after, []byte(":\r\n\x04\x04>")); done {
			e.conn.note(string(held), mark)
			return true, nil
		}
	}
}

// note takes the mark that the device held and the one that it holds now. A
// mark whose answer was never seen counts as a reset: it may have been one.
func (c *Conn) note(held, now string) {
	if held != c.held || c.generation == 0 {
		c.generation++
	}
	c.held = now
}

// drain reads until the device is silent.
func (e *entry) drain(ctx context.Context, until time.Time) error {
	for time.Now().Before(until) {
		p, err := e.read(ctx, earlier(until, drainWait))
		if p == nil {
			return err
		}
	}
	return nil
}

// read returns nil when nothing came in time.
func (e *entry) read(ctx context.Context, until time.Time) ([]byte, error) {
	p, err := e.conn.line.read(ctx, until)
	if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("entering the raw REPL: %w", err)
	}
	e.received += len(p)
	e.last = append(e.last, p...)
	if len(e.last) > 2*shown {
		e.last = append(e.last[:0], e.last[len(e.last)-shown:]...)
	}
	return p, nil
}

func (e *entry) write(ctx context.Context, s string) error {
	if err := e.conn.line.write(ctx, []byte(s)); err != nil {
		return fmt.Errorf("entering the raw REPL: %w", err)
	}
	return nil
}

// earlier is the earlier of a time and a while from now.
func earlier(until time.Time, wait time.Duration) time.Time {
	if t := time.Now().Add(wait); t.Before(until) {
		return t
	}
	return until
}
