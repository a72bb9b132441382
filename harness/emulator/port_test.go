package emulator

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(9600)
		stop := make(chan struct{})
		start := time.Now()
		p.start()
		for sent := 0; sent < 960; {
			n := p.burst(960 - sent)
			if n > 5 {
				t.Fatalf("%d bytes of a 9600 baud line in one piece", n)
			}
			if !p.wait(n, stop) {
				t.Fatal("stopped")
			}
			sent += n
		}
		if got := time.Since(start); got < time.Second-time.Microsecond || got > time.Second {
			t.Errorf("960 bytes took %v, want 1 s", got)
		}
		time.Sleep(time.Second) // an idle line saves nothing up
		start = time.Now()
		p.start()
		p.wait(96, stop)
		if got := time.Since(start); got < 100*time.Millisecond {
			t.Errorf("96 bytes took %v, want 100 ms", got)
		}
		close(stop)
		if p.wait(1, stop) {
			t.Error("a stopped line went on")
		}
	})
}

// TestBaud checks the rate of a line in both directions against the wall
// clock: never faster, and slower only by what a busy machine adds.
func TestBaud(t *testing.T) {
	const baud, size = 115200, 8000
	c := dial(t, startCamera(t, Config{Baud: baud})).raw()
	for _, tt := range []struct {
		name string
		do   func()
	}{
		{"to the camera", func() { c.eval("#" + strings.Repeat("x", size)) }},
		{"from the camera", func() { c.eval(fmt.Sprintf("print('x'*%d)", size)) }},
	} {
		start := time.Now()
		tt.do()
		want := time.Duration(size) * bitsPerByte * time.Second / baud
		if got := time.Since(start); got < want || got > want*4 {
			t.Errorf("%s: %d bytes took %v, want %v", tt.name, size, got, want)
		}
	}
}

func TestLink(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "camera")
	if err := os.Symlink("stale", link); err != nil {
		t.Fatal(err)
	}
	e := startCamera(t, Config{Link: link, Reenumerate: true})
	if e.Port() != link {
		t.Errorf("port %s, want %s", e.Port(), link)
	}
	before, err := os.Readlink(link)
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, e).raw()
	keep, err := os.Open(before) // so that the name is not used again
	if err != nil {
		t.Fatal(err)
	}
	defer keep.Close()
	if err := e.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := os.Readlink(link)
	if err != nil || after == before {
		t.Errorf("after a reset the link is %s, %v; before %s", after, err, before)
	}
	if n, err := c.port.Read(c.buf); err == nil && n > 0 {
		t.Errorf("the old port still says %q", c.buf[:n])
	}
	dial(t, e).raw().eval("print(1)")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(link); !os.IsNotExist(err) {
		t.Errorf("Close left the link: %v", err)
	}

	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Config{Command: []string{"/bin/true"}, Link: file}); err == nil || !strings.Contains(err.Error(), "is no symbolic link") {
		t.Errorf("a file in the link's place gave %v", err)
	}
}

// TestClientsComeAndGo checks that what one client left behind does not harm
// the next.
func TestClientsComeAndGo(t *testing.T) {
	e := startCamera(t, Config{})
	for i := range 5 {
		c := dial(t, e).raw()
		c.send("print('unread'*100)\x04half a line")
		_ = c.port.Close()
		if got := dial(t, e).raw().eval(fmt.Sprintf("print(%d)", i)); got != fmt.Sprint(i) {
			t.Errorf("client %d got %q", i, got)
		}
	}
}

func TestConfig(t *testing.T) {
	for _, tt := range []struct {
		cfg  Config
		want string
	}{
		{Config{}, "no firmware command"},
		{Config{Command: []string{"/nonexistent"}}, "no such file"},
		{Config{Command: []string{"/bin/true"}, FlashSize: 1000}, "no multiple of 512"},
		{Config{Command: []string{"/bin/true"}, Window: 1 << 16}, "raw-paste window"},
		{Config{Command: []string{"/bin/true"}, Link: "/nonexistent/link"}, "linking the port"},
	} {
		if _, err := Start(t.Context(), tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v gave %v, want … %q", tt.cfg, err, tt.want)
		}
	}
}

// TestOwnerKilled kills a process that owns a camera with kill -9 while the
// camera is in an endless loop, behind a wrapper that waits for it: nothing of
// it stays.
func TestOwnerKilled(t *testing.T) {
	if os.Getenv("TRUSTRIG_TEST_OWNER") != "" {
		ownCamera(t)
		return
	}
	fw, err := testFirmware()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	wrapper := filepath.Join(dir, "wrapper")
	text := "#!/bin/sh\n'" + strings.Join(fw.Argv, "' '") + "' \"$@\"\nexit $?\n"
	if err := os.WriteFile(wrapper, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	owner := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestOwnerKilled$", "-test.count=1")
	owner.Env = append(os.Environ(), "TRUSTRIG_TEST_OWNER="+wrapper, "TRUSTRIG_TEST_DIR="+dir)
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var pid int
	for lines.Scan() {
		if _, err := fmt.Sscanf(lines.Text(), "interpreter %d", &pid); err == nil {
			break
		}
	}
	watch, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatalf("the interpreter %d: %v", pid, err)
	}
	defer unix.Close(watch)
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(watch), Events: unix.POLLIN}}, int(patience.Milliseconds()))
	if n != 1 || err != nil {
		_ = unix.Kill(pid, unix.SIGKILL)
		t.Errorf("the interpreter outlived its owner (poll %d, %v)", n, err)
	}
}

// ownCamera is the process that TestOwnerKilled kills.
func ownCamera(t *testing.T) {
	e := startCamera(t, Config{Command: []string{os.Getenv("TRUSTRIG_TEST_OWNER")}, Dir: os.Getenv("TRUSTRIG_TEST_DIR")})
	c := dial(t, e).raw()
	c.send("print('go')\nwhile True: pass\x04")
	c.until("go\r\n")
	var interpreter string
	children := func(pid string) string {
		text, err := os.ReadFile("/proc/" + pid + "/task/" + pid + "/children")
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
	interpreter = children(processOf(t, e))
	fmt.Println("interpreter", interpreter)
	select {}
}
