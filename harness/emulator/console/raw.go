package console

import (
	"bytes"
	"context"
)

const rawBanner = "raw REPL; CTRL-B to exit\r\n"

// raw is the raw REPL. It returns again when the friendly REPL takes over.
func (s *session) raw(ctx context.Context) (again bool, r Reset, err error) {
	s.line.Print(rawBanner + ">")
	var source []byte
	for {
		block, err := s.line.next(ctx)
		if err != nil {
			return false, 0, err
		}
		i := bytes.IndexAny(block, "\x01\x02\x03\x04")
		if i < 0 {
			source = appendBounded(source, block)
			continue
		}
		source = appendBounded(source, block[:i])
		s.line.Unread(block[i+1:])
		switch block[i] {
		case ctrlA:
			reset, r, err := s.rawCommand(ctx, source)
			if reset || err != nil {
				return false, r, err
			}
		case ctrlB:
			s.line.Print("\r\n")
			s.Raw = false
			return true, 0, nil
		case ctrlD:
			reset, r, err := s.rawExecute(ctx, source)
			if reset || err != nil {
				return false, r, err
			}
		}
		source = nil // also by Ctrl-C
	}
}

// rawCommand answers Ctrl-A: with Ctrl-E and a letter before it, it is a
// command; alone it starts the raw REPL again.
func (s *session) rawCommand(ctx context.Context, line []byte) (reset bool, r Reset, err error) {
	switch {
	case len(line) != 2 || line[0] != ctrlE:
		s.line.Print(rawBanner)
	case line[1] == 'A':
		if reset, r, err := s.rawPaste(ctx); reset || err != nil {
			return reset, r, err
		}
	default:
		s.line.Print("R\x00")
	}
	s.line.Print(">")
	return false, 0, nil
}

// rawExecute answers Ctrl-D. An empty line asks for a soft reset.
func (s *session) rawExecute(ctx context.Context, source []byte) (reset bool, r Reset, err error) {
	s.line.Print("OK")
	switch {
	case len(source) == 0:
		s.line.Print("\r\n")
		return true, Soft, nil
	case len(source) > maxSource:
		s.rawEnd(Result{Traceback: memoryError})
	default:
		if reset, r, err := s.rawRun(ctx, source); reset || err != nil {
			return reset, r, err
		}
	}
	s.line.Print(">")
	return false, 0, nil
}

func (s *session) rawRun(ctx context.Context, source []byte) (reset bool, r Reset, err error) {
	result, err := s.interp.Run(ctx, source, File, s.line)
	if err != nil {
		return false, 0, err
	}
	if result.Exit == HardReset { // machine.reset() does not return to say anything
		return true, Hard, nil
	}
	s.rawEnd(result)
	r, reset = leave(result)
	return reset, r, nil
}

// rawEnd frames a program's end: EOF after its output, EOF after its traceback.
func (s *session) rawEnd(result Result) {
	s.line.Print("\x04")
	s.line.PrintCooked(result.Traceback)
	s.line.Print("\x04")
}

// memoryError and interrupted are what MicroPython prints for an exception
// that never came into any code and so has no traceback.
var (
	memoryError = []byte("MemoryError: \n")
	interrupted = []byte("KeyboardInterrupt: \n")
)

// appendBounded appends up to one byte more than maxSource.
func appendBounded(dst, src []byte) []byte {
	return append(dst, src[:min(len(src), maxSource+1-len(dst))]...)
}
