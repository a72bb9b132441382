package servers_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"trustrig/harness"
	"trustrig/servers"
	"trustrig/servers/tlsserver"
)

// TestConformance holds both forms of the server against one set of cases.
func TestConformance(t *testing.T) {
	for _, kind := range []servers.Kind{servers.InProcess, servers.Docker} {
		t.Run(string(kind), func(t *testing.T) {
			s := start(t, kind)
			for _, c := range conformance {
				t.Run(c.name, func(t *testing.T) { c.run(t, s) })
			}
			for _, c := range more {
				t.Run(c.name, func(t *testing.T) { c.test(t, s) })
			}
		})
	}
}

// start starts servers for a test. Where Docker does not answer, a test that
// needs it is skipped, but not in CI.
func start(t testing.TB, kind servers.Kind) *servers.Server {
	t.Helper()
	began := time.Now()
	s, err := servers.Start(t.Context(), servers.Options{Kind: kind})
	if err != nil {
		if os.Getenv("CI") != "true" && kind == servers.Docker {
			t.Skip("not run without Docker: ", err)
		}
		t.Fatal(err)
	}
	t.Logf("%s, after %v", s.Why(), time.Since(began).Round(time.Millisecond))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error("closing the servers:", err)
		}
	})
	return s
}

// A connection is one case: a client, and what the server must see of it.
type connection struct {
	name    string
	present func(*identity) tlsserver.Presentation // nil: the identity, impatiently
	client  func(t *testing.T, addr string, id *identity)
	atLeast int
	want    []harness.Sighting
	// loose are fields that the case does not fix, by name.
	loose []string
}

func (c connection) run(t *testing.T, s *servers.Server) {
	id := newIdentity(t)
	p := id.presentation()
	if c.present != nil {
		p = c.present(id)
	}
	ep, err := s.Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	c.client(t, ep.Addr().String(), id)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	got, err := ep.Close(ctx, c.atLeast)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if (got[i].Reply == "") != (got[i].Received == "") {
			t.Errorf("connection %d: received %q, replied %q", i+1, got[i].Received, got[i].Reply)
		}
	}
	ignored := append([]string{"Error", "Reply"}, c.loose...)
	if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(harness.Sighting{}, ignored...)); diff != "" {
		t.Errorf("sightings (-want +got):\n%s", diff)
	}
}

// host is the name that identities have.
const host = "api.example.com"

// chain is loose where a certificate is sent: an ECDSA signature's length
// differs from one to the next. testChainBytes counts the bytes.
var chain = []string{"ChainBytes"}

var conformance = []connection{
	{
		name: "TLS 1.3, nonce both ways", atLeast: 1, loose: chain, client: good(tls.VersionTLS13, host),
		want: []harness.Sighting{{
			Connection: 1, ClientHello: true, SNI: host, Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256",
			Handshake: true, Received: "ping 1", End: harness.EndCloseNotify,
		}},
	},
	{
		name: "TLS 1.2, nonce both ways", atLeast: 1, loose: chain, client: good(tls.VersionTLS12, host),
		want: []harness.Sighting{{
			Connection: 1, ClientHello: true, SNI: host, Version: "TLS 1.2", CipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
			Handshake: true, Received: "ping 1", End: harness.EndCloseNotify,
		}},
	},
	{
		name: "TLS 1.3, Go rejects the certificate", atLeast: 1, loose: chain, client: rejecting(tls.VersionTLS13),
		want: []harness.Sighting{{
			Connection: 1, ClientHello: true, SNI: host, Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256",
			Alert: "bad_certificate", End: harness.EndEOF,
		}},
	},
	{
		name: "TLS 1.2, Go rejects the certificate", atLeast: 1, loose: chain, client: rejecting(tls.VersionTLS12),
		want: []harness.Sighting{{
			Connection: 1, ClientHello: true, SNI: host, Version: "TLS 1.2", CipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
			Alert: "bad_certificate", End: harness.EndEOF,
		}},
	},
	{
		name: "TLS 1.3, openssl rejects the certificate", atLeast: 1, loose: chain, client: openssl("-tls1_3", "-servername", host),
		want: []harness.Sighting{{
			Connection: 1, ClientHello: true, SNI: host, Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256",
			Alert: "unknown_ca", End: harness.EndEOF,
		}},
	},
	{
		name: "TLS 1.2, openssl rejects the certificate", atLeast: 1, loose: chain, client: openssl("-tls1_2", "-servername", host),
		want: []harness.Sighting{{
			Connection: 1, ClientHello: true, SNI: host, Version: "TLS 1.2", CipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
			Alert: "unknown_ca", End: harness.EndEOF,
		}},
	},
	{
		name: "TLS 1.2, openssl with a suite of old cameras only", atLeast: 1, loose: chain,
		present: func(id *identity) tlsserver.Presentation { return newRSAIdentity().presentation() },
		client:  openssl("-tls1_2", "-servername", host, "-cipher", "AES128-SHA256:@SECLEVEL=0"),
		want: []harness.Sighting{{
			Connection: 1, ClientHello: true, SNI: host, Version: "TLS 1.2", CipherSuite: "TLS_RSA_WITH_AES_128_CBC_SHA256",
			Alert: "unknown_ca", End: harness.EndEOF,
		}},
	},
	{
		name: "silent client", atLeast: 1, client: raw(func(c *net.TCPConn) { io.Copy(io.Discard, c) }),
		want: []harness.Sighting{{Connection: 1, End: harness.EndTimeout}},
	},
	{
		name: "half a ClientHello", atLeast: 1, client: raw(func(c *net.TCPConn) {
			c.Write([]byte("\x16\x03\x01\x00\xc0\x01\x00\x00\xbc\x03\x03half"))
			c.CloseWrite()
			io.Copy(io.Discard, c)
		}),
		want: []harness.Sighting{{Connection: 1, End: harness.EndEOF}},
	},
	{
		name: "plain HTTP", atLeast: 1, client: raw(func(c *net.TCPConn) {
			io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
			c.CloseWrite()
			io.Copy(io.Discard, c)
		}),
		want: []harness.Sighting{{Connection: 1, End: harness.EndEOF}},
	},
	{
		name: "reset at once", atLeast: 1, client: raw(func(c *net.TCPConn) { c.SetLinger(0) }),
		want: []harness.Sighting{{Connection: 1, End: harness.EndReset}},
	},
	{
		name: "reset in the middle of a ClientHello", atLeast: 1, client: raw(func(c *net.TCPConn) {
			c.Write([]byte("\x16\x03\x01\x00\xc0\x01\x00"))
			c.SetLinger(0)
		}),
		want: []harness.Sighting{{Connection: 1, End: harness.EndReset}},
	},
	{
		name: "no connection", client: func(*testing.T, string, *identity) {},
	},
	{
		name: "closed at once, and not waited for", atLeast: 0, client: raw(func(c *net.TCPConn) {}),
		want: []harness.Sighting{{Connection: 1, End: harness.EndEOF}},
	},
	{
		name: "reset at once, and not waited for", atLeast: 0, client: raw(func(c *net.TCPConn) { c.SetLinger(0) }),
		want: []harness.Sighting{{Connection: 1, End: harness.EndReset}},
	},
	{
		name: "closed at once", atLeast: 1, client: raw(func(c *net.TCPConn) {}),
		want: []harness.Sighting{{Connection: 1, End: harness.EndEOF}},
	},
	{
		name: "nonce and then a reset", atLeast: 1, loose: chain, client: func(t *testing.T, addr string, id *identity) {
			c := dial(t, addr, id.trusting(tls.VersionTLS13, host))
			io.WriteString(c, "ping 1\n")
			if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
				t.Error(err)
			}
			c.NetConn().(*net.TCPConn).SetLinger(0)
			c.NetConn().Close()
		},
		want: []harness.Sighting{{
			Connection: 1, ClientHello: true, SNI: host, Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256",
			Handshake: true, Received: "ping 1", End: harness.EndReset,
		}},
	},
	{
		name: "TLS 1.2, Finished and then a reset", atLeast: 1, loose: chain, client: vanishing(tls.VersionTLS12, 2),
		want: []harness.Sighting{{
			Connection: 1, ClientHello: true, SNI: host, Version: "TLS 1.2", CipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
			Handshake: true, End: harness.EndReset,
		}},
	},
	{
		name: "TLS 1.3, Finished and then a reset", atLeast: 1, loose: chain, client: vanishing(tls.VersionTLS13, 2),
		want: []harness.Sighting{{
			Connection: 1, ClientHello: true, SNI: host, Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256",
			Handshake: true, End: harness.EndReset,
		}},
	},
	{
		name: "handshake and no line", atLeast: 1, loose: chain, client: func(t *testing.T, addr string, id *identity) {
			dial(t, addr, id.trusting(tls.VersionTLS13, host)).Close()
		},
		want: []harness.Sighting{{
			Connection: 1, ClientHello: true, SNI: host, Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256",
			Handshake: true, End: harness.EndCloseNotify,
		}},
	},
	{
		name: "no server_name", atLeast: 1, loose: chain, client: openssl("-tls1_3", "-noservername"),
		want: []harness.Sighting{{
			Connection: 1, ClientHello: true, Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256",
			Alert: "unknown_ca", End: harness.EndEOF,
		}},
	},
	{
		name: "an IP address as server_name", atLeast: 1, loose: chain, client: openssl("-tls1_3", "-servername", "127.0.0.1"),
		want: []harness.Sighting{{
			Connection: 1, ClientHello: true, SNI: "127.0.0.1", Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256",
			Alert: "unknown_ca", End: harness.EndEOF,
		}},
	},
	{
		// crypto/tls refuses it (RFC 6066 section 3); the sighting has it all the same.
		name: "server_name with a trailing dot", atLeast: 1, client: openssl("-tls1_3", "-servername", host+"."),
		want: []harness.Sighting{{Connection: 1, ClientHello: true, SNI: host + ".", End: harness.EndEOF}},
	},
	{
		name: "an empty chain", atLeast: 1,
		present: func(id *identity) tlsserver.Presentation {
			p := id.presentation()
			p.Chain = nil
			return p
		},
		client: rejecting(tls.VersionTLS12),
		want: []harness.Sighting{{
			Connection: 1, ClientHello: true, SNI: host, Version: "TLS 1.2", CipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
			Alert: "unexpected_message", End: harness.EndEOF,
		}},
	},
	{
		name: "connections in their order", atLeast: 3, client: func(t *testing.T, addr string, id *identity) {
			raw(func(c *net.TCPConn) { c.SetLinger(0) })(t, addr, id)
			good(tls.VersionTLS13, host)(t, addr, id)
			raw(func(c *net.TCPConn) {})(t, addr, id)
		},
		loose: chain,
		want: []harness.Sighting{
			{Connection: 1, End: harness.EndReset},
			{
				Connection: 2, ClientHello: true, SNI: host, Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256",
				Handshake: true, Received: "ping 1", End: harness.EndCloseNotify,
			},
			{Connection: 3, End: harness.EndEOF},
		},
	},
}

// good exchanges lines and closes in order.
func good(version uint16, name string) func(*testing.T, string, *identity) {
	return func(t *testing.T, addr string, id *identity) {
		exchangeWith(t, addr, id.trusting(version, name))
	}
}

func exchange(t testing.TB, addr string, id *identity) {
	exchangeWith(t, addr, id.trusting(tls.VersionTLS13, host))
}

func exchangeWith(t testing.TB, addr string, config *tls.Config) {
	c := dial(t, addr, config)
	defer c.Close()
	if _, err := io.WriteString(c, "ping 1\n"); err != nil {
		t.Error(err)
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || len(line) != 33 {
		t.Errorf("the server's line: %q, %v", line, err)
	}
}

// vanishing resets its connection right after the n-th flight it sends.
func vanishing(version uint16, n int) func(*testing.T, string, *identity) {
	return func(t *testing.T, addr string, id *identity) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		v := &vanishingConn{TCPConn: c.(*net.TCPConn), left: n}
		tls.Client(v, id.trusting(version, host)).Handshake() // it may see its own end as an error
		if v.left != 0 {
			t.Errorf("%d flights were not sent", v.left)
		}
	}
}

type vanishingConn struct {
	*net.TCPConn
	left int
}

func (c *vanishingConn) Write(b []byte) (int, error) {
	n, err := c.TCPConn.Write(b)
	if c.left--; c.left == 0 {
		c.SetLinger(0)
		c.Close()
	}
	return n, err
}

func rejecting(version uint16) func(*testing.T, string, *identity) {
	return func(t *testing.T, addr string, id *identity) {
		config := id.trusting(version, host)
		config.RootCAs = x509.NewCertPool()
		if c, err := tls.Dial("tcp", addr, config); err == nil {
			c.Close()
			t.Error("the client accepted")
		}
	}
}

func openssl(args ...string) func(*testing.T, string, *identity) {
	return func(t *testing.T, addr string, _ *identity) {
		args := append([]string{"s_client", "-connect", addr, "-verify_return_error", "-no-CApath", "-no-CAfile", "-no-CAstore"}, args...)
		out, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput()
		if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") != "true" {
			t.Skip("not run without openssl")
		}
		if _, failed := errors.AsType[*exec.ExitError](err); !failed {
			t.Errorf("openssl accepted: %v\n%s", err, out)
		}
	}
}

// raw runs a client that does not speak TLS, and closes its connection.
func raw(talk func(*net.TCPConn)) func(*testing.T, string, *identity) {
	return func(t *testing.T, addr string, _ *identity) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		talk(c.(*net.TCPConn))
	}
}

func dial(t testing.TB, addr string, config *tls.Config) *tls.Conn {
	t.Helper()
	c, err := tls.Dial("tcp", addr, config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// An identity is a server's self-signed certificate.
type identity struct {
	der  []byte
	key  []byte
	cert *x509.Certificate
}

func newIdentity(t testing.TB) *identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return sign(key, &key.PublicKey)
}

func newRSAIdentity() *identity {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return sign(key, &key.PublicKey)
}

func sign(key, public any) *identity {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return &identity{der, pkcs8, cert}
}

func (id *identity) presentation() tlsserver.Presentation {
	return tlsserver.Presentation{
		Certificate: tlsserver.Certificate{Chain: [][]byte{id.der}, Key: id.key},
		Patience:    300 * time.Millisecond,
	}
}

func (id *identity) trusting(version uint16, name string) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(id.cert)
	return &tls.Config{RootCAs: roots, ServerName: name, MinVersion: version, MaxVersion: version}
}

// more are the cases that are about endpoints rather than one connection.
var more = []struct {
	name string
	test func(*testing.T, *servers.Server)
}{
	{"two endpoints at once", testTwoEndpoints},
	{"listeners exhausted", testExhausted},
	{"strays", testStrays},
	{"deadline cuts what is open", testDeadline},
	{"connections that never come", testTooFew},
	{"sightings without closing", testPeek},
	{"certificates by name", testByName},
	{"chain bytes", testChainBytes},
	{"no RSA-PSS in TLS 1.2", testNoPSS},
	{"closed twice", testClosedTwice},
}

func testTwoEndpoints(t *testing.T, s *servers.Server) {
	a, b := newIdentity(t), newIdentity(t)
	epA, epB := open(t, s, a.presentation()), open(t, s, b.presentation())
	good(tls.VersionTLS13, host)(t, epB.Addr().String(), b)
	good(tls.VersionTLS12, host)(t, epA.Addr().String(), a)
	seenA, seenB := closeEndpoint(t, epA, 1), closeEndpoint(t, epB, 1)
	if len(seenA) != 1 || len(seenB) != 1 || seenA[0].Version != "TLS 1.2" || seenB[0].Version != "TLS 1.3" {
		t.Errorf("endpoint a saw %+v, b %+v", seenA, seenB)
	}
	if seenA[0].Reply == seenB[0].Reply {
		t.Errorf("both endpoints replied %q", seenA[0].Reply)
	}
}

func testExhausted(t *testing.T, s *servers.Server) {
	p := newIdentity(t).presentation()
	var all []*tlsserver.Endpoint
	for range tlsserver.DefaultListeners {
		all = append(all, open(t, s, p))
	}
	if _, err := s.Open(t.Context(), p); !errors.Is(err, tlsserver.ErrNoListener) {
		t.Errorf("one endpoint too many: %v", err)
	}
	for _, ep := range all {
		closeEndpoint(t, ep, 0)
	}
	closeEndpoint(t, open(t, s, p), 0)
}

func testStrays(t *testing.T, s *servers.Server) {
	p := newIdentity(t).presentation()
	before, ep := s.Strays(), open(t, s, p)
	closeEndpoint(t, ep, 0)
	for range 3 {
		raw(func(*net.TCPConn) {})(t, ep.Addr().String(), nil)
	}
	// The listener that has been free longest comes first, so that this
	// takes them all through a fence.
	for range tlsserver.DefaultListeners {
		if seen := closeEndpoint(t, open(t, s, p), 0); len(seen) != 0 {
			t.Errorf("a stray became a sighting: %+v", seen)
		}
	}
	if got := s.Strays() - before; got != 3 {
		t.Errorf("%d strays, want 3", got)
	}
}

func testDeadline(t *testing.T, s *servers.Server) {
	p := newIdentity(t).presentation()
	p.Patience = time.Hour
	ep := open(t, s, p)
	c, err := net.Dial("tcp", ep.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	seen, err := ep.Close(ctx, 1)
	if !errors.Is(err, context.DeadlineExceeded) || len(seen) != 1 || seen[0].End != harness.EndServer {
		t.Errorf("saw %+v, %v", seen, err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection was not cut")
	}
}

func testTooFew(t *testing.T, s *servers.Server) {
	ep := open(t, s, newIdentity(t).presentation())
	raw(func(*net.TCPConn) {})(t, ep.Addr().String(), nil)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	seen, err := ep.Close(ctx, 2)
	if !errors.Is(err, context.DeadlineExceeded) || len(seen) != 1 || seen[0].End != harness.EndEOF {
		t.Errorf("saw %+v, %v", seen, err)
	}
}

func testPeek(t *testing.T, s *servers.Server) {
	id := newIdentity(t)
	ep := open(t, s, id.presentation())
	for n := 1; n <= 2; n++ {
		good(tls.VersionTLS13, host)(t, ep.Addr().String(), id)
		if seen, err := ep.Sightings(t.Context(), n); err != nil || len(seen) != n {
			t.Errorf("after %d connections: %+v, %v", n, seen, err)
		}
	}
	if seen := closeEndpoint(t, ep, 2); len(seen) != 2 {
		t.Errorf("at the end: %+v", seen)
	}
}

func testByName(t *testing.T, s *servers.Server) {
	fallback, other := newIdentity(t), newIdentity(t)
	p := fallback.presentation()
	p.ByName = map[string]tlsserver.Certificate{"Other.example.com": {Chain: [][]byte{other.der}, Key: other.key}}
	ep := open(t, s, p)
	for name, want := range map[string]*identity{host: fallback, "other.example.com": other, "": fallback} {
		config := &tls.Config{InsecureSkipVerify: true, ServerName: name}
		c := dial(t, ep.Addr().String(), config)
		if got := c.ConnectionState().PeerCertificates[0]; !got.Equal(want.cert) {
			t.Errorf("for %q the server showed another certificate", name)
		}
		c.Close()
	}
	closeEndpoint(t, ep, 3)
}

func testChainBytes(t *testing.T, s *servers.Server) {
	id := newIdentity(t)
	p := id.presentation()
	junk := []byte("not a certificate")
	p.Chain = [][]byte{id.der, id.der, junk}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		ep := open(t, s, p)
		config := &tls.Config{InsecureSkipVerify: true, ServerName: host, MinVersion: version, MaxVersion: version}
		if c, err := tls.Dial("tcp", ep.Addr().String(), config); err == nil {
			c.Close()
			t.Error("the client parsed junk")
		}
		seen := closeEndpoint(t, ep, 1)
		if want := 2*len(id.der) + len(junk); seen[0].ChainBytes != want {
			t.Errorf("%s: %d bytes of chain, want %d", tls.VersionName(version), seen[0].ChainBytes, want)
		}
	}
	// A client with which no cipher suite is agreed on gets no chain.
	p.CipherSuites = []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
	ep := open(t, s, p)
	rejecting(tls.VersionTLS12)(t, ep.Addr().String(), id)
	if seen := closeEndpoint(t, ep, 1); seen[0].ChainBytes != 0 {
		t.Errorf("%d bytes of chain to a client that got none", seen[0].ChainBytes)
	}
}

func testNoPSS(t *testing.T, s *servers.Server) {
	p := newRSAIdentity().presentation()
	for _, c := range []struct {
		noPSS         bool
		version, want string
	}{
		{false, "-tls1_2", "Peer signature type: RSA-PSS"},
		{true, "-tls1_2", "Peer signature type: RSA"},
		{true, "-tls1_3", "Peer signature type: RSA-PSS"},
	} {
		p.NoPSS = c.noPSS
		ep := open(t, s, p)
		cmd := exec.CommandContext(t.Context(), "openssl", "s_client", "-connect", ep.Addr().String(), c.version)
		out, err := cmd.CombinedOutput() // its input is empty, so that it ends at once
		if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") != "true" {
			t.Skip("not run without openssl")
		}
		got := regexp.MustCompile(`(?mi)^Peer signature type: .*$`).FindString(string(out))
		// OpenSSL 3.5 names the scheme, before it named the algorithm.
		got = strings.NewReplacer("rsa_pss_rsae_sha256", "RSA-PSS", "rsa_pkcs1_sha256", "RSA").Replace(got)
		if got != c.want {
			t.Errorf("NoPSS %v, %s: %q, want %q", c.noPSS, c.version, got, c.want)
		}
		closeEndpoint(t, ep, 1)
	}
}

func testClosedTwice(t *testing.T, s *servers.Server) {
	ep := open(t, s, newIdentity(t).presentation())
	closeEndpoint(t, ep, 0)
	if _, err := ep.Close(t.Context(), 0); !errors.Is(err, tlsserver.ErrNoEndpoint) {
		t.Errorf("closing again: %v", err)
	}
}

func open(t testing.TB, s *servers.Server, p tlsserver.Presentation) *tlsserver.Endpoint {
	t.Helper()
	ep, err := s.Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return ep
}

func closeEndpoint(t testing.TB, ep *tlsserver.Endpoint, atLeast int) []harness.Sighting {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	seen, err := ep.Close(ctx, atLeast)
	if err != nil {
		t.Fatal(err)
	}
	return seen
}
