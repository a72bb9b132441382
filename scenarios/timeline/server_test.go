package timeline

import (
	"context"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"trustrig/servers/pki"
)

// TestRenewals: one chain follows the other; each is good for as long as it
// is presented, under the root that it leads to.
func TestRenewals(t *testing.T) {
	for _, keyType := range []string{"ecdsa", "rsa"} {
		o := Options{From: day(2021, 9, 1), AsOf: day(2026, 11, 23), Server: Server{KeyType: keyType, Seed: 2}}
		r := reckon(t, o)
		drawn := make(map[string]bool)
		for i, s := range r.stretches {
			drawn[s.issuer] = true
			leaf, err := x509.ParseCertificate(s.chain.Sent[0])
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 && !s.from.Equal(r.stretches[i-1].to) {
				t.Errorf("%s: stretch %d begins %s; the one before ends %s", keyType, i, s.from, r.stretches[i-1].to)
			}
			if want := daysAt(s.from); leaf.NotAfter.Sub(leaf.NotBefore) != want-time.Second {
				t.Errorf("%s: the leaf of %s is valid for %v; want %v less a second", keyType, s.from.Format(time.DateOnly), leaf.NotAfter.Sub(leaf.NotBefore), want)
			}
			top, err := x509.ParseCertificate(s.chain.Sent[len(s.chain.Sent)-1])
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range []time.Time{s.from, s.to.Add(-time.Second)} {
				if !accepts(t, s.chain, s.chain.Sent[len(s.chain.Sent)-1], at) {
					t.Errorf("%s: at %s the chain does not lead to its own end, %s", keyType, at, top.Subject.CommonName)
				}
			}
		}
		if want := 40; len(drawn) < want { // R3 and 23 times two, less what chance leaves out
			t.Errorf("%s: %d intermediates issued; want %d or more", keyType, len(drawn), want)
		}
	}
}

// daysAt is the length of leaves as Let's Encrypt announced it on 2025-12-02.
func daysAt(at time.Time) time.Duration {
	switch {
	case at.Before(day(2027, 2, 10)):
		return 90 * 24 * time.Hour
	case at.Before(day(2028, 2, 16)):
		return 64 * 24 * time.Hour
	}
	return 45 * 24 * time.Hour
}

// TestWhole: on every day on which something became known, each phase has its
// certificates, and each certificate its authorities.
func TestWhole(t *testing.T) {
	days := []time.Time{day(2026, 11, 23)}
	for _, p := range phases {
		days = append(days, p.known)
	}
	for _, f := range certificates {
		days = append(days, f.known)
	}
	for _, at := range days {
		cal := asOf(at)
		for _, keyType := range []string{"ecdsa", "rsa"} {
			cal.assume(keyType, day(2051, 1, 1))
		}
		if _, err := cal.found(pki.New(at, nil)); err != nil {
			t.Errorf("as of %s: %v", at.Format(time.DateOnly), err)
		}
		for _, p := range cal.phases {
			for _, id := range p.certificates() {
				if c, ok := cal.certificates[id]; !ok || c.NotBefore.After(p.from) {
					t.Errorf("as of %s, phase %q needs certificate %s, which there is (%v) from %s", at.Format(time.DateOnly), p.name, id, ok, c.NotBefore)
				}
			}
		}
	}
}

// TestSeed: the same seed draws the same intermediates, another one others.
func TestSeed(t *testing.T) {
	issuers := func(seed uint64) (names []string) {
		for _, s := range reckon(t, Options{From: day(2026, 11, 23), Years: 5, Server: Server{Seed: seed}}).stretches {
			names = append(names, s.issuer)
		}
		return names
	}
	a, b, c := issuers(1), issuers(1), issuers(2)
	same := func(x, y []string) bool {
		for i := range x {
			if x[i] != y[i] {
				return false
			}
		}
		return len(x) == len(y)
	}
	if !same(a, b) || same(a, c) {
		t.Errorf("seed 1 drew %v and %v, seed 2 %v", a, b, c)
	}
}

// TestInterrupted: making a timeline ends with its context.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	o := Options{From: day(2026, 11, 23), Years: 1, Verifier: Verifier{"one answer", func(context.Context, Question) (Answer, error) {
		asked++
		cancel()
		return Answer{}, nil
	}}}
	if _, err := Make(ctx, pki.New(o.From, testKeys()), o); !errors.Is(err, context.Canceled) || asked != 1 {
		t.Errorf("%v after %d answers", err, asked)
	}
}
