package firmware

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A camera runs code on Debian's firmware with a camera's modules, in a folder
// of its own.
type camera struct {
	argv []string
	dir  string
}

func newCamera(t *testing.T) camera {
	t.Helper()
	c := camera{argv: fetched(t).Argv, dir: t.TempDir()}
	for _, name := range []string{"ssl.py", "ntptime.py"} {
		src, err := fs.ReadFile(Modules(), name)
		if err != nil {
			t.Fatal(err)
		}
		c.put(t, name, src)
	}
	return c
}

func (c camera) put(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (c camera) run(t *testing.T, code string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), c.argv[0], append(c.argv[1:], "-c", code)...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "MICROPYPATH=.:.frozen")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return strings.TrimSpace(string(out)) + "\n" + err.Error()
	}
	return strings.TrimSpace(string(out))
}

// selfSigned makes a certificate for example.org whose validity needs no
// particular clock.
func selfSigned(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "example"}, DNSNames: []string{"example.org"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, keyDER
}

// serve answers every connection with "hello", the number of certificates
// that the client presented, and the name that it asked for.
func serve(t *testing.T, cert tls.Certificate) (port int) {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequestClientCert})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(10 * time.Second))
				c := conn.(*tls.Conn)
				if c.Handshake() == nil {
					fmt.Fprintf(c, "hello %d %s\n", len(c.ConnectionState().PeerCertificates), c.ConnectionState().ServerName)
					c.CloseWrite()
					io.Copy(io.Discard, c) // or a reset eats the answer
				}
			})
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return l.Addr().(*net.TCPAddr).Port
}

// What the facts say of a camera's module ssl.
func TestSSL(t *testing.T) {
	cam := newCamera(t)
	cert, key := selfSigned(t)
	other, _ := selfSigned(t)
	cam.put(t, "good.der", cert.Certificate[0])
	cam.put(t, "other.der", other.Certificate[0])
	cam.put(t, "key.der", key)
	prelude := fmt.Sprintf(`
import ssl, tls, socket
def sock():
    s = socket.socket()
    s.connect(socket.getaddrinfo("127.0.0.1", %d)[0][-1])
    return s
def attempt(f):
    try:
        return f()
    except TypeError:
        return "TypeError" # its text is the interpreter's own affair
    except OSError as e:
        return "OSError " + str(e.errno) # its text depends on the build
    except Exception as e:
        return type(e).__name__ + ": " + str(e).strip()
def talk(ctx, name="example.org"):
    return ctx.wrap_socket(sock(), server_hostname=name).readline()
def client():
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
good = open("good.der", "rb").read()
other = open("other.der", "rb").read()
c = client()
`, serve(t, cert))
	const notTrusted = "ValueError: The certificate is not correctly signed by the trusted CA"
	for _, tt := range []struct{ name, code, want string }{
		{"verifies nothing at first", "print(c.verify_mode == ssl.CERT_NONE, tls.SSLContext(tls.PROTOCOL_TLS_CLIENT).verify_mode == tls.CERT_REQUIRED, talk(c))", `True True b'hello 0 example.org\n'`},
		{"not even without a name", "print(talk(c, None))", `b'hello 0 \n'`},
		{"constants", "print(ssl.CERT_NONE, ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED, ssl.PROTOCOL_TLS_CLIENT == tls.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER == tls.PROTOCOL_TLS_SERVER)", "0 1 2 True True"},
		{"read back", "c.verify_mode = ssl.CERT_REQUIRED; print(c.verify_mode)", "2"},
		{"set through", "c.verify_mode = True; print(c.verify_mode); print(attempt(lambda: setattr(c, 'verify_mode', 'x')))", "1\nTypeError"},
		{"required, no anchor", "c.verify_mode = ssl.CERT_REQUIRED; print(attempt(lambda: talk(c)))", "OSError -30336"},
		{"required, cadata", "c.verify_mode = ssl.CERT_REQUIRED; c.load_verify_locations(cadata=good); print(talk(c))", `b'hello 0 example.org\n'`},
		{"required, cafile", "c.verify_mode = ssl.CERT_REQUIRED; c.load_verify_locations('good.der'); print(talk(c))", `b'hello 0 example.org\n'`},
		{"required, other cadata", "c.verify_mode = ssl.CERT_REQUIRED; c.load_verify_locations(cadata=other); print(attempt(lambda: talk(c)))", notTrusted},
		{"required, other cafile", "c.verify_mode = ssl.CERT_REQUIRED; c.load_verify_locations(cafile='other.der'); print(attempt(lambda: talk(c)))", notTrusted},
		{"the file counts", "c.verify_mode = ssl.CERT_REQUIRED; c.load_verify_locations('other.der', good); print(attempt(lambda: talk(c)))", notTrusted},
		{"no such file", "print(attempt(lambda: c.load_verify_locations('none.der')))", "OSError 2"},
		{"garbage", "print(attempt(lambda: c.load_verify_locations(cadata=b'x')))", "ValueError: invalid cert"},
		{"nothing to load", "print(attempt(lambda: c.load_verify_locations()))", "TypeError"},
		{"no name", "c.verify_mode = ssl.CERT_REQUIRED; c.load_verify_locations(cadata=good); print(attempt(lambda: talk(c, None)))", "ValueError: CERT_REQUIRED requires server_hostname"},
		{"silent attributes", "c.verify_callback = lambda *a: 1 / 0; c.check_hostname = True; print(c.verify_mode, talk(c))", `0 b'hello 0 example.org\n'`},
		{"lacks", "print([n for n in ('client_id', 'get_ciphers', 'set_ciphers', 'verify_callback', 'check_hostname') if hasattr(c, n)])", "[]"},
		{"no handshake yet", "s = c.wrap_socket(sock(), server_hostname='example.org', do_handshake_on_connect=False); print(s.readline())", `b'hello 0 example.org\n'`},
		{"positional", "print(c.wrap_socket(sock(), False, True, 'example.org').readline())", `b'hello 0 example.org\n'`},
		{"client certificate, files", "c.load_cert_chain('good.der', 'key.der'); print(talk(c))", `b'hello 1 example.org\n'`},
		{"client certificate, bytes", "c.load_cert_chain(good, open('key.der', 'rb').read()); print(talk(c))", `b'hello 1 example.org\n'`},
		{"key of the wrong form", "print(attempt(lambda: c.load_cert_chain(good, b'x')))", "ValueError: invalid key"},
		{"no protocol", "print(attempt(lambda: ssl.SSLContext()))", "TypeError"},
		{"wrap_socket", "print(ssl.wrap_socket(sock()).readline())", `b'hello 0 \n'`},
		{"wrap_socket, cadata alone", "print(ssl.wrap_socket(sock(), cadata=other).readline())", `b'hello 0 \n'`},
		{"wrap_socket, required", "print(ssl.wrap_socket(sock(), cert_reqs=ssl.CERT_REQUIRED, cadata=good, server_hostname='example.org').readline())", `b'hello 0 example.org\n'`},
		{"wrap_socket, required, other", "print(attempt(lambda: ssl.wrap_socket(sock(), cert_reqs=ssl.CERT_REQUIRED, cadata=other, server_hostname='example.org')))", notTrusted},
		{"wrap_socket, put off", "s = ssl.wrap_socket(sock(), cert_reqs=ssl.CERT_REQUIRED, cadata=other, server_hostname='example.org', do_handshake=False); print(attempt(lambda: s.readline()))", notTrusted},
		{"wrap_socket, key and cert", "print(ssl.wrap_socket(sock(), False, open('key.der', 'rb').read(), good).readline())", `b'hello 1 \n'`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cam.run(t, prelude+tt.code); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
	asyncio := `
import asyncio
async def main(ssl_):
    r, w = await asyncio.open_connection("127.0.0.1", int(socket_port), ssl=ssl_, server_hostname="example.org")
    w.write(b"hi") # asyncio puts the handshake off until the first write
    await w.drain()
    print(await r.readline())
def go(ssl_):
    print(attempt(lambda: asyncio.run(main(ssl_))))
`
	port := serve(t, cert)
	asyncio = strings.ReplaceAll(asyncio, "int(socket_port)", fmt.Sprint(port))
	for _, tt := range []struct{ name, code, want string }{
		{"asyncio", "go(c)", "b'hello 0 example.org\\n'\nNone"},
		{"asyncio, ssl=True", "go(True)", "b'hello 0 example.org\\n'\nNone"},
		{"asyncio, required", "c.verify_mode = ssl.CERT_REQUIRED; c.load_verify_locations(cadata=good); go(c)", "b'hello 0 example.org\\n'\nNone"},
		{"asyncio, required, other", "c.verify_mode = ssl.CERT_REQUIRED; c.load_verify_locations(cadata=other); go(c)", notTrusted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cam.run(t, prelude+asyncio+tt.code); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// As a server a camera presents what load_cert_chain was given.
func TestSSLServer(t *testing.T) {
	cam := newCamera(t)
	cert, key := selfSigned(t)
	cam.put(t, "good.der", cert.Certificate[0])
	cam.put(t, "key.der", key)
	for name, wrap := range map[string]string{
		"context":     "c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); c.load_cert_chain('good.der', 'key.der'); s = c.wrap_socket(s, server_side=True)",
		"wrap_socket": "s = ssl.wrap_socket(s, True, open('key.der', 'rb').read(), open('good.der', 'rb').read())",
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			done := make(chan error, 1)
			go func() { // the camera dials, and then serves on that connection
				done <- func() error {
					raw, err := l.Accept()
					if err != nil {
						return err
					}
					defer raw.Close()
					raw.SetDeadline(time.Now().Add(10 * time.Second))
					roots := x509.NewCertPool()
					leaf, err := x509.ParseCertificate(cert.Certificate[0])
					if err != nil {
						return err
					}
					roots.AddCert(leaf)
					return tls.Client(raw, &tls.Config{RootCAs: roots, ServerName: "example.org"}).Handshake()
				}()
			}()
			out := cam.run(t, fmt.Sprintf("import ssl, socket\ns = socket.socket()\ns.connect(socket.getaddrinfo('127.0.0.1', %d)[0][-1])\n%s\ns.read(1)", l.Addr().(*net.TCPAddr).Port, wrap))
			if err := <-done; err != nil {
				t.Errorf("%v; the camera said %s", err, out)
			}
		})
	}
}

// Where the firmware has its own ssl and no tls, as before 1.23, that ssl
// stays as it is.
func TestSSLBuiltIn(t *testing.T) {
	cam := newCamera(t)
	src, err := fs.ReadFile(Modules(), "ssl.py")
	if err != nil {
		t.Fatal(err)
	}
	cam.put(t, "ssl.py", bytes.Replace(src, []byte("import tls\n"), []byte("import absent_tls\n"), 1))
	cam.put(t, "ussl.py", []byte("CERT_REQUIRED = 2\nclass SSLContext: built_in = True\ndef wrap_socket(*a): return a\n"))
	got := cam.run(t, "import ssl; print(ssl.CERT_REQUIRED, ssl.SSLContext.built_in, ssl.wrap_socket(1))")
	if want := "2 True (1,)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// sntp answers one query with the seconds of a transmit timestamp, cut to n
// bytes, and returns the query.
func sntp(t *testing.T, seconds uint32, n int) (port int, query <-chan []byte) {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	got := make(chan []byte, 1)
	go func() {
		b := make([]byte, 512)
		k, from, err := conn.ReadFromUDP(b)
		if err != nil {
			close(got)
			return
		}
		answer := make([]byte, 48) // stratum 0, which a careful client refuses
		binary.BigEndian.PutUint32(answer[40:], seconds)
		if n > 0 {
			conn.WriteToUDP(answer[:n], from)
		}
		got <- b[:k]
	}()
	return conn.LocalAddr().(*net.UDPAddr).Port, got
}

func TestNTPTime(t *testing.T) {
	cam := newCamera(t)
	cam.put(t, "machine.py", nil)
	// A stand-in for machine and for the way to port 123, which is not the
	// tests' to bind.
	prelude := `
import sys, socket
class RTC:
    def datetime(self, t): print(t)
class Machine: pass
Machine.RTC = RTC
import ntptime
ntptime.machine = Machine
class Way:
    AF_INET, SOCK_DGRAM, socket = socket.AF_INET, socket.SOCK_DGRAM, socket.socket
    @staticmethod
    def getaddrinfo(host, port):
        print(host, port)
        return socket.getaddrinfo("127.0.0.1", %d)
ntptime.socket = Way
def attempt(f):
    try:
        return f()
    except Exception as e:
        return type(e).__name__ + ": " + str(e)
`
	const from1900 = 2208988800
	at := func(value string) uint32 {
		when, err := time.Parse(time.DateTime, value)
		if err != nil {
			t.Fatal(err)
		}
		return uint32(when.Unix() + from1900)
	}
	for _, tt := range []struct {
		name    string
		seconds uint32
		n       int
		code    string
		want    string
	}{
		{"settime, a Sunday", at("2026-11-22 23:59:58"), 48, "ntptime.settime()", "pool.ntp.org 123\n(2026, 11, 22, 7, 23, 59, 58, 0)"},
		{"settime, a Monday", at("2026-11-23 00:00:00"), 48, "ntptime.settime()", "pool.ntp.org 123\n(2026, 11, 23, 1, 0, 0, 0, 0)"},
		{"another host", at("2026-11-23 00:00:00"), 48, "ntptime.host = 'time.example.org'; print(ntptime.time())", "time.example.org 123\n1795392000"},
		{"the first second that can be", at("2024-01-01 00:00:00"), 48, "print(ntptime.time())", "pool.ntp.org 123\n1704067200"},
		{"before 2024", at("2023-12-31 23:59:59"), 48, "ntptime.settime()", "pool.ntp.org 123\n(2160, 2, 7, 4, 6, 28, 15, 0)"},
		{"after era 0", 0, 48, "ntptime.settime()", "pool.ntp.org 123\n(2036, 2, 7, 4, 6, 28, 16, 0)"},
		{"epoch 2000", at("2026-11-23 00:00:00"), 48, "class T: gmtime = staticmethod(lambda s: (2000,))\nntptime._time = T; print(ntptime.time())", "pool.ntp.org 123\n848707200"},
		// A camera's socket raises ETIMEDOUT, or EAGAIN with a WINC1500; the
		// unix port's raises EAGAIN.
		{"silence", 0, 0, "import errno, time; ntptime.timeout = 0.2; t = time.ticks_ms(); print(attempt(ntptime.settime) == 'OSError: [Errno %d] EAGAIN' % errno.EAGAIN, 200 <= time.ticks_diff(time.ticks_ms(), t) < 1000)", "pool.ntp.org 123\nTrue True"},
		{"short", 1, 43, "print(attempt(ntptime.settime))", "pool.ntp.org 123\nValueError: buffer too small"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			port, query := sntp(t, tt.seconds, tt.n)
			if got := cam.run(t, fmt.Sprintf(prelude, port)+tt.code); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if got := <-query; !bytes.Equal(got, append([]byte{0x1b}, make([]byte, 47)...)) {
				t.Errorf("the query is %x", got)
			}
		})
	}
	if got, want := cam.run(t, "import ntptime; print(ntptime.host, ntptime.timeout)"), "pool.ntp.org 1"; got != want {
		t.Errorf("defaults are %s, want %s", got, want)
	}
}
