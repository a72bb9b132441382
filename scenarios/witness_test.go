package scenarios

import (
	"context"
	"errors"
	"os"
	"testing"

	"trustrig/harness"
	"trustrig/servers"
)

// session opens a session for a test, apart from the flags' own.
func session(t *testing.T, o Options) *Session {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func named(t *testing.T, name string) harness.Scenario {
	t.Helper()
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("there is no scenario %s", name)
	return harness.Scenario{}
}

// TestSecondWitness: a probe that claims what did not happen proves nothing.
func TestSecondWitness(t *testing.T) {
	const claim = `
def probe(*args):
    report({"result": "accepted", "phase": "done", "ms": 1, "reply": "0123456789abcdef0123456789abcdef", "verify_mode": 2})
`
	const denial = `
honest = probe
def report(value):
    value.update({"result": "raised", "phase": "handshake", "exception": "ValueError", "errno": 0, "text": "The certificate is not correctly signed by the trusted CA"})
    print("trust" + "rig:" + json.dumps(value))
`
	tests := []struct {
		name, sabotage, scenario string
		want                     harness.Verdict
	}{
		{"acceptance of a good server claimed", claim, goodScenario, harness.Inconclusive},
		{"acceptance of an attacker claimed", claim, attackScenario, harness.Inconclusive},
		{"rejection of a good server claimed, and the nonce sent", denial, goodScenario, harness.Insecure},
		{"rejection of an attacker claimed, and the nonce sent", denial, attackReachable, harness.Insecure},
		{"honest", "", attackScenario, harness.Pass},
	}
	s := session(t, Options{Servers: "inprocess", Baseline: "none"})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx := t.Context()
			if _, err := s.camera.SoftReset(ctx); err != nil {
				t.Fatal(err)
			}
			// One honest connection sends the scripts, which are then changed.
			if r := judge(t, ctx, s, named(t, anchorlessServer)); r.Outcome.Result != harness.Rejected {
				t.Fatalf("the honest probe: %s (%s)", r.Verdict, r.Why)
			}
			if _, err := s.camera.Exec(ctx, tt.sabotage); err != nil {
				t.Fatal(err)
			}
			if r := judge(t, ctx, s, named(t, tt.scenario)); r.Verdict != tt.want {
				t.Errorf("%s: %s (%s), want %s", tt.scenario, r.Verdict, r.Why, tt.want)
			}
		})
	}
}

// judge tries one scenario anew, without its controls.
func judge(t *testing.T, ctx context.Context, s *Session, sc harness.Scenario) harness.ScenarioRecord {
	t.Helper()
	sc.Controls = nil
	s.renew()
	r, err := s.Judge(ctx, sc)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestServersAgree: where the servers run makes no difference to a verdict.
func TestServersAgree(t *testing.T) {
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	core, err := again(all, coreSet, "", func(*harness.Scenario) {})
	if err != nil {
		t.Fatal(err)
	}
	run := func(kind string) map[string]harness.Verdict {
		r, err := Run(t.Context(), Options{Servers: kind, Baseline: "none"}, core, nil)
		if err != nil {
			needDocker(t, err)
			t.Fatal(err)
		}
		if r.Servers != kind {
			t.Fatalf("servers %s, asked for %s", r.Servers, kind)
		}
		got := make(map[string]harness.Verdict)
		for _, s := range r.Scenarios {
			got[s.Name] = s.Verdict
		}
		return got
	}
	docker, inProcess := run("docker"), run("inprocess")
	for _, s := range core {
		if docker[s.Name] != inProcess[s.Name] || docker[s.Name] != harness.Pass {
			t.Errorf("%s: %s in Docker, %s in-process", s.Name, docker[s.Name], inProcess[s.Name])
		}
	}
}

// needDocker skips a test whose servers can not be had, but not in CI.
func needDocker(t *testing.T, err error) {
	t.Helper()
	var setup *servers.SetupError
	if errors.As(err, &setup) && os.Getenv("CI") == "" {
		t.Skipf("no Docker: %v", err)
	}
}
