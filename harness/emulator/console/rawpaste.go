package console

import (
	"bytes"
	"context"
	"strings"
)

// rawPaste receives a program under flow control and runs it. The sender owns
// one window by the announcement and a second by the first 0x01; each further
// 0x01 says that another window's worth was taken in.
func (s *session) rawPaste(ctx context.Context) (reset bool, r Reset, err error) {
	s.line.Print("R\x01" + string([]byte{byte(s.Window), byte(s.Window >> 8), 0x01}))
	source, end, err := s.receive(ctx)
	if err != nil {
		return false, 0, err
	}
	switch {
	case end == ctrlC:
		s.rawEnd(Result{Traceback: interrupted})
	case len(source) > maxSource:
		s.rawEnd(Result{Traceback: memoryError})
	default:
		return s.rawRun(ctx, source)
	}
	return false, 0, nil
}

// receive returns the pasted source and the key that ended it, which it has
// acknowledged. Source that is too long is refused at once, and what the
// sender still had on its way is thrown away.
func (s *session) receive(ctx context.Context) (source []byte, end byte, err error) {
	open := s.Window // bytes until the next window is free
	refused := false
	for {
		block, err := s.line.next(ctx)
		if err != nil {
			return nil, 0, err
		}
		i := bytes.IndexAny(block, "\x03\x04")
		data := block
		if i >= 0 {
			data = block[:i]
		}
		source = appendBounded(source, data)
		if n := len(data) - open; n >= 0 && !refused {
			s.line.Print(strings.Repeat("\x01", 1+n/s.Window))
			open += (1 + n/s.Window) * s.Window
		}
		open -= len(data)
		if len(source) > maxSource && !refused {
			refused = true
			s.line.Print("\x04")
		}
		if i >= 0 {
			s.line.Unread(block[i+1:])
			if !refused {
				s.line.Print("\x04")
			}
			return source, block[i], nil
		}
	}
}
