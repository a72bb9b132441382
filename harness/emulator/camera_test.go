package emulator

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.bug.st/serial"

	"trustrig/firmware"
)

// testFirmware is the firmware of the tests: Debian's, or the one that
// TRUSTRIG_TEST_FIRMWARE names.
var testFirmware = sync.OnceValues(func() (*firmware.Firmware, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	return firmware.Select(ctx, os.Getenv("TRUSTRIG_TEST_FIRMWARE"), firmware.Options{})
})

// logWriter writes a camera's log to the test's.
type logWriter struct{ tb testing.TB }

func (w logWriter) Write(p []byte) (int, error) {
	w.tb.Logf("%s", bytes.TrimSpace(p))
	return len(p), nil
}

// startCamera starts a camera that lives as long as the test.
func startCamera(tb testing.TB, cfg Config) *Emulator {
	tb.Helper()
	if cfg.Command == nil {
		fw, err := testFirmware()
		if err != nil {
			tb.Fatal(err)
		}
		cfg.Command = fw.Argv
	}
	if cfg.Modules == nil {
		cfg.Modules = firmware.Modules()
	}
	cfg.Log = logWriter{tb}
	e, err := Start(context.Background(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := e.Close(); err != nil {
			tb.Error(err)
		}
	})
	return e
}

// client is a serial program at a camera's port.
type client struct {
	tb   testing.TB
	port serial.Port
	got  []byte // received, and not yet consumed
	buf  []byte
}

// patience bounds how long a client waits for anything.
const patience = 10 * time.Second

func dial(tb testing.TB, e *Emulator) *client {
	tb.Helper()
	port, err := serial.Open(e.Port(), &serial.Mode{BaudRate: 115200})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = port.Close() })
	return &client{tb: tb, port: port, buf: make([]byte, 64<<10)}
}

func (c *client) send(s string) {
	c.tb.Helper()
	if _, err := c.port.Write([]byte(s)); err != nil {
		c.tb.Fatal(err)
	}
}

// until reads up to and with the text end, and returns what came before it.
func (c *client) until(end string) string {
	c.tb.Helper()
	deadline := time.Now().Add(patience)
	for {
		if before, after, ok := bytes.Cut(c.got, []byte(end)); ok {
			c.got = append([]byte(nil), after...)
			return string(before)
		}
		left := time.Until(deadline)
		if left <= 0 {
			c.tb.Fatalf("no %q within %v; got %.500q", end, patience, c.got)
		}
		if err := c.port.SetReadTimeout(left); err != nil {
			c.tb.Fatal(err)
		}
		n, err := c.port.Read(c.buf)
		if err != nil {
			c.tb.Fatal(err)
		}
		c.got = append(c.got, c.buf[:n]...)
	}
}

const rawPrompt = "raw REPL; CTRL-B to exit\r\n>"

// raw enters the raw REPL.
func (c *client) raw() *client {
	c.tb.Helper()
	c.send("\r\x03\r\x01")
	c.until(rawPrompt)
	return c
}

// exec runs source in the raw REPL and returns its output and traceback.
func (c *client) exec(source string) (out, traceback string) {
	c.tb.Helper()
	c.send(source + "\x04")
	c.until("OK")
	return c.result()
}

func (c *client) result() (out, traceback string) {
	c.tb.Helper()
	out = c.until("\x04")
	traceback = c.until("\x04")
	c.until(">")
	return out, traceback
}

// eval returns what a program prints, and fails when it raises anything.
func (c *client) eval(source string) string {
	c.tb.Helper()
	out, traceback := c.exec(source)
	if traceback != "" {
		c.tb.Fatalf("%s\nraised %s", source, traceback)
	}
	return strings.TrimSuffix(out, "\r\n")
}

// paste runs source by raw-paste, within the device's window.
func (c *client) paste(source string) (out, traceback string) {
	c.tb.Helper()
	c.send("\x05A\x01")
	c.until("R\x01")
	for len(c.got) < 2 {
		c.fill()
	}
	window := int(c.got[0]) | int(c.got[1])<<8
	c.got = c.got[2:]
	for free := window; len(source) > 0; {
		for len(c.got) > 0 && c.got[0] == 0x01 {
			c.got = c.got[1:]
			free += window
		}
		if free == 0 {
			c.fill()
			continue
		}
		n := min(free, len(source))
		c.send(source[:n])
		source, free = source[n:], free-n
	}
	c.send("\x04")
	if acks := c.until("\x04"); strings.Trim(acks, "\x01") != "" {
		c.tb.Fatalf("in raw-paste came %q", acks)
	}
	return c.result()
}

// fill reads once.
func (c *client) fill() {
	c.tb.Helper()
	if err := c.port.SetReadTimeout(patience); err != nil {
		c.tb.Fatal(err)
	}
	n, err := c.port.Read(c.buf)
	if err != nil || n == 0 {
		c.tb.Fatalf("nothing within %v (error %v)", patience, err)
	}
	c.got = append(c.got, c.buf[:n]...)
}

// softReset soft-resets in raw mode.
func (c *client) softReset() {
	c.tb.Helper()
	c.send("\x04")
	c.until("OK\r\nMPY: soft reboot\r\n")
	c.until(rawPrompt)
}

// write makes a file on the camera.
func (c *client) write(name, text string) {
	c.tb.Helper()
	c.eval(fmt.Sprintf("f=open(%q,'w')\nf.write(%q)\nf.close()", name, text))
}
