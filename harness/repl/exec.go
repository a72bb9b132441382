package repl

import (
	"bytes"
	"context"
	"errors"
	"os"
	"time"
)

// ErrOutput is why a command was interrupted that printed more than allowed.
var ErrOutput = errors.New("too much output")

const (
	// DefaultLimit bounds a command whose context has no deadline.
	DefaultLimit = 30 * time.Second
	// DefaultMaxOutput bounds what a command may print, in bytes.
	DefaultMaxOutput = 1 << 20

	// answerLimit bounds each wait before the command runs. A device at the
	// prompt does nothing but wait for it.
	answerLimit = 3 * time.Second
	// quiet confirms that a banner which ends the output is the device's own
	// and not printed by a script that goes on.
	quiet = 300 * time.Millisecond
	// rebootLimit is how long a soft reset in mid-command may take, boot.py
	// included, to be told from a framing error.
	rebootLimit = 5 * time.Second
)

// A Request is source to execute.
type Request struct {
	Source string
	// MaxOutput bounds the output in bytes; 0 is DefaultMaxOutput.
	MaxOutput int
	// Output, if not nil, gets the output as it comes, in portions that may
	// cut a line or a character in two and are good during the call only.
	Output func(data []byte)
}

// Exec runs source on the device, until it ends or ctx does (or DefaultLimit
// is over, where ctx has no deadline). It returns what was printed, also
// beside an error. An uncaught exception is an *[Exception]; a command that
// ran too long or printed too much is stopped with Ctrl-C and gives an
// *[InterruptedError]; see the other error types for what else can happen.
//
// A device that is not known to be at the raw prompt is brought there first;
// if it then turns out to have been reset, source is not run, and the error is
// a *[ResetError]: it may count on what was defined before.
func (c *Conn) Exec(ctx context.Context, r Request) ([]byte, error) {
	for i := range len(r.Source) {
		if b := r.Source[i]; b >= 1 && b <= 5 {
			return nil, &SourceError{Offset: i, Byte: b}
		}
	}
	if err := c.resume(ctx); err != nil {
		return nil, err
	}
	x := newExchange(ctx, c, r)
	c.ready = false
	err := x.run(ctx)
	if cause := (*stopped)(nil); errors.As(err, &cause) {
		err = x.interrupt(cause.why)
	}
	if reset := (*ResetError)(nil); errors.As(err, &reset) {
		c.pasting, c.ahead = pasteUnknown, 0 // it may be another firmware now
		c.held = ""
		c.generation++
	}
	out := x.answer.output()
	misframed := errors.As(err, new(*FramingError))
	c.ready = x.answer.stage == stageDone && len(x.answer.tail) == 0 && !misframed
	if err == nil && len(x.answer.trace) > 0 {
		err = parseException(x.answer.trace)
	}
	return out, err
}

// resume brings the device back to the prompt after a command that did not
// leave it there.
func (c *Conn) resume(ctx context.Context) error {
	if c.ready {
		return nil
	}
	before := c.generation
	if err := c.Enter(ctx); err != nil {
		return err
	}
	if before != 0 && c.generation != before {
		return &ResetError{}
	}
	return nil
}

// stopped is the cause for which a running command must be interrupted.
type stopped struct{ why error }

func (s *stopped) Error() string { return s.why.Error() }

// exchange is one command and its answer.
type exchange struct {
	conn   *Conn
	source []byte // with the closing 04
	sent   int    // bytes of source
	start  time.Time
	until  time.Time
	answer answer
}

func newExchange(ctx context.Context, c *Conn, r Request) *exchange {
	x := &exchange{conn: c, start: time.Now()}
	x.source = append(append(make([]byte, 0, len(r.Source)+1), r.Source...), endKey)
	x.answer = answer{keep: r.MaxOutput, sink: r.Output}
	if r.MaxOutput == 0 {
		x.answer.keep = DefaultMaxOutput
	}
	var bounded bool
	if x.until, bounded = ctx.Deadline(); !bounded {
		x.until = x.start.Add(DefaultLimit)
	}
	return x
}

// run sends the source and reads the answer to its end.
func (x *exchange) run(ctx context.Context) error {
	defer x.conn.line.watch(ctx)()
	if x.conn.pasting != pasteUnsupported {
		if err := x.paste(ctx); err != nil {
			return err
		}
	}
	if x.conn.pasting == pasteUnsupported {
		if err := x.plain(ctx); err != nil {
			return err
		}
	}
	for x.answer.stage != stageDone {
		if err := x.receive(ctx, x.patience(), "running it"); err != nil {
			return err
		}
		if x.answer.over {
			return &stopped{ErrOutput}
		}
	}
	return nil
}

// patience is until when the next bytes of a running command must come.
func (x *exchange) patience() time.Time {
	wait := time.Until(x.until)
	switch {
	case x.answer.stage == stageStdout && looksReset(x.answer.stdout):
		wait = min(wait, quiet)
	case x.answer.stage == stagePrompt:
		wait = min(wait, answerLimit)
	case x.answer.stage == stageLost && bytes.Contains(x.answer.tail, []byte("soft reboot")):
		wait = rebootLimit
	case x.answer.stage == stageLost:
		wait = quiet
	}
	return time.Now().Add(wait)
}

// receive reads once, until a time at the latest, and feeds the answer.
func (x *exchange) receive(ctx context.Context, until time.Time, doing string) error {
	p, err := x.conn.line.read(ctx, until)
	switch {
	case err == nil:
		return x.answer.feed(p)
	case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil:
		return x.timedOut(doing)
	}
	return x.refuse(err)
}

// timedOut says what it means that nothing more came.
func (x *exchange) timedOut(doing string) error {
	a := &x.answer
	switch {
	case a.stage == stageStdout && looksReset(a.stdout):
		return &ResetError{Said: a.stdout}
	case a.stage == stageLost && bytes.Contains(a.tail, []byte("soft reboot")):
		return &ResetError{Said: append(a.stdout, a.tail...)}
	case a.stage == stageLost || a.stage == stagePrompt:
		return &FramingError{Got: a.got()}
	case !time.Now().Before(x.until):
		return &stopped{context.DeadlineExceeded}
	}
	return &StalledError{Doing: doing, Sent: x.sent, Of: len(x.source), Waited: answerLimit, Got: a.strays}
}

// refuse turns the end of the caller's context into an interruption.
func (x *exchange) refuse(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &stopped{err}
	}
	return err
}

const (
	// A script may catch the first Ctrl-C and go on.
	interruptTries = 3
	interruptWait  = 600 * time.Millisecond
)

// interrupt stops a running command with Ctrl-C and reads the rest of its
// answer. The caller's context may have ended, so it takes its own time.
func (x *exchange) interrupt(why error) error {
	a, line := &x.answer, &x.conn.line
	a.sink = nil // what comes now is the echo of the interruption
	result := &InterruptedError{Err: why, After: time.Since(x.start)}
	ctx := context.Background()
	for try := 0; try < interruptTries && a.stage != stageDone; try++ {
		if err := line.write(ctx, []byte{interruptKey}); err != nil {
			break
		}
		until := time.Now().Add(interruptWait)
		for a.stage != stageDone {
			p, err := line.read(ctx, until)
			if err != nil || !time.Now().Before(until) {
				break
			}
			if err := a.feed(p); err != nil {
				return err
			}
			if a.stage == stageStdout && looksReset(a.stdout) {
				return &ResetError{Said: a.stdout}
			}
		}
	}
	result.Stopped = a.stage == stageDone
	result.Last = a.stdout
	return result
}
