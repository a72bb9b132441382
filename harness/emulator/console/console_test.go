package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// script is an interpreter that knows a few programs by their text.
type script struct {
	ran []string // "mode:source"
}

func (s *script) Run(_ context.Context, source []byte, mode Mode, line *Line) (Result, error) {
	s.ran = append(s.ran, fmt.Sprintf("%d:%s", mode, source))
	switch text := string(source); text {
	case "print(1)":
		line.PrintCooked([]byte("1\n"))
	case "print()":
		line.PrintCooked([]byte("a\nb\n\n"))
	case "eot":
		line.PrintCooked([]byte("x\x04y"))
	case "raise":
		return Result{Traceback: []byte("Traceback (most recent call last):\n  File \"<stdin>\", line 1, in <module>\nNameError: \n")}, nil
	case "exit":
		line.PrintCooked([]byte("bye\n"))
		return Result{Exit: SoftReset}, nil
	case "reset":
		return Result{Exit: HardReset}, nil
	case "die":
		return Result{}, errDied
	case "unread":
		line.Unread([]byte("print(1)\x04"))
	}
	return Result{}, nil
}

var errDied = errors.New("the interpreter died")

const (
	banner   = "MicroPython v1 on 2026-01-01; board"
	greeting = banner + "\r\nType \"help()\" for more information.\r\n>>> "
	rawHello = "raw REPL; CTRL-B to exit\r\n>"
)

// play feeds input to a console, in blocks of size bytes, until the input
// ends or the console asks for a reset.
func play(t *testing.T, c *Console, interp Interpreter, input string, size int) (string, Reset, error) {
	t.Helper()
	in := make(chan []byte)
	stop := make(chan struct{})
	go func() {
		defer close(in)
		for p := []byte(input); len(p) > 0; {
			n := min(size, len(p))
			select {
			case in <- p[:n]:
			case <-stop:
				return
			}
			p = p[n:]
		}
	}()
	defer close(stop)
	var out bytes.Buffer
	reset, err := c.Serve(t.Context(), NewLine(in, &out), interp)
	return out.String(), reset, err
}

// transcripts are what a board of MicroPython 1.25 sends (shared/runtime/pyexec.c,
// shared/readline/readline.c) in answer to what it receives.
var transcripts = []struct {
	name  string
	raw   bool
	input string
	want  string
	ran   []string
	reset Reset
	err   error // io.EOF when left out
}{
	{name: "greeting", input: "\x02", want: greeting + "\r\n" + greeting},
	{name: "enter raw as mpremote does", input: "\r\x03\r\x01", want: greeting + "\r\n>>> \r\n>>> \r\n>>> \r\n" + rawHello},
	{name: "leave raw", raw: true, input: "\r\x02", want: rawHello + "\r\n" + greeting},
	{name: "raw again", raw: true, input: "abc\x01", want: rawHello + rawHello},
	{name: "raw execution", raw: true, input: "print(1)\x04", want: rawHello + "OK1\r\n\x04\x04>", ran: []string{"0:print(1)"}},
	{name: "raw twice", raw: true, input: "print(1)\x04print()\x04", want: rawHello + "OK1\r\n\x04\x04>OKa\r\nb\r\n\r\n\x04\x04>", ran: []string{"0:print(1)", "0:print()"}},
	{name: "raw exception", raw: true, input: "raise\x04", want: rawHello + "OK\x04Traceback (most recent call last):\r\n  File \"<stdin>\", line 1, in <module>\r\nNameError: \r\n\x04>", ran: []string{"0:raise"}},
	{name: "raw 0x04 in output", raw: true, input: "eot\x04", want: rawHello + "OKx\x04y\x04\x04>", ran: []string{"0:eot"}},
	{name: "raw cleared by Ctrl-C", raw: true, input: "junk\x03print(1)\x04", want: rawHello + "OK1\r\n\x04\x04>", ran: []string{"0:print(1)"}},
	{name: "raw soft reset", raw: true, input: "\x04", want: rawHello + "OK\r\n", reset: Soft},
	{name: "raw SystemExit", raw: true, input: "exit\x04print(1)\x04", want: rawHello + "OKbye\r\n\x04\x04", ran: []string{"0:exit"}, reset: Soft},
	{name: "raw machine.reset", raw: true, input: "reset\x04", want: rawHello + "OK", ran: []string{"0:reset"}, reset: Hard},
	{name: "raw any byte", raw: true, input: "\x00\r\n\x05\xff\x04", want: rawHello + "OK\x04\x04>", ran: []string{"0:\x00\r\n\x05\xff"}},
	{name: "type-ahead left by a program", raw: true, input: "unread\x04", want: rawHello + "OK\x04\x04>OK1\r\n\x04\x04>", ran: []string{"0:unread", "0:print(1)"}},
	{name: "interpreter dies", raw: true, input: "die\x04", want: rawHello + "OK", ran: []string{"0:die"}, err: errDied},
	{name: "raw command unknown", raw: true, input: "\x05B\x01print(1)\x04", want: rawHello + "R\x00>OK1\r\n\x04\x04>", ran: []string{"0:print(1)"}},
	{name: "raw-paste", raw: true, input: "\x05A\x01print(1)\x04", want: rawHello + "R\x01\x08\x00\x01\x01\x041\r\n\x04\x04>", ran: []string{"0:print(1)"}},
	{name: "raw-paste empty", raw: true, input: "\x05A\x01\x04", want: rawHello + "R\x01\x08\x00\x01\x04\x04\x04>", ran: []string{"0:"}},
	{name: "raw-paste interrupted", raw: true, input: "\x05A\x01pri\x03print(1)\x04", want: rawHello + "R\x01\x08\x00\x01\x04\x04KeyboardInterrupt: \r\n\x04>OK1\r\n\x04\x04>", ran: []string{"0:print(1)"}},
	{name: "raw-paste SystemExit", raw: true, input: "\x05A\x01exit\x04", want: rawHello + "R\x01\x08\x00\x01\x04bye\r\n\x04\x04", ran: []string{"0:exit"}, reset: Soft},

	{name: "echo", input: "print(1)\r", want: greeting + "print(1)\r\n1\r\n>>> ", ran: []string{"1:print(1)"}},
	{name: "exception", input: "raise\r", want: greeting + "raise\r\nTraceback (most recent call last):\r\n  File \"<stdin>\", line 1, in <module>\r\nNameError: \r\n>>> ", ran: []string{"1:raise"}},
	{name: "Ctrl-C drops the line", input: "prin\x03\r", want: greeting + "prin\r\n>>> \r\n>>> "},
	{name: "soft reset", input: "\x04", want: greeting + "\r\n", reset: Soft},
	{name: "SystemExit", input: "exit\r", want: greeting + "exit\r\nbye\r\n", ran: []string{"1:exit"}, reset: Soft},
	{name: "machine.reset", input: "reset\r", want: greeting + "reset\r\n", ran: []string{"1:reset"}, reset: Hard},
	{name: "LF is ignored", input: "a\nb\r", want: greeting + "ab\r\n>>> ", ran: []string{"1:ab"}},
	{name: "backspace", input: "ax\bb\x7fc\r", want: greeting + "ax\b\x1b[Kb\b\x1b[Kc\r\n>>> ", ran: []string{"1:ac"}},
	{name: "insert in the middle", input: "ac\x1b[Db\r", want: greeting + "ac\bbc\b\r\n>>> ", ran: []string{"1:abc"}},
	{name: "home, end, delete", input: "xbc\x01\x04\x05d\r", want: greeting + "xbc\b\b\b\x1b[Kbc\b\bbcd\r\n>>> ", ran: []string{"1:bcd"}},
	{name: "long cursor move", input: "abcdefg\x1b[H\x1b[3~\x1b[F\r", want: greeting + "abcdefg\x1b[7D\x1b[Kbcdefg\x1b[6Dbcdefg\r\n>>> ", ran: []string{"1:bcdefg"}},
	{name: "history", input: "a1\rb2\r\x1b[A\x1b[A\x1b[B\r", want: greeting + "a1\r\n>>> b2\r\n>>> b2\b\b\x1b[Ka1\b\b\x1b[Kb2\r\n>>> ", ran: []string{"1:a1", "1:b2", "1:b2"}},
	{name: "compound", input: "for i in x:\rprint()\r\b\r", want: greeting + "for i in x:\r\n...     print()\r\n...     \b\b\b\b\x1b[K\r\n>>> ", ran: []string{"1:for i in x:\n    print()\n"}},
	{name: "two blank lines end a compound", input: "if x:\ry\r\r\r\r", want: greeting + "if x:\r\n...     y\r\n...     \r\n...     \r\n... \r\n>>> ", ran: []string{"1:if x:\n    y\n    \n    \n"}},
	{name: "brackets", input: "f(\r1)\r", want: greeting + "f(\r\n... 1)\r\n>>> ", ran: []string{"1:f(\n1)"}},
	{name: "Ctrl-C in a compound", input: "if x:\r\x03", want: greeting + "if x:\r\n...     \r\n>>> "},
	{name: "paste mode", input: "\x05a\rb\x04", want: greeting + "\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== a\r\n=== b\r\n>>> ", ran: []string{"0:a\rb"}},
	{name: "paste mode cancelled", input: "\x05a\x03", want: greeting + "\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== a\r\n>>> "},
	{name: "no escape to raw from a line", input: "a\x01\x03", want: greeting + "a\b\r\n>>> "},
}

func TestTranscripts(t *testing.T) {
	for _, tt := range transcripts {
		for _, size := range []int{1, 3, 1 << 20} {
			t.Run(fmt.Sprintf("%s/%d", tt.name, size), func(t *testing.T) {
				interp := &script{}
				c := &Console{Banner: banner, Window: 8, Raw: tt.raw}
				got, reset, err := play(t, c, interp, tt.input, size)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("output (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.ran, interp.ran); diff != "" {
					t.Errorf("programs (-want +got):\n%s", diff)
				}
				checkEnd(t, tt.want, tt.err, reset, tt.reset, err)
			})
		}
	}
}

// checkEnd compares how a console ended. Those that end by a reset have
// neither prompt at the end.
func checkEnd(t *testing.T, out string, wantErr error, reset, want Reset, err error) {
	t.Helper()
	prompted := strings.HasSuffix(out, ">") || strings.HasSuffix(out, "> ")
	if prompted && wantErr == nil {
		wantErr = io.EOF
	}
	if !errors.Is(err, wantErr) || reset != want {
		t.Errorf("ended with reset %v, error %v; want %v, %v", reset, err, want, wantErr)
	}
}

// TestWindow checks raw-paste's flow control around every boundary: after n
// bytes, n/window increments have been given beyond the first two.
func TestWindow(t *testing.T) {
	const window = 128
	for _, n := range []int{0, 1, 127, 128, 129, 255, 256, 257, 1023, 1024, 1025, 100_000} {
		for _, size := range []int{1, 100, window, 4096} {
			if n > 2000 && size == 1 {
				continue
			}
			t.Run(fmt.Sprintf("%d/%d", n, size), func(t *testing.T) {
				interp := &script{}
				source := strings.Repeat("#", n)
				c := &Console{Banner: banner, Window: window, Raw: true}
				got, _, err := play(t, c, interp, "\x05A\x01"+source+"\x04", size)
				if !errors.Is(err, io.EOF) {
					t.Fatal(err)
				}
				want := rawHello + "R\x01\x80\x00\x01" + strings.Repeat("\x01", n/window) + "\x04\x04\x04>"
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("output (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"0:" + source}, interp.ran); diff != "" {
					t.Errorf("program (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestTooLong checks that source without end does not grow without end: the
// board runs out of memory and says so.
func TestTooLong(t *testing.T) {
	long := strings.Repeat("#", maxSource+1)
	for _, tt := range []struct{ name, input, want string }{
		{"raw", long + "\x04print(1)\x04", rawHello + "OK\x04MemoryError: \r\n\x04>OK1\r\n\x04\x04>"},
		{"raw-paste", "\x05A\x01" + long + "more\x04print(1)\x04", rawHello + "R\x01\xff\xff\x01" +
			strings.Repeat("\x01", (maxSource+1)/0xffff) + "\x04\x04MemoryError: \r\n\x04>OK1\r\n\x04\x04>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &Console{Banner: banner, Window: 0xffff, Raw: true}
			got, _, err := play(t, c, &script{}, tt.input, 1<<16)
			if !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %.100q … %q (%d bytes), want %.100q … (%d bytes)", got, got[max(0, len(got)-60):], len(got), tt.want, len(tt.want))
			}
		})
	}
}

func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errDied)
	c := &Console{Banner: banner, Window: 8}
	_, err := c.Serve(ctx, NewLine(make(chan []byte), io.Discard), &script{})
	if !errors.Is(err, errDied) {
		t.Errorf("error %v, want the context's cause", err)
	}
}

func TestNeedsMore(t *testing.T) {
	for _, tt := range []struct {
		input string
		want  bool
	}{
		{"", false}, {"x", false}, {"(", true}, {"()", false}, {"[{", true}, {")", false},
		{"'''", true}, {"'''a'''", false}, {`"""a`, true}, {`'\''`, false}, {"'(", false}, {"'('", false},
		{"x \\", true}, {"# (", false}, {"# \\", true}, {"f( # )", true}, {"'# ('", false},
		{"if x:", true}, {"if x:\n y", true}, {"if x:\n y\n", false}, {"iffy", false}, {"@d", true},
		{"async def f():", true}, {"class A: pass", true}, {"def", true}, {"x = 'a\\\\'", false},
	} {
		if got := needsMore(tt.input); got != tt.want {
			t.Errorf("needsMore(%q) = %v, want %v", tt.input, got, tt.want)
		}
	}
}
