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

// Source returns a script's text, as it is sent to a device: comment lines
// are emptied, not removed, so that the line numbers of a traceback are those
// of the file. The scripts hold no string of several lines, in which this
// would do harm.
func Source(name string) (string, error) {
	text, err := files.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("script %s: %w", name, err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(strings.TrimLeft(line, " "), "#") {
			line = "\n"
		}
		b.WriteString(line)
	}
	return b.String(), nil
}
