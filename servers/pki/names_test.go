package pki

import (
	"crypto/x509"
	"slices"
	"testing"

	"trustrig/harness"
)

// TestNamed: other names, and nothing else but them.
func TestNamed(t *testing.T) {
	maker := New(testT0, testKeys(t))
	twin := mustChain(t, maker, "plain-nameless-ecdsa")
	for _, names := range [][]string{{"a.example.com", "*.b", "\x00"}, nil} {
		c, err := maker.Named(names)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(c.Sent[0])
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(leaf.DNSNames, names) {
			t.Errorf("the leaf is for %q, not %q", leaf.DNSNames, names)
		}
		if d := differences(t, twin, c); !slices.Equal(d, []string{"leaf/subjectAltName"}) {
			t.Errorf("it differs in %v", d)
		}
	}
	again, err := maker.Named([]string{host})
	if err != nil {
		t.Fatal(err)
	}
	if a := askGo(t, question{again, again.Anchors[Root], host, testT0}); a.result() != harness.Accepted {
		t.Errorf("%s", a.detail)
	}
}
