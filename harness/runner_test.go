package harness_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"trustrig/harness"
)

// rehearsal is a stage and a client without server or device: what each
// scenario brings is a table, and who was asked is remembered.
type rehearsal struct {
	outcomes map[string]harness.Outcome
	seen     map[string]harness.Sighting // Received "nonce" stands for the true one
	probeErr map[string]error
	openErr  map[string]error
	asked    []string
	atLeast  []int
	closed   int
	nonce    string // what the device was last told to send
}

type rehearsed struct {
	r    *rehearsal
	name string
}

func (r *rehearsal) Open(_ context.Context, s harness.Scenario) (harness.Endpoint, harness.Anchors, error) {
	if err := r.openErr[s.Name]; err != nil {
		return nil, harness.Anchors{}, err
	}
	return &rehearsed{r: r, name: s.Name}, harness.Anchors{}, nil
}

func (r *rehearsal) Clock(context.Context, harness.Scenario) (harness.Clock, error) {
	return harness.Clock{}, nil
}

func (e *rehearsed) Addr() netip.AddrPort { return netip.MustParseAddrPort("127.0.0.1:1") }

func (e *rehearsed) Close(_ context.Context, atLeast int) ([]harness.Sighting, error) {
	e.r.closed++
	e.r.atLeast = append(e.r.atLeast, atLeast)
	s, ok := e.r.seen[e.name]
	if !ok {
		return nil, nil
	}
	if s.Received == "nonce" {
		s.Received = e.r.nonce
	}
	return []harness.Sighting{s}, nil
}

func (r *rehearsal) Probe(_ context.Context, s harness.Scenario, t harness.Target) (harness.Outcome, error) {
	r.asked = append(r.asked, s.Name)
	r.nonce = t.Nonce
	return r.outcomes[s.Name], r.probeErr[s.Name]
}

func scenario(name string, result harness.Result, controls ...string) harness.Scenario {
	s := harness.Scenario{Name: name, Expect: harness.Expect{Result: result, Reasons: []harness.Reason{harness.Expired}}}
	for _, c := range controls {
		s.Controls = append(s.Controls, harness.Control{Name: c, Shows: "so"})
	}
	return s
}

func TestRunner(t *testing.T) {
	good, goodSeen := accepted()
	bad, badSeen := rejected()
	goodSeen.SNI, badSeen.SNI, goodSeen.Received = "", "", "nonce"
	good.VerifyMode, bad.VerifyMode = nil, nil
	catalogue := []harness.Scenario{
		scenario("good", harness.Accepted, "bad"),
		scenario("bad", harness.Rejected, "good", "good/none"),
		scenario("good/none", harness.Accepted, "bad"),
		scenario("lonely", harness.Rejected, "nowhere"),
		scenario("no server", harness.Accepted),
	}
	r := &rehearsal{
		outcomes: map[string]harness.Outcome{"good": good, "good/none": good, "bad": bad, "lonely": bad},
		seen:     map[string]harness.Sighting{"good": *goodSeen, "good/none": *goodSeen, "bad": *badSeen, "lonely": *badSeen},
		openErr:  map[string]error{"no server": errors.New("no port left")},
	}
	runner := harness.NewRunner(r, r, catalogue)
	want := map[string]harness.Verdict{
		"good": harness.Pass, "bad": harness.Pass, "good/none": harness.Pass,
		"lonely": harness.Inconclusive, "no server": harness.Inconclusive,
	}
	for _, s := range catalogue {
		rec, err := runner.Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if rec.Verdict != want[s.Name] {
			t.Errorf("%s: %s (%s), want %s", s.Name, rec.Verdict, rec.Why, want[s.Name])
		}
	}
	slices.Sort(r.asked)
	if asked := []string{"bad", "good", "good/none", "lonely"}; !slices.Equal(r.asked, asked) {
		t.Errorf("the device was asked for %v, want each once: %v", r.asked, asked)
	}
	if r.closed != len(r.asked) {
		t.Errorf("%d endpoints closed, %d were opened", r.closed, len(r.asked))
	}
	if slices.Contains(r.atLeast, 0) {
		t.Errorf("sightings asked for at least %v connections; the device said each time that it had one", r.atLeast)
	}
}

func TestRunnerStopsAskingALostDevice(t *testing.T) {
	lost := fmt.Errorf("port /dev/ttyACM0: %w", harness.ErrDeviceLost)
	r := &rehearsal{probeErr: map[string]error{"first": lost}}
	catalogue := []harness.Scenario{scenario("first", harness.Accepted), scenario("second", harness.Accepted)}
	runner := harness.NewRunner(r, r, catalogue)
	for _, s := range catalogue {
		rec, err := runner.Run(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if rec.Verdict != harness.Inconclusive {
			t.Errorf("%s: %s, want inconclusive", s.Name, rec.Verdict)
		}
	}
	if len(r.asked) != 1 {
		t.Errorf("the device was asked for %v after it was lost", r.asked)
	}
}

func TestRunnerInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := scenario("good", harness.Accepted)
	r := &rehearsal{}
	if _, err := harness.NewRunner(r, r, []harness.Scenario{s}).Run(ctx, s); !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v, want context.Canceled", err)
	}
}
