package scenarios

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"trustrig/firmware"
	"trustrig/firmware/cache"
	"trustrig/firmware/mutants"
	"trustrig/harness"
	"trustrig/harness/emulator/board"
	"trustrig/harness/repl"
	"trustrig/servers/pki"
	"trustrig/servers/sntp"
)

// TestClocks reads each clock that the catalogue names, in its own chain.
func TestClocks(t *testing.T) {
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	store, err := cache.Open()
	if err != nil {
		t.Fatal(err)
	}
	t0 := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	maker := NewMaker(t0, store)
	cs := &clockSource{powerOn: board.Default().PowerOn}
	seen := make(map[string]bool)
	for _, s := range all {
		if s.Clock == clockNow || seen[s.Recipe+s.Clock] {
			continue
		}
		seen[s.Recipe+s.Clock] = true
		chain, err := maker.Chain(s.Recipe)
		if err != nil {
			t.Fatal(err)
		}
		c, answer, err := cs.clock(s.Clock, chain)
		switch {
		case err != nil:
			t.Errorf("%s: %v", s.Name, err)
		case c.Right():
			t.Errorf("%s: clock %q moves nothing", s.Name, s.Clock)
		case strings.HasPrefix(s.Clock, clockNTP) != (answer != nil):
			t.Errorf("%s: clock %q, answer %v", s.Name, s.Clock, answer)
		case c.Exact != (strings.Contains(s.Clock, "-not") && !strings.Contains(s.Clock, "00s")):
			t.Errorf("%s: clock %q is about the very second: %t", s.Name, s.Clock, c.Exact)
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d clocks in the catalogue", len(seen))
	}
}

func TestInstantNames(t *testing.T) {
	for _, i := range []pki.Instant{
		{Plus: -48 * time.Hour},
		{Edge: pki.NotAfter, Plus: time.Second},
		{Of: pki.RootX2, Edge: pki.NotBefore},
	} {
		if got, err := parseInstant(instantName(i)); err != nil || got != i {
			t.Errorf("%s is read as %+v (%v), want %+v", instantName(i), got, err, i)
		}
	}
	for _, name := range []string{"", "yesterday", "leaf-notAfter", "T0+1", "leaf-notAfter+1h"} {
		if i, err := parseInstant(name); err == nil {
			t.Errorf("%q is read as %+v", name, i)
		}
	}
}

func TestAboutSecond(t *testing.T) {
	for name, want := range map[string][2]bool{
		"leaf-notBefore-1s":   {true, false},
		"leaf-notBefore+0s":   {true, true},
		"root-notAfter+0s":    {true, false},
		"root-notAfter+1s":    {true, true},
		"leaf-notAfter+3600s": {false, false},
		"T0+1s":               {false, false},
		clockPowerOn:          {false, false},
	} {
		if exact, stays := aboutSecond(name); [2]bool{exact, stays} != want {
			t.Errorf("%s is about the very second: %t, and stays so: %t; want %v", name, exact, stays, want)
		}
	}
}

func TestTooEarly(t *testing.T) {
	made := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		now, made time.Time
		wrong     bool
	}{
		{made.Add(time.Minute), made, false},
		{made.Add(-time.Minute), made, false},
		{made.AddDate(-3, 0, 0), made, true},
		{made.AddDate(-3, 0, 0), time.Time{}, false},
	} {
		if line := tooEarly(tt.now, tt.made); (line != "") != tt.wrong {
			t.Errorf("at %v, made at %v: %q", tt.now, tt.made, line)
		}
	}
}

func TestReach(t *testing.T) {
	at := func(year int) time.Time { return time.Date(year, 1, 2, 0, 0, 0, 0, time.UTC) }
	r := reach{first: at(2000), last: at(2099)}
	for name, tt := range map[string]struct {
		clock  harness.Clock
		answer *sntp.Answer
		shows  bool
	}{
		"today":                {clock: harness.Clock{At: at(2026)}, shows: true},
		"the last day":         {clock: harness.Clock{At: at(2099)}, shows: true},
		"too late":             {clock: harness.Clock{At: at(2106)}},
		"too early":            {clock: harness.Clock{At: at(1970)}},
		"moved too far":        {clock: harness.Clock{At: at(2026), Then: at(9999)}},
		"heard to be too late": {clock: harness.Clock{At: at(2015)}, answer: &sntp.Answer{Time: at(2023)}},
		"heard aright":         {clock: harness.Clock{At: at(2015)}, answer: &sntp.Answer{Time: at(2024)}, shows: true},
		"the machine's time":   {clock: harness.Clock{At: at(2015)}, answer: &sntp.Answer{}, shows: true},
	} {
		err := r.check(tt.clock, tt.answer)
		if errors.As(err, new(*harness.MissingError)) == tt.shows {
			t.Errorf("%s: %v", name, err)
		}
		if err := (reach{}).check(tt.clock, tt.answer); err != nil {
			t.Errorf("%s, of a clock without end: %v", name, err)
		}
	}
}

// openClockSession opens a session with a camera whose clock moves.
func openClockSession(t *testing.T, change firmware.Change) *Session {
	t.Helper()
	s, err := Open(t.Context(), Options{Servers: "inprocess", Change: change, Baseline: "none",
		Say: func(line string) { t.Log(line) }})
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

func tryNamed(t *testing.T, s *Session, name string) harness.ScenarioRecord {
	t.Helper()
	for _, sc := range s.catalogue {
		if sc.Name == name {
			r, err := s.Judge(t.Context(), sc)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	t.Fatalf("no scenario %s", name)
	return harness.ScenarioRecord{}
}

// TestClockMutant: a firmware that checks no date is found by each scenario of
// the clock that must reject.
func TestClockMutant(t *testing.T) {
	store, err := cache.Open()
	if err != nil {
		t.Fatal(err)
	}
	kit, err := mutants.NewKit(t.Context(), store, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	m := mutants.Find(regexp.MustCompile("^dates-ignored$"))
	if len(m) != 1 {
		t.Fatalf("%d mutants ignore dates", len(m))
	}
	change, err := kit.Mutant(t.Context(), m[0], t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := openClockSession(t, change)
	killed := 0
	for _, sc := range s.catalogue {
		if sc.Clock == clockNow || sc.Expect.Result != harness.Rejected {
			continue
		}
		if r := tryNamed(t, s, sc.Name); r.Verdict != harness.Insecure {
			t.Errorf("%s: %s (%s)", sc.Name, r.Verdict, r.Why)
		}
		killed++
	}
	if killed < 20 {
		t.Errorf("only %d scenarios kill it", killed)
	}
}

// TestClockFileLost takes the file of the clock away from under a run: what
// rests on the clock proves nothing then, and the rest goes on.
func TestClockFileLost(t *testing.T) {
	s := openClockSession(t, firmware.Change{})
	if r := tryNamed(t, s, clockRequired); r.Verdict != harness.Pass || r.Outcome.Clock != "2015-01-01T00:00:00Z" {
		t.Fatalf("before: %s, with the clock at %s (%s)", r.Verdict, r.Outcome.Clock, r.Why)
	}
	if err := os.Remove(filepath.Join(filepath.Dir(s.camera.emulated.Port()), "clock")); err != nil {
		t.Fatal(err)
	}
	s.renew()
	for _, name := range []string{clockRequired, "clock/2038-01-19"} {
		if r := tryNamed(t, s, name); r.Verdict != harness.Inconclusive || !strings.Contains(r.Why, "clock") {
			t.Errorf("%s without its file: %s (%s)", name, r.Verdict, r.Why)
		}
	}
	if r := tryNamed(t, s, goodScenario); r.Verdict != harness.Pass {
		t.Errorf("%s: %s (%s)", goodScenario, r.Verdict, r.Why)
	}
	// A restart of the camera brings the file back.
	if err := s.camera.emulated.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.camera.Exec(t.Context(), "1"); !errors.As(err, new(*repl.ResetError)) {
		t.Fatalf("after a reset that it did not cause the rig says %v", err)
	}
	s.renew()
	if r := tryNamed(t, s, clockRequired); r.Verdict != harness.Pass {
		t.Errorf("after a reset: %s (%s)", r.Verdict, r.Why)
	}
}

// TestClockFileJunk writes junk into the file of the clock, at which libfaketime
// ends the process as soon as it asks for the time: the camera restarts, and the
// run goes on. Setting the clock, which is first in what needs it, mends the
// file.
func TestClockFileJunk(t *testing.T) {
	s := openClockSession(t, firmware.Change{})
	junk := func() {
		t.Helper()
		s.renew()
		file := filepath.Join(filepath.Dir(s.camera.emulated.Port()), "clock")
		if err := os.WriteFile(file, []byte("no number, and longer than one\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	junk()
	if r := tryNamed(t, s, clockRequired); r.Verdict != harness.Pass {
		t.Errorf("%s with junk for a clock: %s (%s)", r.Name, r.Verdict, r.Why)
	}
	s.renew()
	if r := tryNamed(t, s, goodScenario); r.Verdict != harness.Pass { // the clock is right now
		t.Errorf("%s: %s (%s)", r.Name, r.Verdict, r.Why)
	}
	junk()
	if r := tryNamed(t, s, goodScenario); r.Verdict != harness.Inconclusive {
		t.Errorf("%s with junk for a clock: %s (%s)", r.Name, r.Verdict, r.Why)
	}
	for _, name := range []string{goodScenario, clockRequired, "clock/2038-01-19"} {
		s.renew()
		if r := tryNamed(t, s, name); r.Verdict != harness.Pass {
			t.Errorf("%s after that: %s (%s)", name, r.Verdict, r.Why)
		}
	}
}

// TestNoFakeTime: firmware to which a clock can not be given is told, and its
// scenarios of the clock skipped with that word.
func TestNoFakeTime(t *testing.T) {
	ctx := context.Background()
	f, err := firmware.Select(ctx, firmware.Default, firmware.Options{})
	if err != nil {
		t.Fatal(err)
	}
	static := filepath.Join(t.TempDir(), "static")
	text := "#!/bin/sh\nunset LD_PRELOAD\nexec '" + strings.Join(f.Argv, "' '") + "' \"$@\"\n"
	if err := os.WriteFile(static, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	var said []string
	s, err := Open(ctx, Options{Servers: "inprocess", Firmware: static, Say: func(line string) { said = append(said, line) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !strings.Contains(strings.Join(said, "\n"), "no effect") {
		t.Errorf("it said %q", said)
	}
	if r := tryNamed(t, s, clockRequired); r.Verdict != harness.Skipped || !strings.Contains(r.Why, capClock) {
		t.Errorf("%s: %s (%s)", r.Name, r.Verdict, r.Why)
	}
	if r := tryNamed(t, s, goodScenario); r.Verdict != harness.Pass {
		t.Errorf("%s: %s (%s)", r.Name, r.Verdict, r.Why)
	}
}

// TestWeaknesses: what is weak in the procedure has its own mark in the ledger,
// and is no finding.
func TestWeaknesses(t *testing.T) {
	s := openClockSession(t, firmware.Change{})
	var records []harness.ScenarioRecord
	for _, sc := range s.catalogue {
		if strings.HasPrefix(sc.Name, "clock/") {
			records = append(records, tryNamed(t, s, sc.Name))
		}
	}
	for _, e := range Ledger(records) {
		if e.ID != "C09" {
			continue
		}
		if e.Status != harness.Confirmed || len(e.Weaknesses) < 5 {
			t.Errorf("C09 is %s, with the weaknesses %q", e.Status, e.Weaknesses)
		}
	}
	var page strings.Builder
	if err := WriteClaims(io.Writer(&page), s.Record(records)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page.String(), "## Weaknesses of the procedure") || strings.Count(page.String(), "brings an expired certificate back to life") != 1 {
		t.Error("the page does not tell the weaknesses, each once")
	}
}

// TestTimeServerTaken: no time server, no such scenario.
func TestTimeServerTaken(t *testing.T) {
	store, err := cache.Open()
	if err != nil {
		t.Fatal(err)
	}
	// An address that is none of this machine's.
	st := newStage(NewMaker(time.Now(), store), nil, &clockSource{listen: netip.MustParseAddr("192.0.2.1")})
	_, err = st.Clock(t.Context(), complete(harness.Scenario{Clock: clockNTP}))
	if !errors.As(err, new(*harness.MissingError)) || !strings.Contains(err.Error(), "time server") {
		t.Errorf("without a time server: %v", err)
	}
}
