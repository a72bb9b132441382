package servers_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"trustrig/harness"
	"trustrig/servers"
	"trustrig/servers/relay"
	"trustrig/servers/tlsserver"
)

// harmless are the behaviours that a client without a certificate of its own
// must not notice.
var harmless = map[string]bool{
	"faithful": true, "byte-by-byte": true, "joined": true, "asks-for-certificate": true,
	"split-4": true, "split-100": true, "split-512": true, "split-1400": true,
}

// TestBehaviours shows every behaviour to Go's client and to openssl's, which
// are oracles: both take the harmless ones, and neither gets data through the
// others.
func TestBehaviours(t *testing.T) {
	s := start(t, servers.InProcess)
	id := newIdentity(t)
	var names []string
	for _, b := range tlsserver.Behaviours() {
		names = append(names, b.Name)
	}
	for _, a := range relay.Acts() {
		names = append(names, a.Name)
	}
	for _, name := range names {
		if name != "split-512" && name != "split-1400" { // this certificate is shorter; package relay splits a long one
			t.Run(name, func(t *testing.T) { held(t, s, id, name, askGo) })
		}
	}
}

func held(t *testing.T, s *servers.Server, id *identity, name string, ask func(addr string, id *identity) (string, error)) {
	ep, err := s.OpenAs(t.Context(), id.presentation(), name)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := ask(ep.Addr().String(), id)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	seen, closeErr := ep.Close(ctx, 1)
	if closeErr != nil || len(seen) != 1 {
		t.Fatalf("saw %+v, %v", seen, closeErr)
	}
	see := seen[0]
	if see.Played != name {
		t.Errorf("it was not played: %+v", see)
	}
	if harmless[name] {
		if err != nil || see.Received != "ping 1" || answer != see.Reply {
			t.Errorf("the client: %q, %v; the server: %+v", answer, err, see)
		}
	} else if err == nil || see.Received != "" {
		t.Errorf("the client: %q, %v; the server: %+v", answer, err, see)
	}
}

// askGo is Go's client, which gives up after a while.
func askGo(addr string, id *identity) (string, error) {
	tcp, err := net.Dial("tcp", addr)
	if err != nil {
		return "", err
	}
	defer tcp.Close()
	tcp.SetDeadline(time.Now().Add(300 * time.Millisecond))
	c := tls.Client(tcp, id.trusting(0, host))
	if _, err := io.WriteString(c, "ping 1\n"); err != nil {
		return "", err
	}
	answer, err := bufio.NewReader(c).ReadString('\n')
	c.Close()
	return strings.TrimSpace(answer), err
}

// TestBehavioursOpenSSL asks openssl's client about what RFC 5246 lets a
// server do, and what not; it has no time limit for those that stall.
func TestBehavioursOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("not run without openssl")
	}
	s := start(t, servers.InProcess)
	id := newIdentity(t)
	for _, name := range []string{
		"faithful", "byte-by-byte", "joined", "split-4", "split-100", "asks-for-certificate",
		"repeat-certificate", "late-certificate", "late-server-key-exchange", "drop-certificate", "drop-server-key-exchange",
		"late-change-cipher-spec", "forged-key-exchange", "empty-certificate-list", "version-not-offered",
		"record-too-long", "plain-http", "garbage", "closes-before-certificate", "resets-in-certificate",
		"tls-1.1-only", "no-common-suite", "demands-certificate-tls12",
	} {
		t.Run(name, func(t *testing.T) { held(t, s, id, name, askOpenSSL) })
	}
}

func askOpenSSL(addr string, _ *identity) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "openssl", "s_client", "-connect", addr, "-servername", host, "-quiet", "-no_ign_eof")
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	io.WriteString(in, "ping 1\n")
	answer, readErr := bufio.NewReader(out).ReadString('\n')
	in.Close()
	cmd.Wait() // an answer counts, however it took its leave
	return strings.TrimSpace(answer), readErr
}

// TestPlayedInDocker holds that what a server in a container is told to do
// comes to it, through the relay that runs beside the rig.
func TestPlayedInDocker(t *testing.T) {
	s := start(t, servers.Docker)
	id := newIdentity(t)
	for _, name := range []string{"asks-for-certificate", "tls-1.0-only", "split-4", "stalls-before-certificate"} {
		t.Run(name, func(t *testing.T) { held(t, s, id, name, askGo) })
	}
}

// TestLacks holds that a client which does not offer what a behaviour takes is
// seen to.
func TestLacks(t *testing.T) {
	s, id := start(t, servers.InProcess), newIdentity(t)
	for _, name := range []string{"demands-certificate-tls13", "closes-before-tls13-certificate"} {
		ep, err := s.OpenAs(t.Context(), id.presentation(), name)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := tls.Dial("tcp", ep.Addr().String(), id.trusting(tls.VersionTLS12, host)); err == nil {
			c.Close()
			t.Errorf("%s: a client of TLS 1.2 got through", name)
		}
		seen, err := ep.Close(t.Context(), 1)
		if err != nil || seen[0].Lacks != "TLS 1.3" || seen[0].Played != "" {
			t.Errorf("%s: %+v, %v", name, seen, err)
		}
	}
}

func TestUnknownBehaviour(t *testing.T) {
	s := start(t, servers.InProcess)
	if _, err := s.OpenAs(t.Context(), newIdentity(t).presentation(), "dances"); err == nil || !strings.Contains(err.Error(), `"dances"`) {
		t.Errorf("%v", err)
	}
	var _ harness.Endpoint = (*tlsserver.Endpoint)(nil)
}
