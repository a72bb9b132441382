package servers_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"os"
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
	present func(*identity) tlsserver.Presentation // nil: the identity
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
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
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
		name: "silent client", atLeast: 1,
		present: func(id *identity) tlsserver.Presentation {
			p := id.presentation()
			p.Patience = 50 * time.Millisecond
			return p
		},
		client: raw(func(c *net.TCPConn) { io.Copy(io.Discard, c) }),
		want:   []harness.Sighting{{Connection: 1, End: harness.EndTimeout}},
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
