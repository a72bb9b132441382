package repl

import (
	"context"
	"errors"
	"os"
	"time"
)

// pasting is what is known of a device's raw-paste mode.
type pasting int

const (
	pasteUnknown pasting = iota
	pasteSupported
	pasteUnsupported
)

// pasteCommand asks for raw-paste mode.
const pasteCommand = "\x05A\x01"

// paste sends the source by raw-paste, until the device has it all or has
// refused the mode.
//
// What the device will grant at once is known from the time before, and so
// much of the source follows the command without waiting, less the command's
// own length: grants are room in the device's input buffer, and before the
// device reads the command, that stands there too.
func (x *exchange) paste(ctx context.Context) error {
	c, a := x.conn, &x.answer
	x.sent = min(len(x.source), c.ahead)
	c.out = append(append(c.out[:0], pasteCommand...), x.source[:x.sent]...)
	if err := c.line.write(ctx, c.out); err != nil {
		return x.refuse(err)
	}
	for a.stage < stageStdout {
		if err := x.receive(ctx, x.soon(), "sending the source"); err != nil {
			return err
		}
		if err := x.send(ctx); err != nil {
			return err
		}
	}
	if a.stage == stageUnknown {
		if c.pasting == pasteSupported {
			// The banner is a reset's, or this is another firmware.
			return &ResetError{Said: a.strays}
		}
		c.pasting = pasteUnsupported
		return nil
	}
	c.pasting = pasteSupported
	return nil
}

// soon is when a device that still reads its command must have answered.
func (x *exchange) soon() time.Time {
	soon := time.Now().Add(answerLimit)
	if x.until.Before(soon) {
		return x.until
	}
	return soon
}

// send sends as much of the source as the device has room for. The closing 04
// counts as a byte, though the device does not grant for it: there is always
// room for it in time.
func (x *exchange) send(ctx context.Context) error {
	a := &x.answer
	switch {
	case x.sent == len(x.source) && a.stage >= stageStdout && a.stage < stageUnknown:
		// It has read all: what it granted before it read any is what it
		// grants at once the next time. It grants anew after each window.
		atOnce := 1 + a.grants - (len(x.source)-1)/a.window
		x.conn.ahead = max(0, atOnce*a.window-len(pasteCommand))
	case x.sent == len(x.source):
	case a.stage == stagePaste:
		room := (1+a.grants)*a.window - x.sent
		if n := min(room, len(x.source)-x.sent); n > 0 {
			p := x.source[x.sent : x.sent+n]
			x.sent += n
			return x.refuse(x.conn.line.write(ctx, p))
		}
	case a.stage > stagePaste && a.stage < stageUnknown:
		// The device has ended the paste early (it does on a syntax error)
		// and throws all away until it sees the end.
		x.sent = len(x.source)
		return x.refuse(x.conn.line.write(ctx, []byte{endKey}))
	}
	return nil
}

const (
	// sliceSize and sliceWait pace the plain raw mode, which has no flow
	// control: the input buffers of boards hold about 256 bytes, and a USB
	// bridge may fill them faster than the device reads.
	sliceSize = 256
	sliceWait = 10 * time.Millisecond
)

// plain sends the source by plain raw mode. The device says nothing until it
// has all; between two slices it is listened to, for what then comes is a
// reset.
func (x *exchange) plain(ctx context.Context) error {
	a := &x.answer
	*a = answer{plain: true, keep: a.keep, sink: a.sink, strays: a.strays}
	if len(x.source) == 1 {
		x.source = []byte{'\n', endKey} // an empty line and 04 would be a soft reset
	}
	for x.sent = 0; x.sent < len(x.source); {
		n := min(sliceSize, len(x.source)-x.sent)
		if err := x.conn.line.write(ctx, x.source[x.sent:x.sent+n]); err != nil {
			return x.refuse(err)
		}
		x.sent += n
		if x.sent == len(x.source) {
			break
		}
		p, err := x.conn.line.read(ctx, time.Now().Add(sliceWait))
		switch {
		case err == nil:
			err = a.feed(p)
		case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil:
			err = nil
		}
		if err != nil {
			return x.refuse(err)
		}
	}
	for a.stage < stageStdout {
		if err := x.receive(ctx, x.soon(), "waiting for OK"); err != nil {
			return err
		}
	}
	return nil
}
