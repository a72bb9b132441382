package repl

import (
	"bytes"
	"reflect"
	"testing"
)

// FuzzAnswer feeds what a device might send in two ways, whole and in
// portions. The parser must make the same of both, keep what it promises and
// lose nothing.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		granted + "\x01\x01\x04out\r\n\x04\x04>",
		granted + "\x04\x04Traceback (most recent call last):\r\n  File \"<stdin>\", line 1\r\nSyntaxError: no\r\n\x04>",
		"tick" + granted + "\x04a\x04b\r\n\x04\x04>",
		"R\x00>", rawBanner, "OK1\r\n\x04\x04>",
		granted + banner, granted + "\x04\x04\x04\r\nMPY: soft reboot\r\n" + rawBanner,
		"R\x01\x00\x00", "\r\n=== A",
	} {
		f.Add([]byte(seed), uint8(3), false)
	}
	f.Fuzz(func(t *testing.T, said []byte, portion uint8, plain bool) {
		const keep = 50
		parse := func(portion int) (answer, []byte, error) {
			var streamed []byte
			a := answer{plain: plain, keep: keep, sink: func(p []byte) { streamed = append(streamed, p...) }}
			for rest := said; len(rest) > 0; {
				n := min(portion, len(rest))
				if err := a.feed(bytes.Clone(rest[:n])); err != nil {
					a.sink = nil
					return a, streamed, err
				}
				rest = rest[n:]
			}
			a.sink = nil
			return a, streamed, nil
		}
		whole, streamed, err := parse(max(1, len(said)))
		cut, streamedCut, errCut := parse(max(1, int(portion)))
		if !bytes.Equal(streamed, whole.stdout) || !bytes.Equal(streamedCut, cut.stdout) {
			t.Errorf("streamed %q and %q, kept %q and %q", streamed, streamedCut, whole.stdout, cut.stdout)
		}
		if len(whole.stdout) > keep || len(whole.trace) > traceKept || len(whole.output()) > len(said) {
			t.Errorf("kept %d bytes of stdout, %d of traceback, of %d", len(whole.stdout), len(whole.trace), len(said))
		}
		if (err == nil) != (errCut == nil) || reflect.TypeOf(err) != reflect.TypeOf(errCut) {
			t.Fatalf("whole: %v; cut by %d: %v", err, portion, errCut)
		}
		if err == nil && !reflect.DeepEqual(normal(whole), normal(cut)) {
			t.Errorf("whole: %+v\ncut by %d: %+v", whole, portion, cut)
		}
	})
}

// normal makes nil and empty the same.
func normal(a answer) answer {
	for _, p := range []*[]byte{&a.stdout, &a.trace, &a.strays, &a.tail} {
		*p = append([]byte{}, *p...)
	}
	return a
}

func TestParseException(t *testing.T) {
	tests := []struct {
		trace, class, text string
		errno              int
		hasErrno           bool
	}{
		{"Traceback (most recent call last):\r\n  File \"<stdin>\", line 1, in <module>\r\nOSError: [Errno 2] ENOENT\r\n", "OSError", "[Errno 2] ENOENT", 2, true},
		{"Traceback (most recent call last):\r\n  File \"<stdin>\", line 1, in <module>\r\nOSError: 2\r\n", "OSError", "2", 2, true},
		{"Traceback (most recent call last):\r\n  File \"x.py\", line 1, in f\r\nOSError: (-9984, 'MBEDTLS_ERR: no')\r\n", "OSError", "(-9984, 'MBEDTLS_ERR: no')", -9984, true},
		{"Traceback (most recent call last):\r\n  File \"x.py\", line 1, in f\r\nOSError: -30336\r\n", "OSError", "-30336", -30336, true},
		{"Traceback (most recent call last):\r\n  File \"x.py\", line 1, in f\r\nOSError: \r\n", "OSError", "", 0, false},
		{"Traceback (most recent call last):\r\n  File \"x.py\", line 1, in f\r\nValueError: 7\r\n", "ValueError", "7", 0, false},
		{"KeyboardInterrupt: \r\n", "KeyboardInterrupt", "", 0, false},
		{"MemoryError: memory allocation failed, allocating 96 bytes\r\n", "MemoryError", "memory allocation failed, allocating 96 bytes", 0, false},
		{"Traceback (most recent call last):\r\n  File \"x.py\", line 1, in f\r\nValueError: \r\nfirst: one\r\n  second\r\n", "ValueError", "\nfirst: one\n  second", 0, false},
		{"Traceback (most recent call last):\r\n", "", "", 0, false},
	}
	for _, test := range tests {
		e := parseException([]byte(test.trace))
		if e.Class != test.class || e.Text != test.text {
			t.Errorf("%q: class %q, text %q; want %q, %q", test.trace, e.Class, e.Text, test.class, test.text)
		}
		if n, ok := e.Errno(); n != test.errno || ok != test.hasErrno {
			t.Errorf("%q: errno %d, %v; want %d, %v", test.trace, n, ok, test.errno, test.hasErrno)
		}
	}
}
