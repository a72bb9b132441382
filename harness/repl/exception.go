package repl

import (
	"strconv"
	"strings"
)

// An Exception is what a script on the device did not catch.
type Exception struct {
	Class     string // "ValueError"
	Text      string // what follows the class; may be of several lines
	Traceback string // all that the device printed, with LF line ends
}

func (e *Exception) Error() string {
	if e.Text == "" {
		return "the device raised " + e.Class
	}
	return "the device raised " + e.Class + ": " + e.Text
}

// Errno returns the number that an OSError carries, whether MicroPython
// printed it alone ("2"), by name ("[Errno 2] ENOENT") or with a text
// ("(-9984, 'text')").
func (e *Exception) Errno() (number int, ok bool) {
	if e.Class != "OSError" {
		return 0, false
	}
	text := strings.TrimPrefix(strings.TrimPrefix(e.Text, "[Errno "), "(")
	if end := strings.IndexAny(text, "],"); end >= 0 {
		text = text[:end]
	}
	number, err := strconv.Atoi(text)
	return number, err == nil
}

// parseException reads a traceback. The exception is on the first line that
// is neither the head nor a frame (frames are indented), for its text may
// have lines of its own.
func parseException(traceback []byte) *Exception {
	e := &Exception{Traceback: strings.ReplaceAll(string(traceback), "\r\n", "\n")}
	rest := e.Traceback
	for rest != "" {
		first, after, _ := strings.Cut(rest, "\n")
		if first != "" && !strings.HasPrefix(first, "Traceback (") && !strings.HasPrefix(first, "  ") {
			break
		}
		rest = after
	}
	class, text, _ := strings.Cut(strings.TrimRight(rest, "\n"), ":")
	e.Class, e.Text = class, strings.TrimPrefix(text, " ")
	return e
}
