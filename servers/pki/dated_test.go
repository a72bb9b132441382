package pki

import (
	"bytes"
	"crypto/x509"
	"strings"
	"testing"
	"time"
)

func onDay(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

func testCA(t *testing.T) *CA {
	t.Helper()
	ca, err := New(onDay(2020, 1, 1), testKeys(t)).NewCA(
		[]Authority{
			{Label: "x1", Organization: "Example", Name: "Root", RSA: 4096, SHA1: true},
			{Label: "yr", Organization: "Example", Name: "Next Root", RSA: 4096},
			{Label: "yr1", Organization: "Example", Name: "Issuer", RSA: 2048},
			{Label: "twin", Organization: "Example", Name: "Other Issuer", RSA: 2048, Key: "yr1"},
		},
		[]AuthorityCertificate{
			{Subject: "x1", Issuer: "x1", NotBefore: onDay(2030, 1, 1), NotAfter: onDay(2049, 12, 31)},
			{Subject: "yr", Issuer: "x1", NotBefore: onDay(2035, 1, 1), NotAfter: onDay(2045, 1, 1)},
			{Subject: "yr1", Issuer: "yr", NotBefore: onDay(2035, 1, 1), NotAfter: onDay(2038, 1, 1), Issues: true},
			{Subject: "twin", Issuer: "yr", NotBefore: onDay(2035, 1, 1), NotAfter: onDay(2038, 1, 1), Issues: true},
		})
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

// TestDated: certificates have the dates that they were given, and both
// oracles find the chain good between them, whatever T0 is.
func TestDated(t *testing.T) {
	ca := testCA(t)
	root, err := ca.Certificate("x1/x1")
	if err != nil {
		t.Fatal(err)
	}
	issued := onDay(2036, 1, 1)
	for _, keyType := range keyTypes {
		chain, err := ca.Issue(Order{KeyType: keyType, Issuer: "yr1", Issued: issued, Length: 45 * day}, "yr1/yr", "yr/x1")
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(chain.Sent[0])
		if err != nil {
			t.Fatal(err)
		}
		from := issued.Add(-backdate)
		if to := from.Add(45*day - time.Second); !leaf.NotBefore.Equal(from) || !leaf.NotAfter.Equal(to) {
			t.Errorf("%s: the leaf is valid from %s to %s; want %s to %s", keyType, leaf.NotBefore, leaf.NotAfter, from, to)
		}
		for _, o := range oracles(t) {
			for at, want := range map[time.Time]bool{
				leaf.NotBefore.Add(-time.Second): false, leaf.NotBefore: true, leaf.NotAfter: true, leaf.NotAfter.Add(time.Second): false,
			} {
				a := o.ask(t, question{chain: chain, anchor: root, host: chain.Host, at: at})
				if at.Equal(leaf.NotAfter) && o.name == "openssl" {
					continue // it takes the last second for one too late
				}
				if got := len(a.reasons) == 0; got != want {
					t.Errorf("%s, %s at %s: accepted is %v, %s", keyType, o.name, at, got, a.detail)
				}
			}
		}
	}
}

// TestIssueRenewals: a renewed leaf is another certificate, with another key
// than the one before; issuers may share a key, and are told apart by name.
func TestIssueRenewals(t *testing.T) {
	ca := testCA(t)
	order := Order{KeyType: "rsa", Issuer: "yr1", Issued: onDay(2036, 1, 1), Length: 45 * day}
	var leaves []*x509.Certificate
	for order.Renewal = range 3 {
		order.Issued = order.Issued.Add(30 * day)
		chain, err := ca.Issue(order, "yr1/yr", "yr/x1")
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(chain.Sent[0])
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leaf)
	}
	spki := func(i int) []byte { return leaves[i].RawSubjectPublicKeyInfo }
	if bytes.Equal(spki(0), spki(1)) || bytes.Equal(spki(1), spki(2)) || !bytes.Equal(spki(0), spki(2)) {
		t.Error("keys do not alternate")
	}
	if leaves[0].SerialNumber.Cmp(leaves[2].SerialNumber) == 0 {
		t.Error("two leaves have one serial number")
	}
	root, err := ca.Certificate("x1/x1")
	if err != nil {
		t.Fatal(err)
	}
	order.Issuer = "twin"
	chain, err := ca.Issue(order, "yr1/yr", "yr/x1") // the wrong intermediate, of the same key
	if err != nil {
		t.Fatal(err)
	}
	if a := askGo(t, question{chain: chain, anchor: root, host: chain.Host, at: order.Issued}); len(a.reasons) == 0 {
		t.Error("a leaf was accepted under an intermediate of another name")
	}
}

func TestDatedRefuses(t *testing.T) {
	ca := testCA(t)
	for what, try := range map[string]func() error{
		"certificate a/b is of": func() error {
			_, err := New(onDay(2020, 1, 1), nil).NewCA(nil, []AuthorityCertificate{{Subject: "a", Issuer: "b"}})
			return err
		},
		"RSA keys of 512 bits": func() error {
			_, err := New(onDay(2020, 1, 1), nil).NewCA([]Authority{{Label: "a", RSA: 512}}, nil)
			return err
		},
		"no certificate x9/x1": func() error { _, err := ca.Certificate("x9/x1"); return err },
		"no authority yr9":     func() error { _, err := ca.Issue(Order{KeyType: "rsa", Issuer: "yr9"}); return err },
		"no certificate yr/x9": func() error {
			_, err := ca.Issue(Order{KeyType: "rsa", Issuer: "yr1", Issued: onDay(2036, 1, 1), Length: day}, "yr/x9")
			return err
		},
	} {
		if err := try(); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: the error is %v", what, err)
		}
	}
}
