package stack

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trustrig/harness"
	"trustrig/servers/relay"
)

// told reads lines that begin with "token ".
func told(line string) (Event, bool) {
	token, ok := strings.CutPrefix(line, "token ")
	return Event{Token: token}, ok
}

func hasToken(token string) func([]Event) bool {
	return func(events []Event) bool {
		return slices.ContainsFunc(events, func(e Event) bool { return e.Token == token })
	}
}

// TestJournal writes a log in pieces of every length.
func TestJournal(t *testing.T) {
	const log = "starting\r\ntoken a\nnoise\n\ntoken b\r\ntoken c"
	for n := 1; n <= len(log); n++ {
		j := newJournal(told)
		for rest := log; rest != ""; {
			cut := min(n, len(rest))
			j.Write([]byte(rest[:cut]))
			rest = rest[cut:]
		}
		if diff := cmp.Diff([]Event{{Token: "a"}, {Token: "b"}}, j.since(0)); diff != "" {
			t.Fatalf("in pieces of %d: (-want +got)\n%s", n, diff)
		}
	}
}

func TestJournalWait(t *testing.T) {
	j := newJournal(told)
	done := make(chan error)
	go func() { done <- j.wait(t.Context(), hasToken("b")) }()
	j.Write([]byte("token a\n"))
	j.tell(Event{Token: "b"})
	if err := <-done; err != nil {
		t.Error(err)
	}

	go func() { done <- j.wait(t.Context(), hasToken("never")) }()
	j.Write([]byte(strings.Repeat("before\n", lastLines) + "no space left\n"))
	j.end()
	if err := <-done; !errors.Is(err, errDied) || !strings.Contains(err.Error(), "no space left") || strings.Contains(err.Error(), "token a") {
		t.Errorf("after the end: %v", err)
	}
	if err := j.wait(t.Context(), hasToken("a")); err != nil {
		t.Errorf("what was told before the end: %v", err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := newJournal(told).wait(ctx, hasToken("never")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a deadline: %v", err)
	}
}

// TestSight holds which connection each word of the software goes to.
func TestSight(t *testing.T) {
	seen := []relay.Seen{
		{Sighting: harness.Sighting{Connection: 1, Alert: "unknown_ca"}, Port: 40001},
		{Sighting: harness.Sighting{Connection: 2}, Port: 40002},
	}
	for _, c := range []struct {
		name  string
		event Event
		want  int // connection that was told of, 0 for none
	}{
		{"by the client's port", Event{Client: 40001, Received: "n", Reply: "r"}, 1},
		{"by the other's", Event{Client: 40002, Received: "n", Reply: "r"}, 2},
		{"of someone else", Event{Client: 40003, Received: "n", Reply: "r"}, 0},
		{"no port: the last", Event{Received: "n", Reply: "r"}, 2},
		{"of the site: the last", Event{Site: "a", Received: "n", Reply: "r"}, 2},
		{"of another site", Event{Site: "b", Received: "n", Reply: "r"}, 0},
		{"of the site's port: the last", Event{Port: 20000, Received: "n", Reply: "r"}, 2},
		{"of another site's port", Event{Port: 20001, Received: "n", Reply: "r"}, 0},
	} {
		got := sight("a", 20000, seen, []Event{c.event})
		for i, s := range got {
			if told := s.Received == "n" && s.Reply == "r" && s.Handshake; told != (c.want == i+1) {
				t.Errorf("%s: connection %d: %+v", c.name, i+1, s)
			}
		}
		if got[0].Alert != "unknown_ca" {
			t.Errorf("%s: the alert that the relay heard is gone", c.name)
		}
	}
	if got := sight("a", 20000, nil, []Event{{Received: "n"}}); len(got) != 0 {
		t.Errorf("a sighting without a connection: %+v", got)
	}
}

func TestFreePorts(t *testing.T) {
	ports, err := FreePorts(loopback, 20)
	slices.Sort(ports)
	if err != nil || len(slices.Compact(ports)) != 20 || ports[0] < firstPort || ports[19] > lastPort {
		t.Errorf("%v, %v", ports, err)
	}
}
