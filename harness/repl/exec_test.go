package repl

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

const (
	ask     = "\x05A\x01"
	granted = "R\x01\x80\x00\x01" // raw-paste, grants of 128, two at once
	banner  = "\r\nMicroPython v1.25.0 on 2026-01-01; board with chip\r\nType \"help()\" for more information.\r\n>>> "
)

// first is the whole first command, print(1), on a device that knows raw-paste.
func first() []step {
	return flow(entered(), host(ask), dev(granted), host("print(1)\x04"), dev("\x04", "1\r\n", "\x04\x04>"))
}

// as checks that an error is of a type, and returns it.
func as[E error](t *testing.T, err error) E {
	t.Helper()
	var e E
	if !errors.As(err, &e) {
		t.Fatalf("error is %T %v, want a %v", err, err, reflect.TypeFor[E]())
	}
	return e
}

func wantExec(t *testing.T, ctx context.Context, c *Conn, source, want string) {
	t.Helper()
	got, err := c.Exec(ctx, Request{Source: source})
	if err != nil || string(got) != want {
		t.Errorf("Exec(%.40q) = %q, %v; want %q", source, got, err, want)
	}
}

func TestExec(t *testing.T) {
	long := strings.Repeat("#", 300)
	tests := []struct {
		name  string
		steps []step
		// The sources run one after the other; all but the last must print
		// what first prints.
		sources []string
		want    string
	}{
		{"raw-paste", first(), []string{"print(1)"}, "1\r\n"},
		{"raw-paste, all of the second command in one write",
			flow(first(), host(ask+"print(2)\x04"), dev(granted+"\x042\r\n\x04\x04>")),
			[]string{"print(1)", "print(2)"}, "2\r\n"},
		{"the second command is longer than what may follow at once",
			flow(first(), host(ask+long[:253]), dev(granted), host(long[253:256]),
				dev("\x01"), host(long[256:]+"\x04"), dev("\x01\x04", "\x04\x04>")),
			[]string{"print(1)", long}, ""},
		{"no second grant at once",
			flow(entered(), host(ask), dev("R\x01\x80\x00"), host(long[:128]), dev("\x01"), host(long[128:256]),
				dev("\x01"), host(long[256:]+"\x04"), dev("\x04\x04\x04>"),
				host(ask+long[:125]), dev("R\x01\x80\x00"), host(long[125:128]), dev("\x01"), host(long[128:256]),
				dev("\x01"), host(long[256:]+"\x04"), dev("\x04x\x04\x04>")),
			[]string{long, long}, "x"},
		{"a grant of more than a byte tells",
			flow(entered(), host(ask), dev("R\x01\x04", "\x01\x01"), host(long+"\x04"), dev("\x04", "y\x04\x04>")),
			[]string{long}, "y"},
		{"raw-paste refused",
			flow(entered(), host(ask), dev("R\x00", ">"), host("print(1)\x04"), dev("O", "K1\r\n\x04\x04>"),
				host("print(2)\x04"), dev("OK2\r\n\x04\x04>")),
			[]string{"print(1)", "print(2)"}, "2\r\n"},
		{"raw-paste unknown to old firmware",
			flow(entered(), host(ask), dev("ra", "w REPL; CTRL-B to exit\r\n>"), host(long[:256]), host(long[256:]+"\x04"), dev("OK\x04\x04>")),
			[]string{long}, ""},
		{"raw-paste refused, after something that the device printed in the background",
			flow(entered(), host(ask), dev("tick\r\nR\x00>"), host("p\x04"), dev("OKx\x04\x04>")),
			[]string{"p"}, "tick\r\nx"},
		{"an empty source on old firmware is no soft reset",
			flow(entered(), host(ask), dev("R\x00>"), host("\n\x04"), dev("OK\x04\x04>")),
			[]string{""}, ""},
		{"an empty source",
			flow(entered(), host(ask), dev(granted), host("\x04"), dev("\x04\x04\x04>")),
			[]string{""}, ""},
		{"a character cut in two",
			flow(entered(), host(ask), dev(granted), host("p\x04"), dev("\x04\xc3", "\xa9\r\n\x04", "\x04", ">")),
			[]string{"p"}, "é\r\n"},
		{"output that the device printed between two commands",
			flow(first(), dev("tick\r\n"), host(ask+"p\x04"), dev(granted+"\x04x\x04\x04>")),
			[]string{"print(1)", "p"}, "tick\r\nx"},
		{"output that looks like a reset and goes on",
			flow(entered(), host(ask), dev(granted), host("p\x04"), dev("\x04"+banner, "no\r\n\x04\x04>")),
			[]string{"p"}, banner + "no\r\n"},
	}
	for _, test := range tests {
		for _, worse := range []struct {
			name string
			wrap func(Stream) Stream
		}{
			{"", func(s Stream) Stream { return s }},
			{", one byte a read", func(s Stream) Stream { return oneByte{s} }},
		} {
			t.Run(test.name+worse.name, func(t *testing.T) {
				playOn(t, worse.wrap, test.steps, func(ctx context.Context, c *Conn) {
					for i, source := range test.sources {
						got, err := c.Exec(ctx, Request{Source: source})
						if err != nil {
							t.Fatalf("command %d: %v", i+1, err)
						}
						if i == len(test.sources)-1 && string(got) != test.want {
							t.Errorf("output %q, want %q", got, test.want)
						}
					}
				})
			})
		}
	}
}

// oneByte reads a byte at a time.
type oneByte struct{ Stream }

func (o oneByte) Read(p []byte) (int, error) { return iotest.OneByteReader(o.Stream).Read(p) }

func TestExecStreamsOutput(t *testing.T) {
	steps := flow(entered(), host(ask), dev(granted), host("p\x04"), dev("\x04", "one ", "two", "\x04\x04>"))
	play(t, steps, func(ctx context.Context, c *Conn) {
		var parts []string
		out, err := c.Exec(ctx, Request{Source: "p", Output: func(p []byte) { parts = append(parts, string(p)) }})
		if err != nil || string(out) != "one two" || fmt.Sprint(parts) != "[one  two]" {
			t.Errorf("output %q in portions %q, %v", out, parts, err)
		}
	})
}

func TestExecException(t *testing.T) {
	steps := flow(entered(), host(ask), dev(granted), host("f()\x04"),
		dev("\x04begun\r\n\x04Traceback (most recent call last):\r\n  File \"<stdin>\", line 1, in <module>\r\n"+
			"ValueError: \r\nThe certificate validity has expired\r\n\x04>"),
		host(ask+"print(1)\x04"), dev(granted+"\x041\r\n\x04\x04>"))
	play(t, steps, func(ctx context.Context, c *Conn) {
		out, err := c.Exec(ctx, Request{Source: "f()"})
		e := as[*Exception](t, err)
		if e.Class != "ValueError" || e.Text != "\nThe certificate validity has expired" || string(out) != "begun\r\n" {
			t.Errorf("exception %+v beside output %q", e, out)
		}
		wantExec(t, ctx, c, "print(1)", "1\r\n")
	})
}

func TestAbortInMidPaste(t *testing.T) {
	source := "x = = 1\n" + strings.Repeat("#", 600)
	raised := "Traceback (most recent call last):\r\n  File \"<stdin>\", line 1\r\nSyntaxError: invalid syntax\r\n"
	steps := flow(first(), host(ask+source[:253]), dev(granted), host(source[253:256]), dev("\x04"), host("\x04"),
		dev("\x04"+raised+"\x04>"), host(ask+"print(1)\x04"), dev(granted+"\x041\r\n\x04\x04>"))
	play(t, steps, func(ctx context.Context, c *Conn) {
		wantExec(t, ctx, c, "print(1)", "1\r\n")
		_, err := c.Exec(ctx, Request{Source: source})
		if e := as[*Exception](t, err); e.Class != "SyntaxError" {
			t.Errorf("exception %+v, want a SyntaxError", e)
		}
		wantExec(t, ctx, c, "print(1)", "1\r\n")
	})
}

func TestSourceWithCommands(t *testing.T) {
	play(t, nil, func(ctx context.Context, c *Conn) {
		_, err := c.Exec(ctx, Request{Source: "s = '\x04'"})
		if e := as[*SourceError](t, err); e.Offset != 5 || e.Byte != 4 {
			t.Errorf("error %+v", e)
		}
	})
}

func TestResetInMidCommand(t *testing.T) {
	rebooted := "\x04\x04\r\nMPY: soft reboot\r\n"
	tests := []struct {
		name  string
		steps []step
	}{
		{"in place of the end of the output",
			flow(first(), host(ask+"f()\x04"), dev(granted+"\x04begun\r\n"+banner))},
		{"SystemExit, which soft-resets into raw mode",
			flow(first(), host(ask+"f()\x04"), dev(granted+"\x04begun\r\n"+rebooted, "boot.py says this\r\n", rawBanner))},
		{"in mid-paste",
			flow(first(), host(ask+"f()\x04"), dev("R\x01\x80\x00"+banner))},
		{"before the command",
			flow(first(), dev(banner), host(ask+"f()\x04"))},
		{"before the command, which then starts the friendly REPL's paste mode",
			flow(first(), host(ask+"f()\x04"), dev("\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== "))},
		{"before the command, into raw mode",
			flow(first(), dev("\r\nMPY: soft reboot\r\n"+rawBanner), host(ask+"f()\x04"))},
		{"before the command, into firmware that refuses raw-paste",
			flow(first(), host(ask+"f()\x04"), dev("R\x00>"))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			after := flow(entered(), host(ask), dev(granted), host("print(1)\x04"), dev("\x041\r\n\x04\x04>"))
			play(t, flow(test.steps, after), func(ctx context.Context, c *Conn) {
				wantExec(t, ctx, c, "print(1)", "1\r\n")
				before, start := c.Generation(), time.Now()
				_, err := c.Exec(ctx, Request{Source: "f()"})
				as[*ResetError](t, err)
				if spent := time.Since(start); spent > time.Second {
					t.Errorf("noticed after %v", spent)
				}
				wantExec(t, ctx, c, "print(1)", "1\r\n")
				if c.Generation() != before+1 {
					t.Errorf("generation %d after a reset in generation %d", c.Generation(), before)
				}
			})
		})
	}
}

func TestEndMarkInOutput(t *testing.T) {
	for _, printed := range []string{
		"a\x04b\r\n",                   // shifts the parts by one
		"\x04\x04b\r\n",                // by two
		"a\x04b\x04>\r\n",              // a whole answer, then more at once
		"\x04Not a traceback\r\n\x04>", // a traceback that is none
	} {
		t.Run(fmt.Sprintf("%q", printed), func(t *testing.T) {
			steps := flow(first(), host(ask+"f()\x04"), dev(granted+"\x04"+printed+"\x04\x04>"),
				reentered(), host(ask+"print(1)\x04"), dev(granted+"\x041\r\n\x04\x04>"))
			play(t, steps, func(ctx context.Context, c *Conn) {
				wantExec(t, ctx, c, "print(1)", "1\r\n")
				_, err := c.Exec(ctx, Request{Source: "f()"})
				if e := as[*FramingError](t, err); !strings.HasPrefix(string(e.Got), printed) {
					t.Errorf("error quotes %q, want %q first", e.Got, printed)
				}
				wantExec(t, ctx, c, "print(1)", "1\r\n")
			})
		})
	}
}

// A forged end of an answer is found out when the rest comes before the next
// command's answer.
func TestForgedEndIsFoundOutLater(t *testing.T) {
	steps := flow(first(), host(ask+"f()\x04"), dev(granted+"\x04\x04\x04>"), dev("real\x04\x04>"),
		host(ask+"print(1)\x04"), reentered(), host(ask+"print(1)\x04"), dev(granted+"\x041\r\n\x04\x04>"))
	play(t, steps, func(ctx context.Context, c *Conn) {
		wantExec(t, ctx, c, "print(1)", "1\r\n")
		wantExec(t, ctx, c, "f()", "")
		_, err := c.Exec(ctx, Request{Source: "print(1)"})
		as[*FramingError](t, err)
		wantExec(t, ctx, c, "print(1)", "1\r\n")
	})
}

// What a script printed between two end marks can not be a traceback; the true
// end comes late.
func TestTracebackThatIsNone(t *testing.T) {
	steps := flow(first(), host(ask+"f()\x04"), dev(granted+"\x04\x04not a traceback\r\n\x04>"), host("\r\x03\r\x01"),
		dev("\x04\x04>"), step(func(d *fake) error { return answerMark(d.last)(d) }),
		host(ask+"print(1)\x04"), dev(granted+"\x041\r\n\x04\x04>"))
	play(t, steps, func(ctx context.Context, c *Conn) {
		wantExec(t, ctx, c, "print(1)", "1\r\n")
		_, err := c.Exec(ctx, Request{Source: "f()"})
		as[*FramingError](t, err)
		wantExec(t, ctx, c, "print(1)", "1\r\n")
	})
}

func TestTooMuchOutput(t *testing.T) {
	raised := "\x04Traceback (most recent call last):\r\n  File \"<stdin>\", line 1, in <module>\r\nKeyboardInterrupt: \r\n\x04>"
	steps := flow(first(), host(ask+"f()\x04"), dev(granted+"\x04"), babbles("spam ", raised),
		host(ask+"print(1)\x04"), dev(granted+"\x041\r\n\x04\x04>"))
	play(t, steps, func(ctx context.Context, c *Conn) {
		wantExec(t, ctx, c, "print(1)", "1\r\n")
		out, err := c.Exec(ctx, Request{Source: "f()", MaxOutput: 1000})
		e := as[*InterruptedError](t, err)
		if !errors.Is(err, ErrOutput) || !e.Stopped || string(out) != strings.Repeat("spam ", 200) {
			t.Errorf("error %v beside %d bytes", err, len(out))
		}
		wantExec(t, ctx, c, "print(1)", "1\r\n")
	})
}

func TestOutputThatNothingStops(t *testing.T) {
	steps := flow(first(), host(ask+"f()\x04"), dev(granted+"\x04"), sends("spam "))
	play(t, steps, func(ctx context.Context, c *Conn) {
		wantExec(t, ctx, c, "print(1)", "1\r\n")
		start := time.Now()
		_, err := c.Exec(ctx, Request{Source: "f()", MaxOutput: 1000})
		if e := as[*InterruptedError](t, err); e.Stopped {
			t.Errorf("error says that it stopped: %v", err)
		}
		if spent := time.Since(start); spent > 5*time.Second {
			t.Errorf("it cost %v", spent)
		}
	})
}

func TestTimeIsOver(t *testing.T) {
	raised := "\x04KeyboardInterrupt: \r\n\x04>"
	steps := flow(first(), host(ask+"f()\x04"), dev(granted+"\x04so far\r\n"), host("\x03"), host("\x03"), dev("at last\r\n"+raised),
		host(ask+"print(1)\x04"), dev(granted+"\x041\r\n\x04\x04>"))
	play(t, steps, func(ctx context.Context, c *Conn) {
		wantExec(t, ctx, c, "print(1)", "1\r\n")
		limited, cancel := context.WithTimeout(ctx, 7*time.Second)
		defer cancel()
		out, err := c.Exec(limited, Request{Source: "f()"})
		e := as[*InterruptedError](t, err)
		if !errors.Is(err, context.DeadlineExceeded) || !e.Stopped || e.After != 7*time.Second {
			t.Errorf("error %+v", e)
		}
		if want := "so far\r\nat last\r\n"; string(out) != want {
			t.Errorf("output %q, want %q", out, want)
		}
		wantExec(t, ctx, c, "print(1)", "1\r\n")
	})
}

func TestDefaultLimit(t *testing.T) {
	steps := flow(first(), host(ask+"f()\x04"), dev(granted+"\x04"), host("\x03"), dev("\x04KeyboardInterrupt: \r\n\x04>"))
	play(t, steps, func(ctx context.Context, c *Conn) {
		wantExec(t, ctx, c, "print(1)", "1\r\n")
		_, err := c.Exec(ctx, Request{Source: "f()"})
		if e := as[*InterruptedError](t, err); e.After != DefaultLimit {
			t.Errorf("interrupted after %v, want %v", e.After, DefaultLimit)
		}
	})
}

func TestCancel(t *testing.T) {
	steps := flow(first(), host(ask+"f()\x04"), dev(granted+"\x04"), host("\x03"), dev("\x04KeyboardInterrupt: \r\n\x04>"),
		host(ask+"print(1)\x04"), dev(granted+"\x041\r\n\x04\x04>"))
	play(t, steps, func(ctx context.Context, c *Conn) {
		wantExec(t, ctx, c, "print(1)", "1\r\n")
		ended, cancel := context.WithCancel(ctx)
		time.AfterFunc(time.Second, cancel)
		_, err := c.Exec(ended, Request{Source: "f()"})
		if e := as[*InterruptedError](t, err); !errors.Is(err, context.Canceled) || !e.Stopped || e.After != time.Second {
			t.Errorf("error %+v", e)
		}
		wantExec(t, ctx, c, "print(1)", "1\r\n")
	})
}

func TestStallInMidPaste(t *testing.T) {
	long := strings.Repeat("#", 1000)
	steps := flow(first(), host(ask+long[:253]), dev(granted), host(long[253:256]))
	play(t, steps, func(ctx context.Context, c *Conn) {
		wantExec(t, ctx, c, "print(1)", "1\r\n")
		start := time.Now()
		_, err := c.Exec(ctx, Request{Source: long})
		if e := as[*StalledError](t, err); e.Sent != 256 || e.Of != 1001 {
			t.Errorf("error %+v", e)
		}
		if spent := time.Since(start); spent > 5*time.Second {
			t.Errorf("it cost %v", spent)
		}
	})
}

func TestPortGoesAway(t *testing.T) {
	gone := func(d *fake) error { return d.conn.Close() }
	play(t, flow(first(), host(ask+"f()\x04"), dev(granted+"\x04so far"), step(gone)), func(ctx context.Context, c *Conn) {
		wantExec(t, ctx, c, "print(1)", "1\r\n")
		out, err := c.Exec(ctx, Request{Source: "f()"})
		as[*GoneError](t, err)
		if string(out) != "so far" {
			t.Errorf("output %q", out)
		}
	})
}

func TestCloseWakesExec(t *testing.T) {
	play(t, flow(first(), host(ask+"f()\x04"), dev(granted+"\x04")), func(ctx context.Context, c *Conn) {
		wantExec(t, ctx, c, "print(1)", "1\r\n")
		time.AfterFunc(time.Second, func() { c.Close() })
		start := time.Now()
		_, err := c.Exec(ctx, Request{Source: "f()"})
		as[*GoneError](t, err)
		if spent := time.Since(start); spent != time.Second {
			t.Errorf("woken after %v", spent)
		}
	})
}
