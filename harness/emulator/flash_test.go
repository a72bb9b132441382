package emulator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestHostHidden tries to reach the host's files.
func TestHostHidden(t *testing.T) {
	host := t.TempDir()
	secret := filepath.Join(host, "secret.py")
	if err := os.WriteFile(secret, []byte("print('leaked')"), 0o644); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "MICROPYPATH="+host)
	c := dial(t, startCamera(t, Config{Env: env})).raw()
	for _, source := range []string{
		"open('/etc/passwd')", "open('../etc/passwd')", "open('/flash/../etc/passwd')", "open('" + secret + "')",
		"import os\nos.stat('/etc')", "import os\nos.listdir('/etc')", "import os\nos.chdir('..')\nopen('etc/passwd')",
		"import secret", "import os\nos.VfsPosix", "import vfs\nvfs.VfsPosix", "import os\nos.system", "import os\nos.getenv",
		"import trustrig_agent", "import camera_os", "import sys\nsys.path.append('" + host + "')\nimport secret",
	} {
		if out, traceback := c.exec(source); out != "" || !strings.Contains(traceback, "Error") {
			t.Errorf("%q gave %q, %q, want an error", source, out, traceback)
		}
	}
	if got := c.eval("import os\nprint(os.listdir('/'))"); got != "['flash']" {
		t.Errorf("/ holds %s", got)
	}
}

func TestFlash(t *testing.T) {
	dir := t.TempDir()
	e := startCamera(t, Config{Dir: dir, FlashSize: 128 << 10})
	c := dial(t, e).raw()
	if got := c.eval("import os\nprint(os.getcwd(), os.listdir())"); got != "/flash []" {
		t.Errorf("a new flash: %s", got)
	}
	c.eval("os.mkdir('lib')\nd=bytes(range(256))*100\nf=open('/flash/lib/b','wb')\nf.write(d)\nf.close()")
	out, traceback := c.exec("with open('big','wb') as f:\n  while 1: f.write(d)")
	if out != "" || !strings.Contains(traceback, "OSError: 28") && !strings.Contains(traceback, "ENOSPC") {
		t.Errorf("filling the flash gave %q, %q", out, traceback)
	}
	c.eval("os.remove('big')\nos.sync()")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "flash.img")); err != nil || info.Size() != 128<<10 {
		t.Errorf("image %v, %v", info, err)
	}

	c = dial(t, startCamera(t, Config{Dir: dir, FlashSize: 128 << 10})).raw()
	if got := c.eval("print(open('lib/b','rb').read()==bytes(range(256))*100)"); got != "True" {
		t.Errorf("after a restart the file is the same: %s", got)
	}
	if got := c.eval("import os\ns=os.stat('lib/b')\nv=os.statvfs('/flash')\nprint(s[6],v[0],v[2]>200,[i[3] for i in os.ilistdir('lib')])"); got != "25600 512 True [25600]" {
		t.Errorf("sizes: %s", got)
	}
	if _, err := Start(t.Context(), Config{Command: []string{"/bin/true"}, Dir: dir}); err == nil || !strings.Contains(err.Error(), "has 131072 bytes, not 4194304") {
		t.Errorf("another size gave %v", err)
	}
}

// TestFlashInterrupted interrupts programs that write, and checks that the file
// system stays in order: it may lose what was not closed, and nothing else.
func TestFlashInterrupted(t *testing.T) {
	e := startCamera(t, Config{})
	c := dial(t, e).raw()
	c.write("kept", "text")
	for range 20 {
		c.send("import os\nd=b'x'*9999\nwhile True:\n  print('go')\n  with open('x','wb') as f: f.write(d)\n  os.remove('x')\x04")
		c.until("go\r\ngo\r\n")
		c.send("\x03")
		if _, traceback := c.result(); !strings.HasSuffix(traceback, "KeyboardInterrupt: \r\n") {
			t.Fatalf("interrupted, it raised %q", traceback)
		}
		got := c.eval("import gc\nf=None\ngc.collect()\nn=os.listdir()\nprint(set(n)-{'x','kept'}, open('kept').read(), 'x' not in n or open('x').read().strip('x'))")
		if got != "set() text True" && got != "set() text " {
			t.Fatalf("the file system: %s", got)
		}
	}
	if crashes := e.Crashes(); len(crashes) > 0 {
		t.Error(crashes)
	}
}

func TestFlashOfAnotherKind(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "flash.img"), []byte(strings.Repeat("junk", 1<<20)), 0o644); err != nil {
		t.Fatal(err)
	}
	fw, err := testFirmware()
	if err != nil {
		t.Fatal(err)
	}
	e, err := Start(t.Context(), Config{Command: fw.Argv, Dir: dir})
	if err == nil {
		_ = e.Close()
		t.Fatal("it started")
	}
	if !strings.Contains(err.Error(), "holds no FAT file system") {
		t.Errorf("error %q", err)
	}
}

// TestClock checks that the RTC is set and kept as a board's, in UTC.
func TestClock(t *testing.T) {
	powerOn := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	e := startCamera(t, Config{PowerOn: powerOn})
	c := dial(t, e).raw()
	c.eval("import time, machine\nr=machine.RTC()")
	if got := c.eval("print(r.datetime()[:6], time.localtime()[:5])"); got != "(2015, 1, 1, 4, 0, 0) (2015, 1, 1, 0, 0)" {
		t.Errorf("power-on clock: %s", got)
	}
	for _, date := range []string{"2026,11,23,1,13,59,58", "2000,1,1,6,0,0,0", "2038,1,19,2,3,14,8", "1999,12,31,5,23,59,59", "2106,2,7,7,6,28,16", "2024,2,29,4,12,0,0"} {
		set := "r.datetime((" + date + ",0))\nd=r.datetime()\n"
		if got := c.eval(set + "print(d[:7]==(" + date + "), 0<=d[7]<=255)"); got != "True True" {
			t.Errorf("set to %s: %s", date, got)
		}
		if got := c.eval("t=time.time()\nd=r.datetime()\nprint(type(t), time.mktime(time.gmtime(t))==t, time.localtime(t)==time.gmtime(t), len(time.gmtime()), time.gmtime(t)[6]+1==d[3], 0<=time.time_ns()//10**9-t<=1)"); got != "<class 'int'> True True 8 True True" {
			t.Errorf("set to %s: %s", date, got)
		}
	}
	c.softReset()
	const show = "import machine\nprint(machine.RTC().datetime()[:5])"
	if got := c.eval(show); got != "(2024, 2, 29, 4, 12)" {
		t.Errorf("after a soft reset: %s", got)
	}
	if err := e.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := c.raw().eval(show); got != "(2024, 2, 29, 4, 12)" {
		t.Errorf("after a hard reset: %s", got)
	}
	if err := e.PowerCycle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := c.raw().eval(show); got != "(2015, 1, 1, 4, 0)" {
		t.Errorf("after a power cycle: %s", got)
	}
}

func TestModules(t *testing.T) {
	c := dial(t, startCamera(t, Config{ID: []byte{1, 2, 0xff}, Machine: "cam"})).raw()
	for _, tt := range []struct{ source, want string }{
		{"import machine\nprint(machine.unique_id(), hasattr(machine,'mem32'))", `b'\x01\x02\xff' True`},
		{"import os\nprint(os.uname().machine, os.uname()[4], type(os.urandom(1)))", "cam cam <class 'bytes'>"},
		{"import ssl\nprint(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).verify_mode==ssl.CERT_NONE)", "True"},
		{"import ntptime\nprint(ntptime.host)", "pool.ntp.org"},
		{"import machine, os, time, sys, vfs\nprint(machine, time.__name__, sys.__name__)", "<module 'machine'> time sys"},
		{"import asyncio, time\nasync def f():\n  await asyncio.sleep_ms(5)\n  return 3\nprint(asyncio.run(f()))", "3"},
		{"import micropython\nprint(micropython.const(3))", "3"},
	} {
		if got := c.eval(tt.source); got != tt.want {
			t.Errorf("%s\ngave %s, want %s", tt.source, got, tt.want)
		}
	}
}
