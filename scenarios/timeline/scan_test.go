package timeline

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"trustrig/servers/pki"
)

// testKeys are kept between tests where a cache folder is to be had.
func testKeys() *pki.Keys {
	dir := os.Getenv("TRUSTRIG_CACHE")
	if dir == "" {
		if cache, err := os.UserCacheDir(); err == nil {
			dir = filepath.Join(cache, "trustrig")
		}
	}
	if dir == "" {
		return pki.NewKeys("")
	}
	return pki.NewKeys(filepath.Join(dir, "keys"))
}

func mustMake(t *testing.T, o Options) *Timeline {
	t.Helper()
	made, err := Make(t.Context(), pki.New(o.From, testKeys()), o)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// A reckoning is what the same server presents and the same cameras hold,
// for judging them without the walk.
type reckoning struct {
	stretches []stretch
	anchors   []anchor
}

func reckon(t *testing.T, o Options) reckoning {
	t.Helper()
	o.complete()
	to := o.From.AddDate(o.Years, 0, 0)
	cal := asOf(o.AsOf)
	cal.assume(o.Server.KeyType, to)
	ca, err := cal.found(pki.New(o.From, testKeys()))
	if err != nil {
		t.Fatal(err)
	}
	stretches, err := serve(t.Context(), cal, ca, o.Server, o.From, to)
	if err != nil {
		t.Fatal(err)
	}
	anchors, err := cal.anchors(ca, stretches[0], o)
	if err != nil {
		t.Fatal(err)
	}
	return reckoning{stretches, anchors}
}

// accepts asks crypto/x509 directly.
func accepts(t *testing.T, chain *pki.Chain, anchorDER []byte, at time.Time) bool {
	t.Helper()
	return judge(t, chain, anchorDER)(at)
}

// judge parses once what is asked about at many times.
func judge(t *testing.T, chain *pki.Chain, anchorDER []byte) func(time.Time) bool {
	t.Helper()
	pool := func(ders ...[]byte) (*x509.CertPool, []*x509.Certificate) {
		p, list := x509.NewCertPool(), []*x509.Certificate(nil)
		for _, der := range ders {
			c, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			p.AddCert(c)
			list = append(list, c)
		}
		return p, list
	}
	roots, _ := pool(anchorDER)
	sent, list := pool(chain.Sent...)
	return func(at time.Time) bool {
		_, err := list[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: sent, CurrentTime: at, DNSName: chain.Host})
		return err == nil
	}
}

// out reports whether the timeline has an outage then.
func (c *Camera) out(at time.Time) bool {
	for _, o := range c.Outages {
		if !at.Before(o.From) && (o.To.IsZero() || at.Before(o.To)) {
			return true
		}
	}
	return false
}

// TestEveryDay holds timelines against crypto/x509, asked at noon of each
// day, or of each step-th and those around each outage's edge: signatures
// with P-384 cost ten times as much as those with RSA.
func TestEveryDay(t *testing.T) {
	for _, row := range []struct {
		step int
		Options
	}{
		{1, Options{From: day(2026, 11, 23), Server: Server{KeyType: "rsa", Seed: 1}}},
		{15, Options{From: day(2026, 11, 23), Server: Server{KeyType: "rsa", Seed: 7}}},
		{40, Options{From: day(2026, 11, 23), Server: Server{KeyType: "ecdsa", Seed: 3}}},
		{15, Options{From: day(2021, 9, 1), AsOf: day(2026, 11, 23), Server: Server{KeyType: "rsa", Seed: 1}}},
		{3, Options{From: day(2023, 9, 1), AsOf: day(2026, 11, 23), Years: 4, Server: Server{KeyType: "rsa", Seed: 1, Practice: ByHand}}},
	} {
		t.Run(fmt.Sprintf("%s-%s-%d", row.Server.KeyType, row.From.Format(time.DateOnly), row.Server.Seed), func(t *testing.T) {
			t.Parallel()
			made, r := mustMake(t, row.Options), reckon(t, row.Options)
			if len(made.Cameras) != len(r.anchors) || len(r.anchors) < 3 {
				t.Fatalf("%d cameras, %d anchors; want the same, 3 or more", len(made.Cameras), len(r.anchors))
			}
			for i, a := range r.anchors {
				scan(t, row.step, &made.Cameras[i], a, r.stretches)
			}
		})
	}
}

func scan(t *testing.T, step int, c *Camera, a anchor, stretches []stretch) {
	t.Helper()
	days, connected := 0, 0
	for _, s := range stretches {
		accepts := judge(t, s.chain, a.der)
		for at := s.from.Truncate(24 * time.Hour).Add(12 * time.Hour); at.Before(s.to); at = at.Add(24 * time.Hour) {
			if days++; at.Before(s.from) || days%step != 0 && !c.nearEdge(at) {
				continue
			}
			is := accepts(at)
			if is == c.out(at) {
				t.Errorf("anchor %s on %s: crypto/x509 accepts is %v; outages %v", a.name, at.Format(time.DateOnly), is, c.Outages)
				return
			}
			if is {
				connected++
			}
		}
	}
	if connected == 0 {
		t.Errorf("anchor %s never connects", a.name)
	}
}

func (c *Camera) nearEdge(at time.Time) bool {
	for _, o := range c.Outages {
		if at.Sub(o.From).Abs() < 72*time.Hour || at.Sub(o.To).Abs() < 72*time.Hour {
			return true
		}
	}
	return false
}

// TestEdges: each outage begins and ends in the second that it names.
func TestEdges(t *testing.T) {
	for _, keyType := range []string{"ecdsa", "rsa"} {
		o := Options{From: day(2021, 9, 1), AsOf: day(2026, 11, 23), Years: 12, Server: Server{KeyType: keyType, Seed: 5}}
		made, r := mustMake(t, o), reckon(t, o)
		present := func(at time.Time) *pki.Chain {
			for _, s := range r.stretches {
				if !at.Before(s.from) && at.Before(s.to) {
					return s.chain
				}
			}
			t.Fatalf("no chain at %s", at)
			return nil
		}
		edges := 0
		for i, c := range made.Cameras {
			for _, outage := range c.Outages {
				for at, want := range map[time.Time]bool{
					outage.From.Add(-time.Second): true, outage.From: false,
					outage.To.Add(-time.Second): false, outage.To: true,
				} {
					if at.Before(made.From) {
						continue // no To, or an outage from the start
					}
					edges++
					if got := accepts(t, present(at), r.anchors[i].der, at); got != want {
						t.Errorf("%s, anchor %s at %s: crypto/x509 accepts is %v", keyType, c.Anchor, at.Format(time.DateTime), got)
					}
				}
			}
		}
		if edges < 10 {
			t.Errorf("%s: %d edges were looked at", keyType, edges)
		}
	}
}

// TestFirstOutages: what the announced dates alone say of a camera that was
// set up on 2026-11-23, whoever issues which leaf.
func TestFirstOutages(t *testing.T) {
	crossSigns := lastSecond(2032, 9, 2)
	for seed := range uint64(3) {
		for _, keyType := range []string{"ecdsa", "rsa"} {
			made := mustMake(t, Options{From: day(2026, 11, 23), Years: 7, Server: Server{KeyType: keyType, Seed: seed}})
			first := make(map[string]time.Time)
			for _, c := range made.Cameras {
				if len(c.Outages) > 0 {
					first[c.Anchor] = c.Outages[0].From
				}
			}
			// A leaf of 45 days that is renewed after 30 goes without the
			// cross-signs at one of the renewals in the 45 days before they end.
			if at := first["root"]; at.Before(crossSigns.AddDate(0, 0, -45)) || at.After(crossSigns.AddDate(0, 0, -14)) {
				t.Errorf("%s, seed %d: the camera with X1 stops %s", keyType, seed, at)
			}
			if at := first["leaf"]; !at.Equal(day(2026, 11, 23).AddDate(0, 0, 60)) {
				t.Errorf("%s, seed %d: the camera with the leaf stops %s; want the first renewal, after 60 days", keyType, seed, at)
			}
			if at := first["intermediate"]; at.Before(first["leaf"]) || at.After(day(2027, 5, 13).AddDate(0, 0, 43)) {
				t.Errorf("%s, seed %d: the camera with the intermediate stops %s; want a renewal by the first after 2027-05-13", keyType, seed, at)
			}
			own := map[string]string{"ecdsa": "root-ye", "rsa": "root-yr"}[keyType]
			if at, ok := first[own]; ok {
				t.Errorf("%s, seed %d: the camera with %s stops %s", keyType, seed, own, at)
			}
		}
	}
}
