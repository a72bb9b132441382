package probe

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"trustrig/harness"
)

// clocked is a device's answer with what its clock showed.
func clocked(before, after time.Time, ms int) string {
	six := func(t time.Time) string {
		return fmt.Sprintf("[%d, %d, %d, %d, %d, %d]", t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second())
	}
	return fmt.Sprintf(`trustrig:{"result": "accepted", "phase": "done", "reply": "r", "ms": %d, "clock": [%s, %s]}`+"\n", ms, six(before), six(after))
}

func TestClock(t *testing.T) {
	at := time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC)
	sec := time.Second
	tests := []struct {
		name    string
		answer  string
		exact   bool
		stays   bool
		want    error
		missing bool
	}{
		{name: "as set", answer: clocked(at, at, 5), exact: true},
		{name: "it went on", answer: clocked(at, at.Add(2*sec), 2000)},
		{name: "set between two seconds", answer: clocked(at.Add(sec), at.Add(sec), 5)},
		{name: "never set", answer: clocked(at.AddDate(-12, 0, 0), at.AddDate(-12, 0, 0), 5), want: harness.ErrClockLost},
		{name: "lost meanwhile", answer: clocked(at, at.AddDate(-12, 0, 0), 5), want: harness.ErrClockLost},
		{name: "went on in an exact second", answer: clocked(at, at.Add(sec), 5), exact: true, want: harness.ErrClockRan},
		{name: "too slow for a second", answer: clocked(at, at.Add(4*sec), 4100), exact: true, missing: true},
		{name: "too slow, but then it stays so", answer: clocked(at, at.Add(4*sec), 4100), exact: true, stays: true},
		{name: "refused", answer: `trustrig:{"result": "clock", "text": "ValueError: year"}` + "\n", want: harness.ErrClockLost},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{answer: tt.answer}
			to := target()
			to.Clock = harness.Clock{At: at, Exact: tt.exact, Stays: tt.stays}
			_, err := New(f, []string{"ssl.SSLContext", "machine.RTC"}, time.Second).Probe(t.Context(), scenario(), to)
			missing := new(harness.MissingError)
			if tt.want != nil && !errors.Is(err, tt.want) || errors.As(err, &missing) != tt.missing || (err != nil) != (tt.want != nil || tt.missing) {
				t.Errorf("Probe's error is %v, want %v", err, tt.want)
			}
			if n := f.sent("(2038, 1, 19, 2, 3, 14, 8, 0)"); n != 1 {
				t.Errorf("the clock was set %d times, on a Tuesday", n)
			}
		})
	}
}

// TestClockPutRight: after a scenario that moves the clock, and after a reset,
// the next has a right one, and the one after that leaves it alone.
func TestClockPutRight(t *testing.T) {
	at := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	f := &fake{}
	c := New(f, []string{"ssl.SSLContext", "machine.RTC"}, time.Second)
	probe := func(set bool, clock harness.Clock) {
		t.Helper()
		shows := time.Now().UTC().Truncate(time.Second)
		if !clock.Right() {
			shows = clock.At
		}
		f.executed, f.answer = nil, clocked(shows, shows, 5)
		to := target()
		to.Clock = clock
		if _, err := c.Probe(t.Context(), scenario(), to); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(f.executed[len(f.executed)-1], `"clock": (`); got != set {
			t.Errorf("clock set: %t, want %t", got, set)
		}
	}
	probe(false, harness.Clock{})
	probe(true, harness.Clock{At: at})
	probe(true, harness.Clock{})
	probe(false, harness.Clock{})
	f.generation++
	probe(true, harness.Clock{})
	probe(false, harness.Clock{})
}

// TestByName: client code that can connects by host name, where the device
// resolves the rig's, and never by a name that is an address.
func TestByName(t *testing.T) {
	for _, tt := range []struct {
		client, name string
		resolver     bool
		want         bool
	}{
		{"asyncio", "api.example.com", true, true},
		{"asyncio", "api.example.com", false, false},
		{"asyncio", "127.0.0.1", true, false},
		{"asyncio", "", true, false},
		{"ssl.SSLContext", "api.example.com", true, false},
	} {
		f := &fake{answer: acceptedLine}
		capabilities := []string{"ssl.SSLContext", "asyncio"}
		if tt.resolver {
			capabilities = append(capabilities, "resolver")
		}
		s := scenario()
		s.Client, s.ServerName = tt.client, tt.name
		if _, err := New(f, capabilities, time.Second).Probe(t.Context(), s, target()); err != nil {
			t.Fatal(err)
		}
		if got := f.sent(`"by_name": True`) == 1; got != tt.want {
			t.Errorf("%s to %q with a resolver (%t) connects by name: %t", tt.client, tt.name, tt.resolver, got)
		}
	}
}
