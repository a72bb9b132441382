package console

import (
	"bytes"
	"context"
	"io"
)

// Line is the board's end of the serial line. Output is held back until the
// board waits for input or says Flush, so that one answer is one write. It is
// owned by one goroutine at a time.
type Line struct {
	in   <-chan []byte
	out  io.Writer
	seen []byte // received, not yet used
	held []byte // written, not yet sent
}

// NewLine returns a line that receives the blocks of in, which becomes the
// line's own, and sends to out. Errors of out are lost, as bytes on a serial
// line are.
func NewLine(in <-chan []byte, out io.Writer) *Line {
	return &Line{in: in, out: out}
}

// Print sends bytes as they are.
func (l *Line) Print(s string) { l.held = append(l.held, s...) }

// Write sends bytes as they are. It never fails.
func (l *Line) Write(p []byte) (int, error) {
	l.held = append(l.held, p...)
	return len(p), nil
}

// PrintCooked sends text as a board's stdout does: each LF as CR LF.
func (l *Line) PrintCooked(p []byte) {
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			l.held = append(l.held, p...)
			return
		}
		l.held = append(l.held, p[:i]...)
		l.held = append(l.held, '\r', '\n')
		p = p[i+1:]
	}
}

// Flush sends what was held back.
func (l *Line) Flush() {
	if len(l.held) == 0 {
		return
	}
	_, _ = l.out.Write(l.held)
	l.held = l.held[:0]
}

// Received gives the blocks that come in, for an Interpreter that runs a
// program; what was received before is in Take. A closed channel is the end of
// the line.
func (l *Line) Received() <-chan []byte { return l.in }

// Take returns what was received and not used yet, without waiting.
func (l *Line) Take() []byte {
	p := l.seen
	l.seen = nil
	return p
}

// Unread gives bytes back that were received and not used; they come first.
func (l *Line) Unread(p []byte) {
	if len(p) > 0 {
		l.seen = append(bytes.Clone(p), l.seen...)
	}
}

// next returns at least one received byte. The error is ctx's cause, or io.EOF
// at the end of the line.
func (l *Line) next(ctx context.Context) ([]byte, error) {
	for len(l.seen) == 0 {
		l.Flush()
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case block, ok := <-l.in:
			if !ok {
				return nil, io.EOF
			}
			l.seen = block
		}
	}
	return l.Take(), nil
}

func (l *Line) readByte(ctx context.Context) (byte, error) {
	p, err := l.next(ctx)
	if err != nil {
		return 0, err
	}
	l.seen = p[1:]
	return p[0], nil
}
