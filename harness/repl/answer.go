package repl

import "bytes"

const (
	interruptKey = 0x03 // Ctrl-C
	endKey       = 0x04 // Ctrl-D: ends a source; the device ends each part of an answer with it
	grantMark    = 0x01

	rawBanner = "raw REPL; CTRL-B to exit\r\n>"
)

// straysKept and traceKept bound what an answer may hold besides stdout.
const (
	straysKept = 64 << 10
	traceKept  = 64 << 10
)

// A stage is the part of an answer that comes next.
type stage int

const (
	stageHead     stage = iota // 'R' and what the device thinks of raw-paste; or "OK"
	stageRefused               // after "R\x00", the prompt
	stageSizeLow               // size of a grant
	stageSizeHigh              //
	stagePaste                 // grants, until the device has the source
	stageStdout                // until 04
	stageTrace                 // until 04
	stagePrompt                // '>'
	stageLost                  // something else than '>' came
	stageDone                  //
	stageUnknown               // the device does not know raw-paste and is at the prompt
)

// answer is the parser of what a device sends when it is given a command. It
// sees bytes in whatever portions they come.
type answer struct {
	plain bool              // the command went by plain raw mode: "OK" is the head
	keep  int               // how much of stdout is kept
	sink  func(data []byte) // gets stdout as it comes, if not nil

	stage  stage
	window int // size of a grant in bytes
	grants int // how often the device granted more
	stdout []byte
	trace  []byte
	strays []byte // what came where the protocol has no place for it
	tail   []byte // what came after the traceback or the prompt
	over   bool   // stdout was more than is kept
}

// feed takes bytes from the device. After an error it is not called again.
func (a *answer) feed(p []byte) error {
	for len(p) > 0 {
		switch a.stage {
		case stageStdout:
			p = a.takeStdout(p)
		case stageTrace:
			part, rest, found := bytes.Cut(p, []byte{endKey})
			a.trace = append(a.trace, part...)
			if len(a.trace) > traceKept {
				return &FramingError{Got: a.got()}
			}
			if found {
				a.stage = stagePrompt
			}
			p = rest
		case stageLost, stageDone, stageUnknown:
			a.tail = append(a.tail, p...)
			return a.judgeTail()
		default:
			if err := a.take(p[0]); err != nil {
				return err
			}
			p = p[1:]
		}
	}
	return nil
}

func (a *answer) takeStdout(p []byte) (rest []byte) {
	part, rest, found := bytes.Cut(p, []byte{endKey})
	if room := a.keep - len(a.stdout); len(part) > room {
		part, a.over = part[:room], true
	}
	if a.sink != nil && len(part) > 0 {
		a.sink(part)
	}
	a.stdout = append(a.stdout, part...)
	if found {
		a.stage = stageTrace
	}
	return rest
}

// take takes one byte of the parts that are short.
func (a *answer) take(b byte) error {
	switch a.stage {
	case stageHead:
		return a.takeHead(b)
	case stageRefused:
		if b == '>' {
			a.stage = stageUnknown
			return nil
		}
		return a.stray(b)
	case stageSizeLow:
		a.window, a.stage = int(b), stageSizeHigh
	case stageSizeHigh:
		a.window |= int(b) << 8
		a.stage = stagePaste
		if a.window == 0 {
			return &FramingError{Got: []byte{'R', 1, 0, 0}}
		}
	case stagePaste:
		switch b {
		case grantMark:
			a.grants++
		case endKey:
			a.stage = stageStdout
		default:
			return a.stray(b)
		}
	case stagePrompt:
		if b == '>' {
			a.stage = stageDone
			if !looksRaised(a.trace) {
				return &FramingError{Got: a.got()}
			}
			return nil
		}
		a.stage, a.tail = stageLost, append(a.tail, b)
		return a.judgeTail()
	}
	return nil
}

// takeHead waits for the first word of the answer. Before it may stand what
// the device printed in the background since the last prompt.
func (a *answer) takeHead(b byte) error {
	if err := a.stray(b); err != nil {
		return err
	}
	word, next := "R\x01", stageSizeLow
	if a.plain {
		word, next = "OK", stageStdout
	}
	s, found := bytes.CutSuffix(a.strays, []byte(word))
	if !found && !a.plain {
		if s, found = bytes.CutSuffix(a.strays, []byte("R\x00")); found {
			next = stageRefused
		} else if s, found = bytes.CutSuffix(a.strays, []byte(rawBanner)); found {
			next = stageUnknown
		}
	}
	if found {
		a.strays, a.stage = s, next
	}
	return nil
}

// stray notes a byte that has no place. A reset shows in them: a prompt of the
// friendly REPL, or its paste mode, which the raw-paste command starts there.
func (a *answer) stray(b byte) error {
	a.strays = append(a.strays, b)
	switch {
	case b == endKey || len(a.strays) > straysKept:
		return &FramingError{Got: a.got()}
	case b == ' ' && (looksReset(a.strays) || bytes.HasSuffix(a.strays, []byte("\r\n=== "))):
		return &ResetError{Said: a.strays}
	}
	return nil
}

// judgeTail judges what came after the traceback or the prompt. Where that is
// no more than text, time must tell; see exchange.timedOut.
func (a *answer) judgeTail() error {
	switch {
	case a.stage == stageLost && looksReset(a.tail):
		return &ResetError{Said: append(a.stdout, a.tail...)}
	case bytes.IndexByte(a.tail, endKey) >= 0 || len(a.tail) > straysKept:
		return &FramingError{Got: a.got()}
	}
	return nil
}

// got puts what came after the head together again.
func (a *answer) got() []byte {
	got := bytes.Clone(a.strays)
	if a.stage >= stageStdout {
		got = append(got, a.stdout...)
	}
	if a.stage >= stageTrace {
		got = append(append(got, endKey), a.trace...)
	}
	if a.stage >= stagePrompt {
		got = append(got, endKey)
	}
	if a.stage == stageDone {
		got = append(got, '>')
	}
	return append(got, a.tail...)
}

// output is what the script printed, after what the device printed in the
// background before.
func (a *answer) output() []byte {
	if len(a.strays) == 0 {
		return a.stdout
	}
	return append(bytes.Clone(a.strays), a.stdout...)
}

// looksReset reports whether output ends as after a reset: with the raw
// REPL's banner, or with the friendly one's and a prompt.
func looksReset(output []byte) bool {
	if len(output) > 256 {
		output = output[len(output)-256:]
	}
	return bytes.HasSuffix(output, []byte(rawBanner)) ||
		bytes.HasSuffix(output, []byte("\n>>> ")) && bytes.Contains(output, []byte("MicroPython"))
}

// looksRaised reports whether a traceback is none, or has an exception's class
// where it belongs.
func looksRaised(trace []byte) bool {
	if len(trace) == 0 {
		return true
	}
	class := parseException(trace).Class
	for _, r := range class {
		if r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r < 0x80 {
			return false
		}
	}
	return class != ""
}
