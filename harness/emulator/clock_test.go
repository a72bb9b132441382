package emulator

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"trustrig/firmware"
)

// surrounded starts a camera with a clock and names of its own.
func surrounded(t *testing.T, cfg Config) *Emulator {
	t.Helper()
	fw, err := testFirmware()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	s := fw.Surround(ctx, os.Environ(), firmware.Options{})
	if s.Clock == "" || s.Names == "" {
		t.Fatalf("the firmware lacks %q", s.Lacks)
	}
	if cfg.Command, cfg.Env, err = fw.Surrounded(os.Environ(), s.Libraries()); err != nil {
		t.Fatal(err)
	}
	cfg.FakeTime = true
	return startCamera(t, cfg)
}

func seconds(t *testing.T, text string) time.Time {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(n, 0).UTC()
}

func near(t *testing.T, what string, got, want time.Time) {
	t.Helper()
	if off := got.Sub(want).Abs(); off > 10*time.Second {
		t.Errorf("%s is %s, want %s", what, got.Format(time.DateTime), want.Format(time.DateTime))
	}
}

// TestFakeTimeMoves moves the clock on the camera, which keeps it until its
// power goes.
func TestFakeTimeMoves(t *testing.T) {
	ctx := context.Background()
	powerOn := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	e := surrounded(t, Config{PowerOn: powerOn})
	c := dial(t, e).raw()
	rtc := func() time.Time { return seconds(t, c.eval("import time\nprint(time.time())")) }
	near(t, "at power-on the clock", rtc(), powerOn)
	moved := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	c.eval("from machine import RTC\nRTC().datetime((2031,5,6,2,7,8,9,0))\nprint(1)")
	near(t, "the clock that was set", rtc(), moved)
	if got := c.eval("import time\nprint(time.gmtime()[:6], time.localtime()[:6], RTC().datetime()[:3])"); !strings.HasPrefix(got, "(2031, 5, 6, 7, 8,") || !strings.Contains(got, ") (2031, 5, 6, 7, 8,") {
		t.Errorf("TZ=UTC-14 shows in the camera's time: %s", got)
	}
	for _, far := range []string{"1969,12,31", "9999,12,31", "2031,5,6"} { // from each to the next
		got := c.eval("RTC().datetime((" + far + ",2,7,8,9,0))\nprint(RTC().datetime()[:7])")
		if want := "(" + strings.ReplaceAll(far, ",", ", "); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, ", 7, 8, 9)") {
			t.Errorf("set to 7:08:09 on %s, the RTC shows %s", far, got)
		}
	}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
		want time.Time
	}{
		{"a hard reset", e.Reset, moved},
		{"a power cycle", e.PowerCycle, powerOn},
	} {
		if err := step.do(ctx); err != nil {
			t.Fatal(err)
		}
		c = dial(t, e).raw()
		near(t, "after "+step.name+" the clock", rtc(), step.want)
	}
}

// TestTLSSeesClock moves the clock away from a real certificate's validity, and
// back, under the code that checks it.
func TestTLSSeesClock(t *testing.T) {
	cert, port := serveTLS(t, time.Now().Add(-24*time.Hour), time.Now().Add(24*time.Hour))
	e := surrounded(t, Config{})
	c := dial(t, e).raw()
	c.eval(fmt.Sprintf(`import socket, ssl
from machine import RTC
def connect():
  s = socket.socket()
  s.connect(socket.getaddrinfo("127.0.0.1", %d)[0][-1])
  ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  ctx.verify_mode = ssl.CERT_REQUIRED
  ctx.load_verify_locations(cadata=bytes.fromhex("%x"))
  try:
    ctx.wrap_socket(s, server_hostname="clock.test").close()
    return "accepted"
  except ValueError as e:
    return str(e).strip()
  finally:
    s.close()
print(1)`, port, cert))
	for _, step := range []struct {
		at   time.Time
		want string
	}{
		{time.Now(), "accepted"},
		{time.Date(2019, 3, 4, 5, 6, 7, 0, time.UTC), "starts in the future"},
		{time.Date(2049, 3, 4, 5, 6, 7, 0, time.UTC), "has expired"},
		// TZ=UTC-14: whoever takes local time for UTC is 14 hours late.
		{time.Now().Add(13 * time.Hour), "accepted"},
		{time.Now().Add(-13 * time.Hour), "accepted"},
	} {
		at := step.at.UTC()
		got := c.eval(fmt.Sprintf("RTC().datetime((%d,%d,%d,1,%d,%d,%d,0))\nprint(connect())",
			at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second()))
		if !strings.Contains(got, step.want) {
			t.Errorf("at %s: %s, want %s", at.Format(time.DateTime), got, step.want)
		}
	}
}

// serveTLS presents a self-signed certificate of clock.test.
func serveTLS(t *testing.T, from, to time.Time) (der []byte, port int) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "clock.test"}, DNSNames: []string{"clock.test"}, NotBefore: from, NotAfter: to}
	if der, err = x509.CreateCertificate(rand.Reader, template, template, key.Public(), key); err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, conn)
			conn.Close()
		}
	})
	t.Cleanup(func() {
		listener.Close()
		group.Wait()
	})
	return der, listener.Addr().(*net.TCPAddr).Port
}

// TestClockFileDamaged destroys the file of the clock of a running camera.
func TestClockFileDamaged(t *testing.T) {
	ctx := context.Background()
	for name, text := range map[string]string{"junk": "no number at all\n", "empty": ""} {
		t.Run(name, func(t *testing.T) {
			powerOn := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
			e := surrounded(t, Config{PowerOn: powerOn, Dir: t.TempDir()})
			if err := os.WriteFile(filepath.Join(e.folder.dir, "clock"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := e.Reset(ctx); err != nil {
				t.Fatal(err)
			}
			c := dial(t, e).raw()
			near(t, "the clock", seconds(t, c.eval("import time\nprint(time.time())")), powerOn)
		})
	}
}

// TestEpoch is about a board that counts from 2000 and has a short RTC.
func TestEpoch(t *testing.T) {
	e := surrounded(t, Config{PowerOn: time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC), Epoch: 2000, FirstYear: 2000, LastYear: 2099})
	c := dial(t, e).raw()
	if got := c.eval("import time\nprint(time.gmtime(0)[:6], time.mktime((2000,1,2,0,0,0,0,0)), time.time()//86400)"); got != "(2000, 1, 1, 0, 0, 0) 86400 5479" {
		t.Errorf("epoch, a day later, and the days up to 2015: %s", got)
	}
	if got := c.eval("from machine import RTC\ntry: RTC().datetime((2100,1,1,1,0,0,0,0))\nexcept ValueError as e: print(e)"); !strings.Contains(got, "2100") {
		t.Errorf("set to 2100, the RTC says %s", got)
	}
	c.eval("RTC().datetime((2099,12,31,1,23,59,0,0))\nprint(1)")
	if got := c.eval("print(RTC().datetime()[:3], time.gmtime()[:3])"); got != "(2099, 12, 31) (2099, 12, 31)" {
		t.Errorf("the RTC's last day is %s", got)
	}
}

// TestHosts has the camera resolve the rig's names, and no others.
func TestHosts(t *testing.T) {
	e := surrounded(t, Config{Hosts: map[string]netip.Addr{"api.example.com": netip.MustParseAddr("127.0.0.1")}})
	c := dial(t, e).raw()
	if got := c.eval("import socket\nprint(bytes(socket.getaddrinfo('api.example.com',443)[0][-1])[:8])"); got != `b'\x02\x00\x01\xbb\x7f\x00\x00\x01'` {
		t.Errorf("api.example.com is %s", got)
	}
	if got := c.eval("try: print(socket.getaddrinfo('www.example.com',443))\nexcept OSError as e: print(e)"); !strings.Contains(got, "-2") {
		t.Errorf("www.example.com is %s", got)
	}
}

// TestClockInterrupted interrupts programs that ask for the time all the while,
// which libfaketime reads from a file, with a lock held.
func TestClockInterrupted(t *testing.T) {
	e := surrounded(t, Config{})
	c := dial(t, e).raw()
	for range 30 {
		c.send("import time\nprint('go')\nwhile True:\n  time.time()\x04")
		c.until("go\r\n")
		c.send("\x03")
		if _, traceback := c.result(); !strings.HasSuffix(traceback, "KeyboardInterrupt: \r\n") {
			t.Fatalf("interrupted, it raised %q", traceback)
		}
		near(t, "the clock", seconds(t, c.eval("import time\nprint(time.time())")), time.Now())
	}
	if crashes := e.Crashes(); len(crashes) > 0 {
		t.Error(crashes)
	}
}
