package console

import "strings"

// compound are the words with which a statement of several lines begins.
var compound = []string{
	"@", "if", "while", "for", "try", "with", "def", "class", "async",
}

// needsMore tells whether the friendly REPL asks for another line: a bracket
// or a long string is open, the line ends in a backslash, or a compound
// statement was not yet ended by an empty line.
func needsMore(input string) bool {
	if input == "" {
		return false
	}
	depth, quote := scan(input)
	switch {
	case len(quote) == 3, depth > 0:
		return true
	case quote == "" && strings.HasSuffix(input, "\\"):
		return true
	}
	return startsCompound(input) && !strings.HasSuffix(input, "\n")
}

func startsCompound(input string) bool {
	for _, word := range compound {
		rest, ok := strings.CutPrefix(input, word)
		if ok && (word == "@" || rest == "" || !isIdentifier(rest[0])) {
			return true
		}
	}
	return false
}

func isIdentifier(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z' || b >= 0x80
}

// scan returns how many brackets are open at the end of input, and the quote
// of the string that is.
func scan(input string) (depth int, quote string) {
	for i := 0; i < len(input); {
		if quote != "" {
			switch {
			case strings.HasPrefix(input[i:], quote):
				i += len(quote)
				quote = ""
			case input[i] == '\\':
				i += 2
			case input[i] == '\n' && len(quote) == 1: // a syntax error, not an open string
				quote = ""
			default:
				i++
			}
			continue
		}
		switch b := input[i]; b {
		case '#':
			if n := strings.IndexByte(input[i:], '\n'); n >= 0 {
				i += n
			} else {
				i = len(input) - 1
			}
		case '"', '\'':
			quote = string(b)
			if long := strings.Repeat(quote, 3); strings.HasPrefix(input[i:], long) {
				quote = long
			}
			i += len(quote) - 1
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		i++
	}
	return depth, quote
}
