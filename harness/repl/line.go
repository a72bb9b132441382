package repl

import (
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// A Stream is where a device's bytes come from and go to. An *os.File of a
// terminal is one, and so is a net.Conn. Close must wake what is blocked.
type Stream interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// writeLimit bounds one write. A terminal's buffer takes kilobytes without a
// reader, and no write here is longer than a window.
const writeLimit = 2 * time.Second

// past is a deadline that has been missed.
var past = time.Unix(1, 0)

// line is a stream on which each wait ends.
type line struct {
	stream Stream
	in     []byte
}

// watch makes the end of ctx wake whoever waits on the stream, until the
// returned function is called.
func (l *line) watch(ctx context.Context) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	woken := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(woken)
		// A stream that refuses a deadline says so at the next read or write.
		_ = l.stream.SetReadDeadline(past)
		_ = l.stream.SetWriteDeadline(past)
	})
	return func() {
		if !cancel() {
			<-woken
		}
	}
}

// read waits for bytes, which are good until the next read. The error is
// ctx's where that has ended, os.ErrDeadlineExceeded where until has passed,
// and a GoneError where the stream itself failed.
func (l *line) read(ctx context.Context, until time.Time) ([]byte, error) {
	if err := l.stream.SetReadDeadline(until); err != nil {
		return nil, &GoneError{Err: err}
	}
	for {
		// Asked after the deadline is set: if ctx ends before, it is seen
		// here, and if later, watch sets a deadline over this one.
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, err := l.stream.Read(l.in)
		switch {
		case n > 0:
			return l.in[:n], nil
		case err == nil: // io.Reader allows it
			if !time.Now().Before(until) {
				return nil, os.ErrDeadlineExceeded
			}
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return nil, &GoneError{Err: err}
		case ctx.Err() != nil:
			return nil, ctx.Err()
		default:
			return nil, os.ErrDeadlineExceeded
		}
	}
}

// write sends p, within writeLimit. The error is ctx's where that has ended, a
// StalledError where the device does not read, else a GoneError.
func (l *line) write(ctx context.Context, p []byte) error {
	if err := l.stream.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return &GoneError{Err: err}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	n, err := l.stream.Write(p)
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return &GoneError{Err: err}
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return &StalledError{Doing: "writing", Sent: n, Of: len(p), Waited: writeLimit}
}
