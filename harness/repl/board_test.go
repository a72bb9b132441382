package repl

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
)

// board models the device's side of the REPL as shared/runtime/pyexec.c of
// MicroPython 1.25 has it, with an input buffer that overflows.
type board struct {
	conn   net.Conn
	in     chan byte
	room   int // of the input buffer, in bytes; what exceeds it fails the test
	window int
	mode   func(b *board) error // what it does at power-on
	ran    []string             // sources that were run to their end
	held   string               // the mark
}

func (b *board) key() (byte, error) {
	k, ok := <-b.in
	if !ok {
		return 0, net.ErrClosed
	}
	return k, nil
}

func (b *board) say(s string) error {
	_, err := b.conn.Write([]byte(s))
	return err
}

// script is a running script that catches Ctrl-C so many times.
func script(catches int) func(b *board) error {
	return func(b *board) error {
		for {
			k, err := b.key()
			if err != nil {
				return err
			}
			if k == interruptKey {
				if catches--; catches < 0 {
					b.mode = friendly
					return b.say("Traceback (most recent call last):\r\nKeyboardInterrupt: \r\n")
				}
			}
		}
	}
}

// friendly is the friendly REPL. It runs no lines.
func friendly(b *board) error {
	if err := b.say(banner); err != nil {
		return err
	}
	for {
		k, err := b.key()
		switch {
		case err != nil:
			return err
		case k == 0x01:
			b.mode = raw
			return nil
		case k == 0x05:
			if err := pasteMode(b); err != nil {
				return err
			}
		case k == '\r' || k == interruptKey:
			if err := b.say("\r\n>>> "); err != nil {
				return err
			}
		case k >= ' ':
			if err := b.say(string([]byte{k})); err != nil {
				return err
			}
		}
	}
}

// pasteMode is the friendly REPL's.
func pasteMode(b *board) error {
	if err := b.say("\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== "); err != nil {
		return err
	}
	for {
		k, err := b.key()
		if err != nil || k == interruptKey || k == endKey {
			return err
		}
		if err := b.say(string([]byte{k})); err != nil {
			return err
		}
	}
}

func raw(b *board) error {
	if err := b.say(rawBanner); err != nil {
		return err
	}
	return rawLine("")(b)
}

// rawLine is the raw REPL with a line begun.
func rawLine(line string) func(b *board) error {
	return func(b *board) error {
		for {
			k, err := b.key()
			switch {
			case err != nil:
				return err
			case k == 0x01 && line == "\x05A":
				line = ""
				if err := rawPaste(b); err != nil {
					return err
				}
			case k == 0x01:
				b.mode = raw
				return nil
			case k == 0x02:
				b.mode = friendly
				return nil
			case k == interruptKey:
				line = ""
			case k == endKey && line == "":
				b.held, b.mode = "", raw
				return b.say("OK\r\nMPY: soft reboot\r\n")
			case k == endKey:
				if err := b.say("OK" + b.run(line) + "\x04\x04>"); err != nil {
					return err
				}
				line = ""
			default:
				line += string([]byte{k})
			}
		}
	}
}

func rawPaste(b *board) error {
	if err := b.say(string([]byte{'R', 1, byte(b.window), byte(b.window >> 8), 1})); err != nil {
		return err
	}
	return midPaste(b)
}

// midPaste is the middle of a raw-paste.
func midPaste(b *board) error {
	var source strings.Builder
	for left := b.window; ; {
		k, err := b.key()
		switch {
		case err != nil:
			return err
		case k == interruptKey:
			return b.say("\x04\x04KeyboardInterrupt: \r\n\x04>")
		case k == endKey:
			return b.say("\x04" + b.run(source.String()) + "\x04\x04>")
		}
		source.WriteByte(k)
		if left--; left == 0 {
			left = b.window
			if err := b.say("\x01"); err != nil {
				return err
			}
		}
	}
}

// run runs a source: it prints its length, or what is asked for the mark.
func (b *board) run(source string) string {
	if _, after, found := strings.Cut(source, "print(':rig-'+'"); found {
		mark, _, _ := strings.Cut(after, ":'")
		held := b.held
		b.held = mark
		return fmt.Sprintf(":rig-%s:%s:\r\n", mark, held)
	}
	b.ran = append(b.ran, source)
	return fmt.Sprintf("%d\r\n", len(source))
}

// onBoard runs use as the host of a board, in a bubble.
func onBoard(t *testing.T, b *board, use func(t *testing.T, c *Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		b.conn, b.in = theirs, make(chan byte, b.room)
		go func() {
			defer close(b.in)
			buf := make([]byte, 4096)
			for {
				n, err := theirs.Read(buf)
				for _, k := range buf[:n] {
					select {
					case b.in <- k:
					default:
						t.Errorf("input buffer of %d bytes overflows", b.room)
						theirs.Close()
						return
					}
				}
				if err != nil {
					return
				}
			}
		}()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for b.mode(b) == nil {
			}
		}()
		c := New(ours)
		use(t, c)
		c.Close()
		<-ended
	})
}
