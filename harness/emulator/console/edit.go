package console

import (
	"context"
	"fmt"
	"strings"
)

// maxHistory is the number of lines that a board remembers.
const maxHistory = 8

// editor is one line that is being typed.
type editor struct {
	s      *session
	text   string
	cursor int
	recall int // lines back in the history, 0 for the line itself
}

// readLine shows a prompt and reads a line with echo. before is the text of
// the statement so far, for its indentation. key is a control character typed
// on an empty line, or Ctrl-C on any; 0 after Enter.
func (s *session) readLine(ctx context.Context, prompt, before string) (line string, key byte, err error) {
	s.line.Print(prompt)
	e := &editor{s: s}
	e.insert(indent(before))
	start := e.text
	for {
		b, err := s.line.readByte(ctx)
		if err != nil {
			return "", 0, err
		}
		switch {
		case b == ctrlC, b >= ctrlA && b <= ctrlE && e.text == start:
			return e.text, b, nil
		case b == '\r':
			s.line.Print("\r\n")
			s.remember(e.text)
			return e.text, 0, nil
		case b == 0x1b:
			err = e.escape(ctx)
		default:
			e.key(b)
		}
		if err != nil {
			return "", 0, err
		}
	}
}

func (s *session) remember(line string) {
	if line == "" || len(s.history) > 0 && s.history[0] == line {
		return
	}
	s.history = append([]string{line}, s.history...)
	s.history = s.history[:min(len(s.history), maxHistory)]
}

// key takes a byte that does not end the line. Bytes without a meaning are
// ignored; so is LF, for Enter is CR.
func (e *editor) key(b byte) {
	switch {
	case b == ctrlA:
		e.move(0)
	case b == ctrlE:
		e.move(len(e.text))
	case b == ctrlD:
		e.remove(e.cursor, e.cursor+1)
	case b == '\b', b == 0x7f:
		e.backspace()
	case b == '\t' && strings.TrimLeft(e.text[:e.cursor], " ") == "":
		e.insert("    ")
	case b >= ' ' && b < 0x7f && len(e.text) < maxSource:
		e.insert(string(rune(b)))
	}
}

// escape takes the rest of an ANSI sequence: cursor keys, Home, End, Delete.
func (e *editor) escape(ctx context.Context) error {
	var seq [2]byte
	for i := range seq {
		b, err := e.s.line.readByte(ctx)
		if err != nil {
			return err
		}
		seq[i] = b
	}
	if seq[0] != '[' && seq[0] != 'O' {
		return nil
	}
	tilde := seq[1] >= '0' && seq[1] <= '9'
	if tilde {
		if _, err := e.s.line.readByte(ctx); err != nil {
			return err
		}
	}
	switch seq[1] {
	case 'A':
		e.history(e.recall + 1)
	case 'B':
		e.history(e.recall - 1)
	case 'C':
		e.move(min(e.cursor+1, len(e.text)))
	case 'D':
		e.move(max(e.cursor-1, 0))
	case 'H', '1', '7':
		e.move(0)
	case 'F', '4', '8':
		e.move(len(e.text))
	case '3':
		e.remove(e.cursor, e.cursor+1)
	}
	return nil
}

func (e *editor) history(back int) {
	if back < 0 || back > len(e.s.history) {
		return
	}
	text := ""
	if back > 0 {
		text = e.s.history[back-1]
	}
	e.recall = back
	e.move(0)
	e.remove(0, len(e.text))
	e.insert(text)
}

// insert types text at the cursor and draws the tail anew.
func (e *editor) insert(text string) {
	tail := e.text[e.cursor:]
	e.text = e.text[:e.cursor] + text + tail
	e.s.line.Print(text + tail)
	e.cursor += len(text)
	e.back(len(tail))
}

// remove deletes text from the cursor on; the cursor stays.
func (e *editor) remove(from, to int) {
	to = min(to, len(e.text))
	if from >= to {
		return
	}
	tail := e.text[to:]
	e.text = e.text[:from] + tail
	e.s.line.Print("\x1b[K" + tail)
	e.back(len(tail))
}

// backspace deletes a character, or a step of indentation.
func (e *editor) backspace() {
	n := min(1, e.cursor)
	if before := e.text[:e.cursor]; e.cursor > 0 && e.cursor%4 == 0 && strings.TrimLeft(before, " ") == "" {
		n = 4
	}
	e.move(e.cursor - n)
	e.remove(e.cursor, e.cursor+n)
}

func (e *editor) move(to int) {
	if to < e.cursor {
		e.back(e.cursor - to)
	} else {
		e.s.line.Print(e.text[e.cursor:to])
	}
	e.cursor = to
}

func (e *editor) back(n int) {
	if n <= 4 {
		e.s.line.Print(strings.Repeat("\b", n))
	} else {
		e.s.line.Print(fmt.Sprintf("\x1b[%dD", n))
	}
}

// indent returns the indentation with which the line after before begins: that
// of the line above, a step more after a colon, none after two blank lines.
func indent(before string) string {
	lines := strings.Split(strings.TrimSuffix(before, "\n"), "\n")
	last := lines[len(lines)-1]
	blank := func(line string) bool { return strings.Trim(line, " ") == "" }
	if n := len(lines); n > 2 && blank(last) && blank(lines[n-2]) {
		return ""
	}
	steps := (len(last) - len(strings.TrimLeft(last, " "))) / 4
	if strings.HasSuffix(last, ":") {
		steps++
	}
	return strings.Repeat("    ", steps)
}
