package pki

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"trustrig/harness"
)

// testTimeout bounds one call of openssl.
const testTimeout = 20 * time.Second

// testT0 is some instant. No test depends on which, nor on the clock.
var testT0 = time.Date(2026, 11, 23, 15, 4, 5, 0, time.UTC)

// t0 is when most cases are asked for.
var t0 = Instant{}

// A departure is a known disagreement of an oracle with what must happen.
type departure struct {
	oracle  string
	recipe  string // path.Match's patterns
	anchor  string
	host    string
	at      Instant
	says    harness.Result
	because string
}

var departures = []departure{
	{"openssl", "plain-*", "root", "", Instant{"", NotAfter, 0}, harness.Rejected,
		"X509_cmp_time calls an equal time earlier, so that the last second does not count"},
	{"openssl", "ends-*", "root", "", Instant{"", NotAfter, 0}, harness.Rejected, "the same"},
	{"openssl", "edges-intermediate-*", "root", "", Instant{Intermediate, NotAfter, 0}, harness.Rejected, "the same"},
	{"openssl", "edges-anchor-*", "root", "", Instant{Root, NotAfter, 0}, harness.Rejected, "the same"},
	{"go", "key-usage-*", "root", "", t0, harness.Accepted, "a leaf's keyUsage is crypto/tls's business, which looks when it picks a signature"},
	{"openssl", "key-usage-encipherment-*", "root", "", t0, harness.Accepted,
		"the purpose sslserver takes signing, key encipherment or key agreement; which of them is up to the cipher suite"},
	{"go", "rsa-1024-*", "root", "", t0, harness.Accepted, "it sets a limit of 1024 bits, no policy of its own"},
	{"go", "rsa-2047-*", "root", "", t0, harness.Accepted, "the same"},
	{"openssl", "rsa-2047-*", "root", "", t0, harness.Accepted, "security level 2 asks for 112 bits of security, and rounds 2047 up to that"},
	{"go", "issuer-in-*", "root", "", t0, harness.Rejected, "it compares names octet by octet, as RFC 3280 let it"},
	{"openssl", "version-4-*", "root", "", t0, harness.Accepted, "it takes any version that has the fields"},
	{"openssl", "indefinite-length-*", "root", "", t0, harness.Accepted, "its decoder reads BER, and checks the signature over the octets as they came"},
	{"openssl", "san-twice-*", "root", "", t0, harness.Rejected,
		"an extension that is there twice spoils the certificate's flags, and then it finds no issuer for it"},
	{"openssl", "ca-trailing-bytes-*", "root", "", t0, harness.Accepted, "it reads the SEQUENCE and not what follows in the OCTET STRING"},
	{"go", "ca-trailing-bytes-*", "root", "", t0, harness.Accepted, "the same"},
	{"go", "ca-trailing-data-*", "root", "", t0, harness.Accepted, "it does not look behind the last element that it knows"},
	{"openssl", "key-usage-empty-*", "root", "", t0, harness.Rejected,
		"a keyUsage without a bit spoils the certificate's flags, as a repeated extension does"},
	{"go", "ext-key-usage-empty-*", "root", "", t0, harness.Accepted, "an empty list of purposes is to it as none"},
	{"openssl", "policy-required-violated-*", "root", "", t0, harness.Accepted, "it looks at policies with -policy_check alone"},
	{"go", "constraint-minimum-*", "root", "", t0, harness.Accepted,
		"it reads a subtree's base and not what follows: https://github.com/golang/go/issues/81499"},
	{"openssl", "cn-only-*", "*", "", t0, harness.Accepted,
		"without a dNSName it takes the common name, as RFC 6125 6.4.4 let it; RFC 9525 2 does not"},
	{"openssl", "cn-beside-mail-*", "*", "", t0, harness.Accepted, "the same: a mail address is no dNSName"},
	{"openssl", "empty-san-*", "*", "", t0, harness.Accepted, "the same: an empty list has no dNSName"},
	{"openssl", "wildcard-front-*", "*", "", t0, harness.Accepted,
		"partial wildcards match by default (X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS is off), as RFC 6125 6.4.3 let them"},
	{"openssl", "wildcard-end-*", "*", "", t0, harness.Accepted, "the same"},
	{"go", "ip-v4-mapped-*", "*", "", t0, harness.Accepted, "net.IP.Equal takes an IPv4 address and its mapped form as equal"},
}

// TestOracles puts every case of every recipe to both oracles.
func TestOracles(t *testing.T) {
	maker := New(testT0, testKeys(t))
	judges := oracles(t)
	used := make([]bool, len(departures))
	seen := make(chan int, 1024)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range seen {
			used[i] = true
		}
	}()
	t.Run("recipe", func(t *testing.T) {
		for _, r := range Recipes() {
			t.Run(r.Name, func(t *testing.T) {
				t.Parallel()
				for _, i := range judgeRecipe(t, maker, judges, r) {
					seen <- i
				}
			})
		}
	})
	close(seen)
	<-done
	for i, d := range departures {
		if !used[i] && !t.Failed() {
			t.Errorf("stale: no oracle departs as in %+v: remove the line", d)
		}
	}
}

// judgeRecipe returns the indices of the departures that were seen.
func judgeRecipe(t *testing.T, maker *Maker, judges []oracle, r Recipe) (seen []int) {
	chain, err := maker.Chain(r.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Cases {
		at, err := chain.When(c.At)
		if err != nil {
			t.Fatal(err)
		}
		q := question{chain, chain.Anchors[c.Anchor], cmp.Or(c.Host, chain.Host), at}
		if q.anchor == nil && c.Anchor != None {
			t.Fatalf("the chain has no anchor %q", c.Anchor)
		}
		for _, o := range judges {
			a := o.ask(t, q)
			if r.OnWire {
				if a.result() != harness.Accepted {
					t.Errorf("anchor %s: the certificates alone are good, and %s says %s", c.Anchor, o.name, a.detail)
				}
				continue
			}
			i := slices.IndexFunc(departures, func(d departure) bool { return d.covers(o.name, r, c) })
			switch {
			case agrees(c, a):
			case i >= 0 && departures[i].says == a.result():
				seen = append(seen, i)
			default:
				t.Errorf("anchor %s, host %q, at %v: must be %s %v (%s); %s says %s %v: %s",
					c.Anchor, q.host, q.at, c.Must, c.Reasons, c.Source, o.name, a.result(), a.reasons, a.detail)
			}
		}
	}
	return seen
}

func (d departure) covers(oracle string, r Recipe, c Case) bool {
	match := func(pattern, name string) bool { ok, _ := path.Match(pattern, name); return ok }
	return d.oracle == oracle && match(d.recipe, r.Name) && match(d.anchor, string(c.Anchor)) && d.host == c.Host && d.at == c.At
}

// agrees reports whether an oracle's answer is the one that must be. An
// oracle need not give all reasons, but only such as are expected.
func agrees(c Case, a answer) bool {
	if c.Must == harness.Either {
		return true
	}
	if a.result() != c.Must {
		return false
	}
	if c.Anchor == None {
		return true // an oracle has no word for an empty store, and may find the fault first
	}
	for _, reason := range a.reasons {
		if !slices.ContainsFunc(slices.Concat(c.Reasons, c.Also), func(w harness.Reason) bool { return sameReason(reason, w) }) {
			return false
		}
	}
	return true
}

// sameReason compares reasons, where an oracle has one word for either usage.
func sameReason(got, want harness.Reason) bool {
	return got == want || got == harness.UsageUnspecified && (want == harness.KeyUsage || want == harness.ExtKeyUsage)
}

// wellMade are recipes whose result is open though nothing in them is
// malformed: an oracle that knows what they use accepts them, or the fault is
// not the declared one but a mistake in the making.
var wellMade = []struct{ recipe, oracles string }{
	{"reversed-ecdsa", "go openssl"},
	{"duplicate-*", "go openssl"},
	{"unrelated-*", "go openssl"},
	{"fake-root-*", "go openssl"},
	{"cross-sign-first-ecdsa", "go"}, // OpenSSL takes the first issuer that fits, and no other
	{"cross-sign-last-ecdsa", "go openssl"},
	{"depth-9-ecdsa", "go openssl"},
	{"depth-10-ecdsa", "go openssl"},
	{"misleading-key-id-ecdsa", "go"}, // OpenSSL goes by the identifier
	{"pss-*", "go openssl"},
	{"rsa-8192-*", "go openssl"},
	{"p-224-*", "go openssl"},
	{"p-521-*", "go openssl"},
	{"secp256k1-*", "openssl"},
	{"brainpool-*", "openssl"},
	{"ed25519-*", "go openssl"},
	{"ca-as-server-ecdsa", "go openssl"},
	{"ca-false-anchor-ecdsa", ""},
	{"v1-anchor-ecdsa", "go openssl"},
	{"san-trailing-dot-ecdsa", ""},
	{"wildcard-public-suffix-ecdsa", "go"}, // OpenSSL wants two labels behind the wildcard
	{"must-staple-ecdsa", "go openssl"},
	{"chain-17k-ecdsa", "go openssl"},
	{"serial-zero-ecdsa", "go openssl"},
	{"serial-21-octets-ecdsa", "go openssl"},
	{"signed-by-self-signed-ca-*", "go openssl"},
	{"constraint-critical-permitted-kept-*", "go openssl"},
	{"constraint-critical-excluded-kept-*", "go openssl"},
	{"constraint-critical-directory-kept-*", "openssl"},
	{"critical-policies-*", "go openssl"},
	{"critical-crl-points-*", "go openssl"},
	{"critical-key-id-*", ""}, // both refuse it for its mark
	{"critical-authority-info-*", ""},
	{"policy-required-kept-*", "go openssl"},
	{"inhibit-any-policy-*", "go openssl"},
	{"unique-ids-*", "go openssl"},
	{"san-empty-name-*", "go openssl"},
	{"any-ext-key-usage-ecdsa", "go"}, // OpenSSL's purpose wants the purpose by name
}

// TestEitherIsWellMade asks the oracles about them.
func TestEitherIsWellMade(t *testing.T) {
	maker := New(testT0, testKeys(t))
	judges := oracles(t)
	for _, w := range wellMade {
		found := false
		for _, r := range Recipes() {
			if ok, _ := path.Match(w.recipe, r.Name); !ok {
				continue
			}
			i := slices.IndexFunc(r.Cases, func(c Case) bool { return c.Must == harness.Either })
			if i < 0 {
				t.Errorf("%s: no case is open", r.Name)
				continue
			}
			found = true
			chain := mustChain(t, maker, r.Name)
			for _, o := range judges {
				a := o.ask(t, question{chain, chain.Anchors[r.Cases[i].Anchor], chain.Host, chain.T0})
				if knows := slices.Contains(strings.Fields(w.oracles), o.name); knows != (a.result() == harness.Accepted) {
					t.Errorf("%s: %s says %s %s", r.Name, o.name, a.result(), a.detail)
				}
			}
		}
		if !found {
			t.Errorf("stale: no recipe %s", w.recipe)
		}
	}
}

// TestPolicyAlone: what policy alone must refuse is right in all else, so that
// OpenSSL takes it at security level 0, which refuses nothing.
func TestPolicyAlone(t *testing.T) {
	maker := New(testT0, testKeys(t))
	openssl := findOpenSSL(t)
	for _, pattern := range []string{"p-192-*", "rsa-1024-*", "rsa-2047-*", "sha1-*", "md5-*"} {
		tried := 0
		for _, r := range Recipes() {
			if ok, _ := path.Match(pattern, r.Name); !ok {
				continue
			}
			tried++
			chain := mustChain(t, maker, r.Name)
			if a := askOpenSSL(t, openssl, "0", question{chain, chain.Anchors[Root], chain.Host, chain.T0}); a.result() != harness.Accepted {
				t.Errorf("%s: %s", r.Name, a.detail)
			}
		}
		if tried == 0 {
			t.Errorf("stale: no recipe %s", pattern)
		}
	}
}
