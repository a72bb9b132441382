package pki

import (
	"bytes"
	"cmp"
	"errors"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"trustrig/harness"
)

var recipeName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*-(ecdsa|rsa)$`)

// TestTable checks the rows against each other.
func TestTable(t *testing.T) {
	rows := make(map[string]Recipe)
	for _, r := range Recipes() {
		if _, twice := rows[r.Name]; twice {
			t.Errorf("two recipes are named %s", r.Name)
		}
		rows[r.Name] = r
	}
	for name, r := range rows {
		if !recipeName.MatchString(name) {
			t.Errorf("%s: not kebab-case with the key type last", name)
		}
		if (r.Twin == "") != (r.Family == "") {
			t.Errorf("%s: a fault has a family, and nothing else has: %q", name, r.Family)
		}
		if r.fatal != (r.Neighbour != "") {
			t.Errorf("%s: a fault that stops CERT_NONE too has a neighbour, and only such a one", name)
		}
		if open := slices.Concat(r.Reasons, r.also); slices.Contains(open, harness.Malformed) && !r.fatal {
			t.Errorf("%s: what may be unreadable stops CERT_NONE too", name)
		}
		if n := rows[r.Neighbour]; r.Neighbour != "" && !acceptedUnder(n, Root) {
			t.Errorf("%s: its neighbour is not accepted under the root", name)
		}
		if r.Is == "" || r.Source == "" || r.Must == "" {
			t.Errorf("%s: a sentence, a source and a result are due", name)
		}
		if (r.good == nil) == (r.fault == nil) || (r.Twin == "") != (r.fault == nil) {
			t.Errorf("%s: either a good chain or a twin and a fault", name)
		}
		if r.Twin != "" && rows[r.Twin].good == nil {
			t.Errorf("%s: its twin %s is no good recipe", name, r.Twin)
		}
		if r.Neighbour != "" && rows[r.Neighbour].Must != harness.Accepted {
			t.Errorf("%s: its neighbour %s must not be accepted", name, r.Neighbour)
		}
		if r.Twin != "" && len(r.Differs) == 0 {
			t.Errorf("%s: it does not say what its fault is", name)
		}
		checkCases(t, r)
	}
}

func acceptedUnder(r Recipe, a Anchor) bool {
	return slices.ContainsFunc(r.Cases, func(c Case) bool {
		return c.sameQuestion(Case{Anchor: a}) && c.Must == harness.Accepted
	})
}

func checkCases(t *testing.T, r Recipe) {
	var asked []Case
	accepts := false
	for _, c := range r.Cases {
		if slices.ContainsFunc(asked, c.sameQuestion) {
			t.Errorf("%s: two cases for anchor %s, host %q", r.Name, c.Anchor, c.Host)
		}
		asked = append(asked, c)
		accepts = accepts || c.Must == harness.Accepted
		switch {
		case c.Why == "" || c.Source == "":
			t.Errorf("%s, anchor %s: a reason and a source are due", r.Name, c.Anchor)
		case c.Must == harness.Rejected && len(c.Reasons)+len(c.Also) == 0:
			t.Errorf("%s, anchor %s: a rejection is expected by its reason", r.Name, c.Anchor)
		case c.Must == harness.Accepted && len(c.Reasons)+len(c.Also) > 0:
			t.Errorf("%s, anchor %s: accepted for reasons %v", r.Name, c.Anchor, c.Reasons)
		case c.Must != harness.Accepted && c.Must != harness.Rejected && c.Must != harness.Either:
			t.Errorf("%s, anchor %s: must be %q", r.Name, c.Anchor, c.Must)
		}
	}
	if r.Twin == "" && !accepts {
		t.Errorf("%s: a good chain that no anchor accepts", r.Name)
	}
}

func TestUnknownRecipe(t *testing.T) {
	_, err := New(testT0, nil).Chain("letsencript-rsa")
	var unknown *UnknownError
	if !errors.As(err, &unknown) || unknown.Nearest[0] != "letsencrypt-rsa" {
		t.Errorf("got %v", err)
	}
	const want = `no recipe "letsencript-rsa"; the nearest are letsencrypt-rsa, `
	if err == nil || !bytes.HasPrefix([]byte(err.Error()), []byte(want)) {
		t.Errorf("got %v, want %s…", err, want)
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"abc", "abc", 0},
	} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

// TestShared: whoever asks when for what, certificates that a fault leaves
// alone are the twin's, and the same chain is made once.
func TestShared(t *testing.T) {
	maker := New(testT0, testKeys(t))
	var wg sync.WaitGroup
	for _, r := range slices.Backward(Recipes()) {
		wg.Go(func() {
			if _, err := maker.Chain(r.Name); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	twin, faulty := mustChain(t, maker, "letsencrypt-ecdsa"), mustChain(t, maker, "expired-leaf-ecdsa")
	if again := mustChain(t, maker, "letsencrypt-ecdsa"); again != twin {
		t.Error("a chain was made twice")
	}
	if bytes.Equal(twin.Sent[0], faulty.Sent[0]) {
		t.Error("the expired leaf is the good one")
	}
	if !slices.EqualFunc(twin.Sent[1:], faulty.Sent[1:], bytes.Equal) {
		t.Error("certificates that are not at fault differ from the twin's")
	}
}

// TestGoodOnce: what has expired was accepted until it did, and what is good
// is so for a day before and after T0.
func TestGoodOnce(t *testing.T) {
	maker := New(testT0, testKeys(t))
	for _, r := range Recipes() {
		chain := mustChain(t, maker, r.Name)
		var moments []time.Duration
		switch {
		case r.Twin == "":
			moments = []time.Duration{-day, day}
		case slices.Equal(r.Reasons, []harness.Reason{harness.Expired}) && r.good == nil:
			moments = []time.Duration{-day - time.Second}
		}
		i := slices.IndexFunc(maker.recipes[goodOf(r)].Cases, func(c Case) bool { return c.Must == harness.Accepted })
		for _, d := range moments {
			anchor := maker.recipes[goodOf(r)].Cases[i].Anchor
			if a := askGo(t, question{chain, chain.Anchors[anchor], chain.Host, chain.T0.Add(d)}); a.result() != harness.Accepted {
				t.Errorf("%s under %s at T0%+v: %s", r.Name, anchor, d, a.detail)
			}
		}
	}
}

func goodOf(r Recipe) string {
	if r.Twin != "" {
		return r.Twin
	}
	return r.Name
}

// TestAnyT0: nothing depends on the year, the time of day or the zone of T0.
func TestAnyT0(t *testing.T) {
	keys := testKeys(t)
	east := time.FixedZone("UTC+14", 14*60*60)
	for _, t0 := range []time.Time{
		time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC),
		time.Date(2027, 12, 31, 23, 59, 59, 999999999, time.UTC),
		time.Date(2027, 1, 1, 3, 0, 0, 0, east),
		time.Date(2041, 8, 31, 12, 0, 0, 0, time.UTC),
	} {
		maker := New(t0, keys)
		for _, r := range Recipes() {
			if r.Twin != "" {
				continue
			}
			chain := mustChain(t, maker, r.Name)
			for _, c := range r.Cases {
				at, err := chain.When(c.At)
				if err != nil {
					t.Fatal(err)
				}
				q := question{chain, chain.Anchors[c.Anchor], cmp.Or(c.Host, chain.Host), at}
				if a := askGo(t, q); !agrees(c, a) {
					t.Errorf("T0 %v, %s, anchor %s: %v %s", t0, r.Name, c.Anchor, a.reasons, a.detail)
				}
			}
		}
	}
}

// BenchmarkAll is the cost of all chains with the keys at hand.
func BenchmarkAll(b *testing.B) {
	keys := NewKeys("")
	all := func() {
		maker := New(testT0, keys)
		for _, r := range Recipes() {
			if _, err := maker.Chain(r.Name); err != nil {
				b.Fatal(err)
			}
		}
	}
	all() // generates the keys
	for b.Loop() {
		all()
	}
}
