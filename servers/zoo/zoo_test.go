package zoo_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"trustrig/firmware/cache"
	"trustrig/harness"
	"trustrig/servers/docker"
	"trustrig/servers/pki"
	"trustrig/servers/zoo"
)

// A client connects to an exhibit as a question asks, and reports whether it
// accepted the server.
type client struct {
	name string
	ask  func(ctx context.Context, e zoo.Exhibit, q zoo.Question) (accepted bool, said string)
}

var clients = []client{{"go", askGo}, {"openssl", askOpenSSL}, {"curl", askCurl}}

func askGo(ctx context.Context, e zoo.Exhibit, q zoo.Question) (bool, string) {
	config := &tls.Config{RootCAs: x509.NewCertPool(), ServerName: q.Host}
	text, err := os.ReadFile(q.AnchorFile)
	if err != nil {
		return false, err.Error()
	}
	// Not AppendCertsFromPEM: of what it can not parse it says nothing.
	block, _ := pem.Decode(text)
	anchor, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return false, err.Error()
	}
	config.RootCAs.AddCert(anchor)
	d := tls.Dialer{Config: config}
	c, err := d.DialContext(ctx, "tcp", fmt.Sprintf("%s:%d", e.IP, e.Port))
	if err != nil {
		return false, err.Error()
	}
	c.Close()
	return true, ""
}

func askOpenSSL(ctx context.Context, e zoo.Exhibit, q zoo.Question) (bool, string) {
	verify := []string{"-verify_hostname", q.Host}
	if net.ParseIP(q.Host) != nil {
		verify = []string{"-verify_ip", q.Host}
	}
	args := append([]string{
		"s_client", "-connect", fmt.Sprintf("%s:%d", e.IP, e.Port), "-CAfile", q.AnchorFile,
		"-no-CApath", "-no-CAstore", "-verify_return_error", "-partial_chain", "-brief",
	}, verify...)
	return run(ctx, "openssl", args...)
}

func askCurl(ctx context.Context, e zoo.Exhibit, q zoo.Question) (bool, string) {
	host := q.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return run(ctx, "curl", "--silent", "--show-error", "--max-time", "10", "--noproxy", "*", "--cacert", q.AnchorFile, "--capath", "/nonexistent",
		"--connect-to", fmt.Sprintf("::%s:%d", e.IP, e.Port), "https://"+host+"/hello")
}

func run(ctx context.Context, name string, args ...string) (bool, string) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin = strings.NewReader("hello\n")
	out, err := cmd.CombinedOutput()
	return err == nil, strings.Join(strings.Fields(string(out)), " ")
}

// byDesign are good chains that a client refuses, and why that is no fault of
// the chain.
var byDesign = map[string]string{
	"go issuer-in-upper-case-ecdsa": byteByByte,
	"go issuer-in-utf8-ecdsa":       byteByByte,
}

const byteByByte = "crypto/x509 compares names byte by byte, where RFC 5280 7.1 folds case and string types"

// TestClients shows every chain to Go's client, to openssl's and to curl. Each
// must accept what a correct client accepts; where they do not reject what it
// rejects, the test lists it.
func TestClients(t *testing.T) {
	for _, name := range []string{"openssl", "curl"} {
		if _, err := exec.LookPath(name); err != nil && os.Getenv("CI") != "true" {
			t.Skipf("not run without %s", name)
		}
	}
	store, err := cache.Open()
	if err != nil {
		t.Fatal(err)
	}
	z, err := zoo.Open(t.Context(), zoo.Options{
		Maker: pki.New(time.Now(), pki.NewKeys(filepath.Join(store.Dir(), "keys"))), Recipes: pki.Recipes(),
		Stack: "go", Addr: netip.MustParseAddr("127.0.0.1"), Dir: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := z.Close(); err != nil {
			t.Error(err)
		}
	}()
	exhibits := make(chan zoo.Exhibit)
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			for e := range exhibits {
				askAll(t, e)
			}
		})
	}
	for _, e := range z.Exhibits {
		exhibits <- e
	}
	close(exhibits)
	asking.Wait()
}

func askAll(t *testing.T, e zoo.Exhibit) {
	if len(e.Questions) == 0 || e.Questions[0].AnchorFile == "" {
		return
	}
	q := e.Questions[0]
	for _, c := range clients {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		accepted, said := c.ask(ctx, e, q)
		cancel()
		reason, known := byDesign[c.name+" "+e.Recipe]
		switch {
		case q.Must == harness.Accepted && !accepted && known:
			t.Logf("%s refuses %s by design: %s", c.name, e.Recipe, reason)
		case q.Must == harness.Accepted && !accepted:
			t.Errorf("%s does not accept %s (%s): %s", c.name, e.Recipe, e.Is, said)
		case q.Must == harness.Accepted && known:
			t.Errorf("%s accepts %s, which it was to refuse by design", c.name, e.Recipe)
		case q.Must == harness.Rejected && accepted:
			t.Logf("disagreement: %s accepts %s (%s)", c.name, e.Recipe, e.Is)
		}
	}
}

// TestChainFiles holds that openssl takes what WriteChain writes: a good chain
// verifies with its anchor, in both encodings, and the key is the leaf's.
func TestChainFiles(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("not run without openssl")
	}
	maker := pki.New(time.Now(), nil)
	for _, r := range pki.Recipes() {
		if r.Name != "letsencrypt-2025-ecdsa" && r.Name != "expired-leaf-ecdsa" {
			continue
		}
		chain, err := maker.Chain(r.Name)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := zoo.WriteChain(dir, r, chain); err != nil {
			t.Fatal(err)
		}
		in := func(name string) string { return filepath.Join(dir, name) }
		good, said := run(t.Context(), "openssl", "verify", "-no-CApath", "-no-CAstore", "-CAfile", in("anchor-root.pem"), "-untrusted", in("intermediates.pem"), in("leaf.pem"))
		if want := r.Twin == ""; good != want {
			t.Errorf("%s: openssl verify: %s", r.Name, said)
		}
		_, fromPEM := run(t.Context(), "openssl", "x509", "-in", in("leaf.pem"), "-noout", "-pubkey")
		_, fromDER := run(t.Context(), "openssl", "x509", "-inform", "der", "-in", in("leaf.der"), "-noout", "-pubkey")
		_, fromKey := run(t.Context(), "openssl", "pkey", "-inform", "der", "-in", in("key.der"), "-pubout")
		if fromPEM != fromDER || fromPEM != fromKey || !strings.Contains(fromPEM, "PUBLIC KEY") {
			t.Errorf("%s: three public keys: %s; %s; %s", r.Name, fromPEM, fromDER, fromKey)
		}
		readme, err := os.ReadFile(in("README.md"))
		if err != nil || !strings.Contains(strings.ToLower(string(readme)), strings.ToLower(r.Is)) {
			t.Errorf("%s: the README does not say %q: %v", r.Name, r.Is, err)
		}
		if mode, err := os.Stat(in("key.pem")); err != nil || mode.Mode().Perm() != 0o600 {
			t.Errorf("the key's mode: %v, %v", mode, err)
		}
	}
}

// TestStack shows chains by nginx on an address that is not nginx's own.
func TestStack(t *testing.T) {
	e, err := docker.Open(t.Context())
	if errors.Is(err, docker.ErrAbsent) && os.Getenv("CI") != "true" {
		t.Skip("not run without Docker: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	e.Close()
	var recipes []pki.Recipe
	for _, r := range pki.Recipes() {
		if r.Name == "plain-ecdsa" || r.Name == "key-not-held-ecdsa" {
			recipes = append(recipes, r)
		}
	}
	z, err := zoo.Open(t.Context(), zoo.Options{
		Maker: pki.New(time.Now(), nil), Recipes: recipes, Stack: "nginx",
		Addr: netip.MustParseAddr("127.0.0.2"), Dir: t.TempDir(), Say: func(line string) { t.Log(line) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range z.Exhibits {
		if x.Recipe == "key-not-held-ecdsa" {
			if !strings.Contains(x.Missing, "key values mismatch") || x.Port != 0 {
				t.Errorf("a chain that nginx refuses: %+v", x)
			}
			continue
		}
		if ok, said := askGo(t.Context(), x, x.Questions[0]); !ok || x.IP != "127.0.0.2" {
			t.Errorf("%s at %s: %s", x.Recipe, x.IP, said)
		}
	}
	if err := z.Close(); err != nil {
		t.Error(err)
	}
}
