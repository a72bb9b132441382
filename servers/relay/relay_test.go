package relay

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"trustrig/harness"
)

// A server answers a line in capitals, over TLS, and tells of those that it
// got.
type server struct {
	addr  netip.AddrPort
	roots *x509.CertPool
	lines chan string
}

func serve(t *testing.T, version uint16) *server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"api.example.com"}, NotAfter: time.Now().Add(time.Hour)}
	for i := range 100 { // more than the longest of the records that it is to be split into
		template.DNSNames = append(template.DNSNames, fmt.Sprintf("filler-%02d.example.com", i))
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		MinVersion:   version, MaxVersion: version, SessionTicketsDisabled: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{l.Addr().(*net.TCPAddr).AddrPort(), x509.NewCertPool(), make(chan string, 8)}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s.roots.AddCert(cert)
	go s.accept(l)
	t.Cleanup(func() { l.Close() })
	return s
}

func (s *server) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			if line, err := bufio.NewReader(c).ReadString('\n'); err == nil {
				s.lines <- line
				io.WriteString(c, strings.ToUpper(line))
				io.Copy(io.Discard, c)
			}
		}()
	}
}

// ask connects as a client that gives up after a while, and returns the
// answer.
func (s *server) ask(addr netip.AddrPort) (string, error) {
	tcp, err := net.Dial("tcp", addr.String())
	if err != nil {
		return "", err
	}
	defer tcp.Close()
	tcp.SetDeadline(time.Now().Add(400 * time.Millisecond))
	c := tls.Client(tcp, &tls.Config{RootCAs: s.roots, ServerName: "api.example.com"})
	if _, err := io.WriteString(c, "nonce\n"); err != nil {
		return "", err
	}
	answer, err := bufio.NewReader(c).ReadString('\n')
	c.Close()
	return answer, err
}

// harmless are the acts that a client must not notice.
var harmless = map[string]bool{
	"faithful": true, "byte-by-byte": true, "joined": true,
	"split-4": true, "split-100": true, "split-512": true, "split-1400": true,
}

// TestActs plays each act to Go's client, which is an oracle here: it takes
// what is harmless, and what is not keeps the line from the server.
func TestActs(t *testing.T) {
	for _, a := range Acts() {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			version := a.Version
			if version == 0 {
				version = tls.VersionTLS13
			}
			s := serve(t, version)
			r := open(t, s.addr, a.Name)
			answer, err := s.ask(r.Addr())
			seen := finish(t, r, 1)
			if len(seen) != 1 || seen[0].Played != a.Name {
				t.Errorf("the relay did not play it: %+v; the client: %v", seen, err)
			}
			if harmless[a.Name] {
				if err != nil || answer != "NONCE\n" || seen[0].SNI != "api.example.com" || seen[0].Port == 0 {
					t.Errorf("the client got %q, %v; seen %+v", answer, err, seen[0])
				}
				return
			}
			if err == nil {
				t.Errorf("the client took it: %q", answer)
			}
			if len(s.lines) != 0 {
				t.Error("the line came to the server")
			}
		})
	}
}

func open(t *testing.T, to netip.AddrPort, act string) *Relay {
	t.Helper()
	r, err := Open(t.Context(), netip.MustParseAddr("127.0.0.1"), to, act)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func finish(t *testing.T, r *Relay, atLeast int) []Seen {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	seen, err := r.Close(ctx, atLeast)
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// TestSeen holds what a relay sees against what was there.
func TestSeen(t *testing.T) {
	for _, c := range []struct {
		version uint16
		trusts  bool
		want    harness.Sighting
	}{
		{tls.VersionTLS12, true, harness.Sighting{Version: "TLS 1.2", CipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Handshake: true, End: harness.EndEOF}},
		{tls.VersionTLS12, false, harness.Sighting{Version: "TLS 1.2", CipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Alert: "bad_certificate", End: harness.EndEOF}},
		{tls.VersionTLS13, true, harness.Sighting{Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", End: harness.EndEOF}},
	} {
		s := serve(t, c.version)
		r := open(t, s.addr, "faithful")
		if !c.trusts {
			s.roots = x509.NewCertPool()
		}
		if _, err := s.ask(r.Addr()); (err == nil) != c.trusts {
			t.Fatal(err)
		}
		got := finish(t, r, 1)[0].Sighting
		if got.ChainBytes == 0 && c.version == tls.VersionTLS12 {
			t.Error("the relay counted no byte of the chain")
		}
		got.ChainBytes = 0
		if got.End == harness.EndReset { // a close_notify of the server's that the client did not wait for
			got.End = harness.EndEOF
		}
		want := c.want
		want.Connection, want.ClientHello, want.SNI, want.Played = 1, true, "api.example.com", "faithful"
		if got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

func TestLacks(t *testing.T) {
	s := serve(t, tls.VersionTLS12)
	r := open(t, s.addr, "stalls-before-tls13-certificate")
	tcp, err := tls.Dial("tcp", r.Addr().String(), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	tcp.Close()
	if got := finish(t, r, 1)[0]; got.Lacks != "TLS 1.3" || got.Played != "" {
		t.Errorf("lacks %q, played %q", got.Lacks, got.Played)
	}
}

// TestCut closes a relay with a client that hangs in it.
func TestCut(t *testing.T) {
	s := serve(t, tls.VersionTLS12)
	r := open(t, s.addr, "stalls-before-server-hello")
	c, err := net.Dial("tcp", r.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	seen, err := r.Close(ctx, 1)
	if !errors.Is(err, context.DeadlineExceeded) || len(seen) != 1 || seen[0].End != harness.EndServer {
		t.Errorf("%+v, %v", seen, err)
	}
}

// TestNoServer holds that a server that is gone shows, and hangs nobody.
func TestNoServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := l.Addr().(*net.TCPAddr).AddrPort()
	l.Close()
	r := open(t, gone, "faithful")
	if _, err := (&server{}).ask(r.Addr()); err == nil {
		t.Error("the client got an answer")
	}
	if got := finish(t, r, 1)[0]; got.Error == "" || got.Played != "" {
		t.Errorf("seen %+v", got)
	}
}

func TestUnknownAct(t *testing.T) {
	_, err := Open(t.Context(), netip.MustParseAddr("127.0.0.1"), netip.AddrPort{}, "dances")
	if err == nil || !strings.Contains(err.Error(), `"dances"`) || !strings.Contains(err.Error(), "split-100") {
		t.Errorf("%v", err)
	}
}
