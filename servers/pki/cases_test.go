package pki

import (
	"path"
	"slices"
	"testing"
	"time"

	"trustrig/harness"
)

// testTimeout bounds one call of openssl.
const testTimeout = 20 * time.Second

// testT0 is some instant. No test depends on which, nor on the clock.
var testT0 = time.Date(2026, 11, 23, 15, 4, 5, 0, time.UTC)

// A departure is a known disagreement of an oracle with what must happen.
type departure struct {
	oracle  string
	recipe  string // path.Match's patterns
	anchor  string
	host    string
	says    harness.Result
	because string
}

var departures = []departure{
	{"openssl", "cn-only-*", "*", "", harness.Accepted,
		"without a dNSName it takes the common name, as RFC 6125 6.4.4 let it; RFC 9525 2 does not"},
	{"openssl", "cn-beside-mail-*", "*", "", harness.Accepted, "the same: a mail address is no dNSName"},
	{"openssl", "empty-san-*", "*", "", harness.Accepted, "the same: an empty list has no dNSName"},
	{"openssl", "ip-for-name-*", "*", "", harness.Accepted, "the same: an address is no dNSName"},
	{"openssl", "wildcard-front-*", "*", "", harness.Accepted,
		"partial wildcards match by default (X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS is off), as RFC 6125 6.4.3 let them"},
	{"openssl", "wildcard-end-*", "*", "", harness.Accepted, "the same"},
	{"go", "ip-v4-mapped-*", "*", "", harness.Accepted, "net.IP.Equal takes an IPv4 address and its mapped form as equal"},
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
		q := question{chain: chain, anchor: chain.Anchors[c.Anchor], host: c.Host}
		if q.host == "" {
			q.host = chain.Host
		}
		if q.anchor == nil && c.Anchor != None {
			t.Fatalf("the chain has no anchor %q", c.Anchor)
		}
		for _, o := range judges {
			a := o.ask(t, q)
			i := slices.IndexFunc(departures, func(d departure) bool { return d.covers(o.name, r, c) })
			switch {
			case agrees(c, a):
			case i >= 0 && departures[i].says == a.result():
				seen = append(seen, i)
			default:
				t.Errorf("anchor %s, host %q: must be %s %v (%s); %s says %s %v: %s",
					c.Anchor, q.host, c.Must, c.Reasons, c.Source, o.name, a.result(), a.reasons, a.detail)
			}
		}
	}
	return seen
}

func (d departure) covers(oracle string, r Recipe, c Case) bool {
	match := func(pattern, name string) bool { ok, _ := path.Match(pattern, name); return ok }
	return d.oracle == oracle && match(d.recipe, r.Name) && match(d.anchor, string(c.Anchor)) && d.host == c.Host
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
		if !slices.Contains(c.Reasons, reason) && !slices.Contains(c.Also, reason) {
			return false
		}
	}
	return true
}
