package acme

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/mholt/acmez/v3/acme"

	"trustrig/servers/docker"
)

// TestIssue has a certificate issued and renewed. Both lead to the one root,
// and no other name can be had for the asking.
func TestIssue(t *testing.T) {
	e, err := docker.Open(t.Context())
	if errors.Is(err, docker.ErrAbsent) && os.Getenv("CI") != "true" {
		t.Skip("not run without Docker: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ca, err := Start(t.Context(), e, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := ca.Close(); err != nil {
			t.Error(err)
		}
	}()
	der, err := ca.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	root, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(root)
	var before []byte
	for _, which := range []string{"first", "renewed"} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		chain, err := ca.Issue(t.Context(), "api.example.com", key)
		if err != nil {
			t.Fatalf("%s: %v", which, err)
		}
		leaf, err := x509.ParseCertificate(chain[0])
		if err != nil {
			t.Fatal(err)
		}
		between := x509.NewCertPool()
		for _, der := range chain[1:] {
			c, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			between.AddCert(c)
		}
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: "api.example.com", Roots: roots, Intermediates: between}); err != nil {
			t.Errorf("%s: %v", which, err)
		}
		if len(chain) < 2 || bytes.Equal(chain[0], before) || !key.PublicKey.Equal(leaf.PublicKey) || leaf.NotAfter.Sub(leaf.NotBefore) > 91*24*time.Hour {
			t.Errorf("%s: %d certificates, %v to %v", which, len(chain), leaf.NotBefore, leaf.NotAfter)
		}
		before = chain[0]
	}
	// The challenge is truly asked: without an answer nothing is issued.
	ca.client.ChallengeSolvers["http-01"] = mute{}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ca.Issue(t.Context(), "other.example.com", key); err == nil {
		t.Error("a certificate was issued to who does not answer for the name")
	}
}

// mute answers no challenge.
type mute struct{}

func (mute) Present(context.Context, acme.Challenge) error { return nil }
func (mute) CleanUp(context.Context, acme.Challenge) error { return nil }
