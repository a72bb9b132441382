package timeline

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"trustrig/harness"
)

// A Second is what a second verifier, a device, says at a timeline's moments:
// its first and last second, and either side of each edge of an outage.
type Second struct {
	Verifier   string      `json:"verifier"`
	Asked      int         `json:"asked"`
	Departures []Departure `json:"departures"`
	// Refused are the times that the device's clock can not be set to.
	Refused []time.Time `json:"refused,omitempty"`

	controlled bool
}

// ErrNoSuchTime is in the chain of a verifier's error when its clock can not
// be set to the time that is asked about.
var ErrNoSuchTime = errors.New("the clock can not be set to this time")

// ErrOtherClock means that a verifier does not judge dates by the clock that
// was set, so that nothing it says of a timeline counts.
var ErrOtherClock = errors.New("it accepts a chain in the second before the leaf begins: it judges dates by another clock than the one that was set, or by none")

// A Departure is a moment at which two verifiers disagree.
type Departure struct {
	Anchor  string         `json:"anchor"`
	At      time.Time      `json:"at"`
	Accepts bool           `json:"accepts"`          // the second does, the first does not
	Reason  harness.Reason `json:"reason,omitempty"` // of whichever rejects
	Detail  string         `json:"detail,omitempty"`
}

// moment is a question and the first verifier's answer.
type moment struct {
	Question
	answer Answer
}

// Ask puts the timeline's moments to a second verifier, and notes what it says
// in t.Second. It returns early where the verifier can not judge.
func (t *Timeline) Ask(ctx context.Context, second Verifier) error {
	t.Second = &Second{Verifier: second.Name, Departures: []Departure{}}
	for _, c := range t.Cameras {
		for _, m := range c.moments {
			if err := t.Second.ask(ctx, second, c.Anchor, m); err != nil {
				return fmt.Errorf("anchor %s: %w", c.Anchor, err)
			}
		}
	}
	return nil
}

func (s *Second) ask(ctx context.Context, second Verifier, anchor string, m moment) error {
	answer, err := second.Verify(ctx, m.Question)
	switch {
	case errors.Is(err, ErrNoSuchTime):
		s.Refused = append(s.Refused, m.At)
		return nil
	case err != nil:
		return err
	}
	s.Asked++
	accepts := answer.Reason == ""
	if accepts && !s.controlled {
		s.controlled = true
		if err := control(ctx, second, m.Question); err != nil {
			return err
		}
	}
	switch first := m.answer; {
	case accepts && first.Reason != "":
		s.Departures = append(s.Departures, Departure{anchor, m.At, true, first.Reason, first.Detail})
	case !accepts && first.Reason == "":
		s.Departures = append(s.Departures, Departure{anchor, m.At, false, answer.Reason, answer.Detail})
	}
	return nil
}

// control asks about a chain that the verifier accepted once more, in the
// second before its leaf begins.
func control(ctx context.Context, second Verifier, q Question) error {
	leaf, err := x509.ParseCertificate(q.Chain.Sent[0])
	if err != nil {
		return fmt.Errorf("parsing the leaf: %w", err)
	}
	q.At = leaf.NotBefore.Add(-time.Second)
	answer, err := second.Verify(ctx, q)
	if err == nil && answer.Reason == "" {
		err = ErrOtherClock
	}
	return err
}

// Open reports whether a standard leaves it to the verifier what to do there:
// whether an end-entity certificate may serve as an anchor is local policy
// (RFC 5280 section 6.1.1(d)).
func (d Departure) Open() bool { return d.Anchor == "leaf" && !d.Accepts }

func (s *Second) text(w io.Writer) {
	fmt.Fprintf(w, "%s: asked at %s, either side of each edge; ", s.Verifier, plural(s.Asked, "moment"))
	if n := len(s.Refused); n > 0 {
		fmt.Fprintf(w, "its clock refuses %s, the first %s; ", plural(n, "other"), s.Refused[0].Format(time.DateTime))
	}
	if len(s.Departures) == 0 {
		fmt.Fprint(w, "says the same\n\n")
		return
	}
	fmt.Fprintf(w, "departs at %d\n", len(s.Departures))
	for _, d := range s.Departures {
		does := "rejects (" + string(d.Reason) + ")"
		if d.Accepts {
			does = "accepts"
		}
		note := ""
		if d.Open() {
			note = ", as it may: RFC 5280 6.1.1(d)"
		}
		fmt.Fprintf(w, "  %-13s %s  %s%s\n", d.Anchor, d.At.Format(time.DateTime), does, note)
	}
	fmt.Fprintln(w)
}
