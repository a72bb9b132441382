package scenarios

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"trustrig/firmware/cache"
	"trustrig/harness"
	"trustrig/scenarios/timeline"
	"trustrig/servers/pki"
)

func testMaker(t *testing.T, t0 time.Time) *pki.Maker {
	t.Helper()
	store, err := cache.Open()
	if err != nil {
		t.Fatal(err)
	}
	return pki.New(t0, pki.NewKeys(filepath.Join(store.Dir(), "keys")))
}

// TestAsk: the camera answers for a chain, an anchor and a time.
func TestAsk(t *testing.T) {
	s := session(t, Options{Servers: "inprocess"})
	now := time.Now().UTC().Truncate(time.Second)
	chain, err := testMaker(t, now).Chain(goodRecipe)
	if err != nil {
		t.Fatal(err)
	}
	asker := s.Asker()
	for anchor, want := range map[pki.Anchor]harness.Reason{pki.Root: "", pki.LookAlike: harness.NotTrusted, pki.Intermediate: ""} {
		o, err := asker.Ask(t.Context(), chain, chain.Anchors[anchor], now)
		if err != nil || o.Reason != want {
			t.Errorf("anchor %s: %s %q, %v; want the reason %q", anchor, o.Result, o.Reason, err, want)
		}
	}
	if err := asker.RightClock(t.Context()); err != nil {
		t.Fatal(err)
	}
	if at, err := s.camera.Clock(t.Context()); err != nil || time.Since(at).Abs() > 3*time.Second {
		t.Errorf("the camera's clock is left at %s, %v", at, err)
	}
}

// TestTimelineOnCamera: the camera judges a timeline's moments as crypto/x509
// does: the end of DST Root CA X3 to the second, the years to 2035 by the
// calendar of today. A pinned leaf alone it may refuse.
func TestTimelineOnCamera(t *testing.T) {
	s := session(t, Options{Servers: "inprocess"})
	if !slices.Contains(s.device.Capabilities, "clock") {
		t.Skip("the camera has no clock of its own: see firmware.Surroundings.Lacks")
	}
	asker := s.Asker()
	camera := timeline.Verifier{Name: asker.Device(), Verify: func(ctx context.Context, q timeline.Question) (timeline.Answer, error) {
		o, err := asker.Ask(ctx, q.Chain, q.Anchor, q.At)
		return timeline.Answer{Reason: o.Reason, Detail: o.Detail}, err
	}}
	for _, o := range []timeline.Options{
		{From: time.Date(2021, 9, 1, 0, 0, 0, 0, time.UTC), Years: 1, Server: timeline.Server{KeyType: "rsa"}},
		{From: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Years: 9, Server: timeline.Server{KeyType: "ecdsa"}},
	} {
		made, err := timeline.Make(t.Context(), testMaker(t, o.From), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := made.Ask(t.Context(), camera); err != nil {
			t.Fatal(err)
		}
		if made.Second.Asked < 12 {
			t.Errorf("asked at %d moments, want 12 or more", made.Second.Asked)
		}
		for _, d := range made.Second.Departures {
			if !d.Open() {
				t.Errorf("it departs: %+v", d)
			}
		}
	}
}
