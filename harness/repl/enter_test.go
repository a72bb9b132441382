package repl

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// deaf reads all and says nothing.
func deaf(d *fake) error {
	for range d.in {
	}
	return nil
}

func TestDeviceThatDoesNotAnswer(t *testing.T) {
	tests := []struct {
		name string
		step step
		want string
	}{
		{"silent", deaf, "nothing came back"},
		{"babbling", sends("\xf0\x9f\x00\x04R\x01"), `\xf0\x9f\x00\x04R\x01`},
		{"another program's prompt", sends("login: "), "login: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			play(t, flow(test.step), func(ctx context.Context, c *Conn) {
				start := time.Now()
				_, err := c.Exec(ctx, Request{Source: "print(1)"})
				as[*NoPromptError](t, err)
				if spent := time.Since(start); spent > 5*time.Second+lineTime {
					t.Errorf("it cost %v", spent)
				}
				if !strings.Contains(err.Error(), test.want) || len(err.Error()) > 1000 {
					t.Errorf("error does not say %q: %v", test.want, err)
				}
			})
		})
	}
}

// A device that has stopped reading while the buffers to it are full.
func TestWriteThatBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		c := New(ours)
		defer c.Close()
		start := time.Now()
		as[*StalledError](t, c.Enter(t.Context()))
		if spent := time.Since(start); spent > 5*time.Second {
			t.Errorf("it cost %v", spent)
		}
	})
}

func TestEnterCanceled(t *testing.T) {
	play(t, flow(step(deaf)), func(ctx context.Context, c *Conn) {
		ended, cancel := context.WithCancel(ctx)
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		err := c.Enter(ended)
		if !errors.Is(err, context.Canceled) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// What came before, a banner and another's mark included, proves nothing.
func TestStaleAnswers(t *testing.T) {
	steps := flow(dev("Kraw REPL; CTRL-B to exit\r\n>OK:rig-0-1::\r\n\x04\x04>"), entered(),
		host(ask), dev(granted), host("print(1)\x04"), dev("\x041\r\n\x04\x04>"))
	play(t, steps, func(ctx context.Context, c *Conn) { wantExec(t, ctx, c, "print(1)", "1\r\n") })
}

func TestGeneration(t *testing.T) {
	steps := flow(entered(), reentered(), entered(), host("\r\x03\r\x01"), answerMark("cafe-1"))
	play(t, steps, func(ctx context.Context, c *Conn) {
		for i, want := range []int{1, 1, 2, 3} {
			if err := c.Enter(ctx); err != nil {
				t.Fatal(err)
			}
			if c.Generation() != want {
				t.Errorf("generation %d after Enter %d, want %d", c.Generation(), i+1, want)
			}
		}
	})
}

// A device that was reset while it was out of sight runs nothing that counts
// on what it held.
func TestResetWhileAway(t *testing.T) {
	steps := flow(first(), host(ask+"f()\x04"), dev(granted+"\x04a\x04b\x04\x04>"), entered(),
		host(ask+"print(1)\x04"), dev(granted+"\x041\r\n\x04\x04>"))
	play(t, steps, func(ctx context.Context, c *Conn) {
		wantExec(t, ctx, c, "print(1)", "1\r\n")
		_, err := c.Exec(ctx, Request{Source: "f()"})
		as[*FramingError](t, err)
		_, err = c.Exec(ctx, Request{Source: "f()"})
		as[*ResetError](t, err)
		if c.Generation() != 2 {
			t.Errorf("generation %d after one reset", c.Generation())
		}
		wantExec(t, ctx, c, "print(1)", "1\r\n")
	})
}

func TestSoftResetThatIsNone(t *testing.T) {
	steps := flow(entered(), host("\x04"), dev("OK\r\n"+rawBanner), reentered())
	play(t, steps, func(ctx context.Context, c *Conn) {
		if _, err := c.SoftReset(ctx); !errors.Is(err, ErrNoReset) {
			t.Errorf("error %v, want %v", err, ErrNoReset)
		}
	})
}

func TestSoftResetWithEndlessBoot(t *testing.T) {
	steps := flow(entered(), host("\x04"), dev("OK\r\nMPY: soft reboot\r\nboot.py waits\r\n"), entered())
	play(t, steps, func(ctx context.Context, c *Conn) {
		said, err := c.SoftReset(ctx)
		if err != nil || !strings.Contains(string(said), "boot.py waits") {
			t.Errorf("soft reset: %q, %v", said, err)
		}
	})
}
