package servers_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"trustrig/harness"
	"trustrig/servers"
	"trustrig/servers/tlsserver"
)

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
	if _, err := ep.Sightings(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
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
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	seen, err := ep.Close(ctx, atLeast)
	if err != nil {
		t.Fatal(err)
	}
	return seen
}
