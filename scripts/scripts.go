// Package scripts holds the MicroPython that runs on a device. The files also
// run by hand, with mpremote; MicroPython 1.20 or newer understands them.
package scripts

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.py
var files embed.FS

// Source returns a script's text, as it is sent to a device, which on a slow
// line takes its time: comment lines are emptied and four leading spaces
// become one. Lines keep their numbers in a traceback. The scripts hold no
// string of several lines, in which this would do harm.
func Source(name string) (string, error) {
	text, err := files.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("script %s: %w", name, err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		code := strings.TrimLeft(line, " ")
		if strings.HasPrefix(code, "#") {
			code = "\n"
		} else if depth := len(line) - len(code); depth > 0 {
			b.WriteString(strings.Repeat(" ", depth/4+depth%4))
		}
		b.WriteString(code)
	}
	return b.String(), nil
}
