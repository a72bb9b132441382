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
	// bootLimit is how long boot.py may take.
	bootLimit = 10 * time.Second
	leaveWait = time.Second
)

// ErrNoReset says that a device was told to soft-reset and holds what it held.
var ErrNoReset = errors.New("the device did not reset")

// SoftReset resets the interpreter of a device and returns what it said
// meanwhile, boot.py's output included; main.py does not run. A boot.py that
// does not end is interrupted after 10 s.
func (c *Conn) SoftReset(ctx context.Context) ([]byte, error) {
	if !c.ready {
		if err := c.Enter(ctx); err != nil {
			return nil, err
		}
	}
	c.ready = false
	before := c.generation
	said, err := c.reboot(ctx)
	if err != nil {
		return said, fmt.Errorf("soft reset: %w", err)
	}
	if err := c.Enter(ctx); err != nil {
		return said, fmt.Errorf("soft reset: %w", err)
	}
	if c.generation == before {
		return said, fmt.Errorf("%w: it said %s", ErrNoReset, quote(said))
	}
	return said, nil
}

// reboot ends the interpreter and reads until the next one is at its prompt.
func (c *Conn) reboot(ctx context.Context) (said []byte, err error) {
	defer c.line.watch(ctx)()
	if err := c.line.write(ctx, []byte{endKey}); err != nil {
		return nil, err
	}
	until := time.Now().Add(bootLimit)
	for !looksReset(said) {
		p, err := c.line.read(ctx, until)
		if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil {
			return said, nil // Enter will interrupt it
		}
		if err != nil {
			return said, err
		}
		said = append(said, p...)
		if len(said) > straysKept {
			said = append(said[:0], said[len(said)-straysKept/2:]...)
		}
	}
	return said, nil
}

// Leave brings a device back to the friendly REPL, for whoever uses it next.
func (c *Conn) Leave(ctx context.Context) error {
	defer c.line.watch(ctx)()
	c.ready = false
	if err := c.line.write(ctx, []byte("\r\x02")); err != nil {
		return fmt.Errorf("leaving the raw REPL: %w", err)
	}
	var said []byte
	until := time.Now().Add(leaveWait)
	for !bytes.HasSuffix(said, []byte(">>> ")) {
		p, err := c.line.read(ctx, until)
		if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil {
			err = &StalledError{Doing: "Ctrl-B", Sent: 2, Of: 2, Waited: leaveWait, Got: said}
		}
		if err != nil {
			return fmt.Errorf("leaving the raw REPL: %w", err)
		}
		if said = append(said, p...); len(said) > straysKept {
			said = append(said[:0], said[len(said)-shown:]...)
		}
	}
	return nil
}
