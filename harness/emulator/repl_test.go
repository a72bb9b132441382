package emulator

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBanner(t *testing.T) {
	e := startCamera(t, Config{Machine: "testboard with unix"})
	c := dial(t, e).raw()
	fw, err := testFirmware()
	if err != nil {
		t.Fatal(err)
	}
	c.send("\x02")
	c.until("\r\nMicroPython v" + fw.Version)
	c.until("; testboard with unix\r\nType \"help()\" for more information.\r\n>>> ")
	c.send("6*7\r")
	if got, want := c.until(">>> "), "6*7\r\n42\r\n"; got != want {
		t.Errorf("6*7 gave %q, want %q", got, want)
	}
	c.send("for i in range(2):\rprint(i)\r\b\r")
	c.until("\r\n0\r\n1\r\n>>> ")
}

// TestPrograms holds programs' output and tracebacks against what a board
// prints, byte by byte.
func TestPrograms(t *testing.T) {
	c := dial(t, startCamera(t, Config{})).raw()
	const top = "Traceback (most recent call last):\r\n"
	for _, tt := range []struct{ name, source, out, traceback string }{
		{"print", "print('a', 'b')", "a b\r\n", ""},
		{"text is cooked", "import sys\nsys.stdout.write('x\\ny\\r\\n')\nprint('z', file=sys.stdout)", "x\r\ny\r\r\nz\r\n", ""},
		{"buffer is verbatim", "sys.stdout.buffer.write(b'x\\ny\\n')\nprint()", "x\ny\n\r\n", ""},
		{"stderr", "sys.stderr.write('e\\n')", "e\r\n", ""},
		{"a zero and half a mark", "sys.stdout.write('\\0\\0\\1abc\\0')", "\x00\x00\x01abc\x00", ""},
		{"name error", "x", "", top + "  File \"<stdin>\", line 1, in <module>\r\nNameError: name 'x' isn't defined\r\n"},
		{"in a function", "def f():\n  raise ValueError('v')\nf()", "",
			top + "  File \"<stdin>\", line 3, in <module>\r\n  File \"<stdin>\", line 2, in f\r\nValueError: v\r\n"},
		{"syntax error", "print(1)\n)", "", top + "  File \"<stdin>\", line 2\r\nSyntaxError: invalid syntax\r\n"},
		{"after output", "print('o')\n1//0", "o\r\n", top + "  File \"<stdin>\", line 2, in <module>\r\nZeroDivisionError: divide by zero\r\n"},
		{"of a module of the camera", "import machine\nmachine.RTC().datetime(1)", "",
			top + "  File \"<stdin>\", line 2, in <module>\r\nTypeError: 'int' object isn't subscriptable\r\n"},
		{"recursion", "def f(): f()\ntry:\n  f()\nexcept RuntimeError as e: print(e)", "maximum recursion depth exceeded\r\n", ""},
		{"globals live on", "a=1\nprint(__name__)", "__main__\r\n", ""},
		{"and are there", "print(a, sorted(k for k in globals() if k[0]!='_'))", "1 ['a', 'f', 'machine', 'sys']\r\n", ""},
		{"type of UTF-8", "print('\u00e9\u20ac')", "\u00e9\u20ac\r\n", ""},
	} {
		out, traceback := c.exec(tt.source)
		if diff := cmp.Diff([]string{tt.out, tt.traceback}, []string{out, traceback}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestRawPaste(t *testing.T) {
	c := dial(t, startCamera(t, Config{Window: 64})).raw()
	for _, n := range []int{0, 10, 63, 64, 65, 127, 128, 129, 4095, 4096, 4097, 100_000} {
		source := strings.Repeat("#", n)
		want := ""
		if n >= 10 {
			source = strings.Repeat("#", n-10) + "\nprint(" + fmt.Sprint(n%10) + ")"
			want = fmt.Sprintf("%d\r\n", n%10)
		}
		if out, traceback := c.paste(source); out != want || traceback != "" {
			t.Errorf("%d bytes: got %q, %q, want %q", n, out, traceback, want)
		}
	}
}

// TestMemoryError checks that the camera reports, and serves on, with its heap
// full of what the program left.
func TestMemoryError(t *testing.T) {
	c := dial(t, startCamera(t, Config{Heap: 256 << 10})).raw()
	out, traceback := c.exec("a=[]\nwhile 1: a.append(bytearray(100))")
	if out != "" || !strings.Contains(traceback, "MemoryError: memory allocation failed") {
		t.Errorf("got %q, %q, want a MemoryError", out, traceback)
	}
	_, traceback = c.exec("'" + strings.Repeat("x", 20_000) + "'")
	if !strings.Contains(traceback, "MemoryError") {
		t.Errorf("a program larger than the free memory gave %q", traceback)
	}
	c.softReset() // as on a board, not even a=None compiles any more
	if got := c.eval("print(1)"); got != "1" {
		t.Errorf("afterwards print(1) gave %q", got)
	}
}

func TestInterrupt(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	connect := fmt.Sprintf("import socket\ns=socket.socket()\ns.connect(socket.getaddrinfo('127.0.0.1',%d)[0][-1])\n",
		listener.Addr().(*net.TCPAddr).Port)
	c := dial(t, startCamera(t, Config{})).raw()
	for _, tt := range []struct{ name, source, raises string }{
		{"busy loop", "print('go')\nwhile True: pass", " in <module>\r\nKeyboardInterrupt: \r\n"},
		{"sleep", "import time\nprint('go')\ntime.sleep(1000)", "KeyboardInterrupt: \r\n"},
		{"socket", connect + "print('go')\ns.recv(1)", "KeyboardInterrupt: \r\n"},
		{"stdin", "import sys\nprint('go')\nsys.stdin.read(1)", "KeyboardInterrupt: \r\n"},
		{"caught", "try:\n  print('go')\n  while True: pass\nexcept KeyboardInterrupt: pass", ""},
		{"flash", "print('go')\nwhile True:\n  with open('x','w') as f: f.write('x'*3000)", "KeyboardInterrupt: \r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c.send(tt.source + "\x04")
			c.until("go\r\n")
			c.send("\x03")
			_, traceback := c.result()
			if !strings.HasSuffix(traceback, tt.raises) || (tt.raises == "") != (traceback == "") {
				t.Errorf("traceback %q, want … %q", traceback, tt.raises)
			}
			if got := c.eval("print('on')"); got != "on" {
				t.Errorf("afterwards got %q", got)
			}
		})
	}
}

// TestInterruptRace presses Ctrl-C about when short programs end: whatever it
// hits, the console stays in step.
func TestInterruptRace(t *testing.T) {
	e := startCamera(t, Config{})
	c := dial(t, e).raw()
	for i := range 200 {
		c.send("for i in range(" + fmt.Sprint(i*20) + "): pass\x04\x03")
		c.until("OK")
		c.result()
		if got, want := c.eval(fmt.Sprintf("print(%d)", i)), fmt.Sprint(i); got != want {
			t.Fatalf("round %d: got %q", i, got)
		}
	}
	if crashes := e.Crashes(); len(crashes) > 0 {
		t.Error(crashes)
	}
}

// TestInterruptAllocator interrupts programs that are in the memory allocator
// for most of their time, where MicroPython's unix port does not bear it.
func TestInterruptAllocator(t *testing.T) {
	e := startCamera(t, Config{})
	c := dial(t, e).raw()
	for i := range 60 {
		c.send("print('go')\nwhile True: x=[1]*10\x04")
		c.until("go\r\n")
		c.send("\x03")
		c.result()
		if got, want := c.eval(fmt.Sprintf("print(%d)", i)), fmt.Sprint(i); got != want {
			t.Fatalf("round %d: got %q", i, got)
		}
	}
	if crashes := e.Crashes(); len(crashes) > 0 {
		t.Error(crashes)
	}
}

// TestHang leaves the interpreter waiting for a lock that nobody frees: the
// camera restarts.
func TestHang(t *testing.T) {
	e := startCamera(t, Config{})
	c := dial(t, e).raw()
	c.send("import _thread\nl=_thread.allocate_lock()\nl.acquire()\ntry:\n  print('go')\n  while True: pass\nexcept KeyboardInterrupt: l.acquire()\x04")
	c.until("go\r\n")
	c.send("\x03")
	c.until(friendlyPrompt)
	if crashes := e.Crashes(); len(crashes) != 1 || crashes[0].Status != "hung after an interrupt" {
		t.Errorf("crashes %v", crashes)
	}
	c.raw()
}

// TestNobodyReads checks that output is lost rather than waited with: the
// program goes on, and can be interrupted.
func TestNobodyReads(t *testing.T) {
	e := startCamera(t, Config{})
	c := dial(t, e).raw()
	c.send("for i in range(10000): print('x'*1000)\nended=True\nwhile True: print('y'*1000)\x04")
	c.until("OKxxx")
	time.Sleep(6 * lostAfter) // nothing is read: what is tested is the passing of time
	c.send("\x03\r\x03\r\x01")
	c.until(rawPrompt)
	if got := c.eval("print(ended)"); got != "True" {
		t.Errorf("afterwards print(ended) gave %q", got)
	}
}

// TestTypeAhead checks that what is received while a program runs is the
// program's to read, and the console's when it does not.
func TestTypeAhead(t *testing.T) {
	c := dial(t, startCamera(t, Config{})).raw()
	c.send("import sys\nprint('go')\nprint(sys.stdin.readline())\x04")
	c.until("go\r\n")
	c.send("hello\nprint(7)\x04")
	if got, _ := c.result(); got != "hello\r\n\r\n" {
		t.Errorf("the program read %q", got)
	}
	c.until("OK")
	if got, _ := c.result(); got != "7\r\n" {
		t.Errorf("the console read on with %q", got)
	}
}

// TestFullStdin checks that more than the program's stdin holds is kept back,
// not lost.
func TestFullStdin(t *testing.T) {
	c := dial(t, startCamera(t, Config{})).raw()
	const size = 300_000
	c.send(fmt.Sprintf("import sys,time\nprint('go')\ntime.sleep_ms(100)\nn=0\nwhile n<%d: n+=len(sys.stdin.buffer.read(1000))\nprint(n)\x04", size))
	c.until("go\r\n")
	c.send(strings.Repeat("0123456789", size/10))
	if got, traceback := c.result(); got != fmt.Sprintf("%d\r\n", size) {
		t.Errorf("got %q, %q", got, traceback)
	}
}

// TestLongTypeAhead checks that type-ahead that a program leaves is the
// console's in full, be it more than a pipe holds.
func TestLongTypeAhead(t *testing.T) {
	c := dial(t, startCamera(t, Config{})).raw()
	c.send("import time\nprint('go')\ntime.sleep_ms(200)\x04")
	c.until("go\r\n")
	const size = 100_000 // more than pipe and port hold is only taken once the program ends
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		c.send("x='" + strings.Repeat("a", size) + "'\nprint(len(x))\x04")
	}()
	c.result()
	c.until("OK")
	if got, traceback := c.result(); got != fmt.Sprintf("%d\r\n", size) {
		t.Errorf("got %q, %q", got, traceback)
	}
	<-sent
}

func TestKeyboardInterruptOff(t *testing.T) {
	e := startCamera(t, Config{})
	c := dial(t, e).raw()
	c.send("import sys,micropython\nmicropython.kbd_intr(-1)\nprint('go')\nprint(sys.stdin.buffer.read(3))\x04")
	c.until("go\r\n")
	c.send("a\x03b")
	if got, _ := c.result(); got != "b'a\\x03b'\r\n" {
		t.Errorf("the program read %q", got)
	}
	c.send("print('go')\nwhile True: pass\x04")
	c.until("go\r\n")
	c.send("\x03")
	if _, traceback := c.result(); !strings.HasSuffix(traceback, "KeyboardInterrupt: \r\n") {
		t.Errorf("the next program was not interrupted: %q", traceback)
	}
	if crashes := e.Crashes(); len(crashes) > 0 {
		t.Error(crashes)
	}
}
