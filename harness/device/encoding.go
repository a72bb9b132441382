package device

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// An encoding makes the command that writes a chunk.
type encoding func(chunk []byte) string

// asBytes sends bytes as they are, in a literal: MicroPython's lexer is 8-bit
// clean there. Escaped is only what ends the literal, what the lexer turns
// into something else, and what is a command to the raw REPL. Of random bytes
// that makes 1.12 times as many; base64 makes 1.33.
func asBytes(chunk []byte) string {
	var b strings.Builder
	b.Grow(len(chunk)*9/8 + len("_files.w(b'')"))
	b.WriteString("_files.w(b'")
	plain := 0
	for i, c := range chunk {
		if c > 5 && c != '\n' && c != '\r' && c != '\'' && c != '\\' {
			continue
		}
		b.Write(chunk[plain:i])
		plain = i + 1
		switch c {
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\'', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	b.Write(chunk[plain:])
	b.WriteString("')")
	return b.String()
}

// asBase64 is for a device, or what stands before it, that lets only ASCII
// pass.
func asBase64(chunk []byte) string {
	return "_files.b(b'" + base64.StdEncoding.EncodeToString(chunk) + "')"
}
