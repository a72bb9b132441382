package timeline

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestAsk: a second verifier is asked on both sides of each edge, and found to
// depart where it does, and nowhere else.
func TestAsk(t *testing.T) {
	made := mustMake(t, Options{From: day(2021, 9, 1), Years: 1, Server: Server{KeyType: "rsa"}})
	if err := made.Ask(t.Context(), Go()); err != nil || len(made.Second.Departures) > 0 {
		t.Errorf("the same verifier departs: %+v, %v", made.Second, err)
	}
	// Each of four cameras at its first and last second; two outages have an
	// edge within.
	if want := 4*2 + 2*2; made.Second.Asked != want {
		t.Errorf("asked %d times, want %d", made.Second.Asked, want)
	}
	if err := made.Ask(t.Context(), GoUndated()); err != nil {
		t.Fatal(err)
	}
	ends := clock(day(2021, 9, 30), 14, 1, 15)
	got := made.Second.Departures
	if len(got) != 2 || got[0].Anchor != "root-dst" || !got[0].Accepts || !got[0].At.Equal(ends.Add(time.Second)) || got[0].Open() {
		t.Errorf("a verifier that does not mind an anchor's dates departs at %+v", got)
	}
	var b strings.Builder
	if err := WriteText(&b, []*Timeline{made}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"departs at 2\n", "root-dst      2021-09-30 14:01:16  accepts\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// TestAskOtherClock: a verifier whose clock stands still is found out, even
// where it happens to say the right thing.
func TestAskOtherClock(t *testing.T) {
	made := mustMake(t, Options{From: day(2026, 11, 23), Years: 1, Server: Server{KeyType: "rsa"}, Anchors: []string{"root"}})
	still := Verifier{"a clock that stands still", func(_ context.Context, q Question) (Answer, error) {
		q.At = q.Chain.T0
		return q.ask(false)
	}}
	if err := made.Ask(t.Context(), still); !errors.Is(err, ErrOtherClock) {
		t.Errorf("the error is %v", err)
	}
}

// TestAskRefused: a clock that ends in 2030 is no departure, and no agreement.
func TestAskRefused(t *testing.T) {
	made := mustMake(t, Options{From: day(2026, 11, 23), Years: 10, Server: Server{KeyType: "rsa"}, Anchors: []string{"root"}})
	short := Verifier{"a clock until 2030", func(_ context.Context, q Question) (Answer, error) {
		if q.At.After(day(2030, 1, 1)) {
			return Answer{}, ErrNoSuchTime
		}
		return q.ask(false)
	}}
	if err := made.Ask(t.Context(), short); err != nil {
		t.Fatal(err)
	}
	if s := made.Second; s.Asked != 1 || len(s.Refused) != 3 || len(s.Departures) != 0 {
		t.Errorf("asked %d times, refused %v, departures %v; want 1, 3 and none", s.Asked, s.Refused, s.Departures)
	}
	trouble := errors.New("trouble")
	if err := made.Ask(t.Context(), Verifier{"", func(context.Context, Question) (Answer, error) { return Answer{}, trouble }}); !errors.Is(err, trouble) {
		t.Errorf("the error is %v", err)
	}
}
