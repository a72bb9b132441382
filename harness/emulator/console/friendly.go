package console

import (
	"context"
	"strings"
)

const (
	prompt      = ">>> "
	morePrompt  = "... "
	pastePrompt = "=== "
	pasteBanner = "\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n" + pastePrompt
)

// friendly is the REPL for people. It returns again when the REPL changes to
// raw mode or starts afresh.
func (s *session) friendly(ctx context.Context) (again bool, r Reset, err error) {
	s.line.Print(s.Banner + "\r\nType \"help()\" for more information.\r\n")
	for {
		input, key, err := s.readLine(ctx, prompt, "")
		if err != nil {
			return false, 0, err
		}
		mode := Single
		switch key {
		case ctrlA, ctrlB:
			s.line.Print("\r\n")
			s.Raw = key == ctrlA
			return true, 0, nil
		case ctrlC:
			s.line.Print("\r\n")
			continue
		case ctrlD:
			s.line.Print("\r\n")
			return false, Soft, nil
		case ctrlE:
			mode = File
			input, key, err = s.paste(ctx)
		default:
			input, key, err = s.complete(ctx, input)
		}
		if err != nil {
			return false, 0, err
		}
		if key == ctrlC {
			s.line.Print("\r\n")
			continue
		}
		if input == "" {
			continue
		}
		if reset, r, err := s.friendlyRun(ctx, input, mode); reset || err != nil {
			return false, r, err
		}
	}
}

func (s *session) friendlyRun(ctx context.Context, input string, mode Mode) (reset bool, r Reset, err error) {
	if len(input) > maxSource {
		s.line.PrintCooked(memoryError)
		return false, 0, nil
	}
	result, err := s.interp.Run(ctx, []byte(input), mode, s.line)
	if err != nil {
		return false, 0, err
	}
	s.line.PrintCooked(result.Traceback)
	r, reset = leave(result)
	return reset, r, nil
}

// complete reads the further lines of a statement that does not end on its
// first. Ctrl-D ends it early.
func (s *session) complete(ctx context.Context, input string) (string, byte, error) {
	for needsMore(input) {
		line, key, err := s.readLine(ctx, morePrompt, input+"\n")
		if err != nil || key == ctrlC {
			return "", key, err
		}
		input += "\n" + line
		if key == ctrlD {
			break
		}
	}
	return input, 0, nil
}

// paste collects a program that is echoed but not edited.
func (s *session) paste(ctx context.Context) (string, byte, error) {
	s.line.Print(pasteBanner)
	var input strings.Builder
	for {
		b, err := s.line.readByte(ctx)
		switch {
		case err != nil:
			return "", 0, err
		case b == ctrlC:
			return "", ctrlC, nil
		case b == ctrlD:
			s.line.Print("\r\n")
			return input.String(), 0, nil
		case b == '\r':
			s.line.Print("\r\n" + pastePrompt)
		default:
			_, _ = s.line.Write([]byte{b})
		}
		if input.Len() <= maxSource {
			input.WriteByte(b)
		}
	}
}
