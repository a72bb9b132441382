package scenarios

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"trustrig/harness"
	"trustrig/servers/pki"
	"trustrig/servers/sntp"
)

// What a scenario's Clock can be:
//
//	now                      right
//	power-on                 what the board shows when its power comes
//	2038-01-19T03:14:08Z     that instant
//	T0-172800s               relative to the run's now
//	leaf-notAfter+1s         relative to an edge of a certificate's validity
//	A; at connect: B         A, and B from that phase of the client code on
//	ntp                      power-on, and then what ntptime.settime() makes of a right answer
//	ntp/T0-172800s           … of an answer with that instant
//	ntp/kiss-of-death        … of a wrong answer, by a fault of package sntp, or "late"
const (
	clockNow     = "now"
	clockPowerOn = "power-on"
	clockNTP     = "ntp"
	ntpLate      = "late"
)

// A faulty time server need not be waited for as long as ntptime does: nothing
// else is under way on the loopback.
const (
	ntpTimeout = 200 * time.Millisecond
	ntpDelay   = 3 * ntpTimeout
)

// exactly is how near an edge of a validity a scenario is about the very second.
const exactly = time.Minute

// A clockSource turns the clocks that scenarios name into times, and answers
// for the time server that some of them ask.
type clockSource struct {
	powerOn time.Time
	reach   reach // of the device's clock
	listen  netip.Addr
	server  *sntp.Server // nil until it is asked
}

// clock is what a scenario wants the device's clock to be, with the answer of
// the time server where one is asked.
func (cs *clockSource) clock(name string, chain *pki.Chain) (harness.Clock, *sntp.Answer, error) {
	first, second, moves := strings.Cut(name, "; at ")
	if kind, what, _ := strings.Cut(name, "/"); kind == clockNTP {
		answer, timeout, err := cs.answer(what, chain)
		return harness.Clock{At: cs.powerOn, Timeout: timeout}, answer, err
	}
	var c harness.Clock
	var err error
	if first == clockNow && !moves {
		return c, nil, nil
	}
	if c.At, err = cs.instant(first, chain); err != nil {
		return c, nil, err
	}
	if !moves {
		c.Exact, c.Stays = aboutSecond(first)
		return c, nil, nil
	}
	phase, then, _ := strings.Cut(second, ": ")
	c.In = harness.Phase(phase)
	c.Then, err = cs.instant(then, chain)
	return c, nil, err
}

// answer is the time server's, and how long the device waits for it.
func (cs *clockSource) answer(what string, chain *pki.Chain) (*sntp.Answer, time.Duration, error) {
	switch {
	case what == "":
		return &sntp.Answer{}, 0, nil
	case what == ntpLate:
		return &sntp.Answer{Delay: ntpDelay}, ntpTimeout, nil
	case sntp.Fault(what) == sntp.Silence:
		return &sntp.Answer{Fault: sntp.Silence}, ntpTimeout, nil
	case slices.Contains(sntp.Faults(), sntp.Fault(what)):
		return &sntp.Answer{Fault: sntp.Fault(what)}, 0, nil
	}
	at, err := cs.instant(what, chain)
	return &sntp.Answer{Time: at}, 0, err
}

// instantRE is the form of instants that are relative to something.
var instantRE = regexp.MustCompile(`^(T0|(.+)-(notBefore|notAfter))([+-]\d+)s$`)

func (cs *clockSource) instant(name string, chain *pki.Chain) (time.Time, error) {
	switch name {
	case clockNow:
		return time.Now(), nil
	case clockPowerOn:
		return cs.powerOn, nil
	}
	if at, err := time.Parse(time.RFC3339, name); err == nil {
		return at, nil
	}
	i, err := parseInstant(name)
	if err != nil {
		return time.Time{}, err
	}
	return chain.When(i)
}

// aboutSecond tells whether a clock is about the very second, at an edge of a
// validity, and whether what holds in it stays so.
func aboutSecond(name string) (exact, stays bool) {
	i, err := parseInstant(name)
	if err != nil || i.Edge == "" || i.Plus.Abs() >= exactly {
		return false, false
	}
	return true, i.Edge == pki.NotBefore && i.Plus >= 0 || i.Edge == pki.NotAfter && i.Plus > 0
}

// parseInstant reads what instantName writes.
func parseInstant(name string) (pki.Instant, error) {
	m := instantRE.FindStringSubmatch(name)
	if m == nil {
		return pki.Instant{}, fmt.Errorf("no clock is called %q", name)
	}
	plus, err := strconv.ParseInt(m[4], 10, 64)
	if err != nil {
		return pki.Instant{}, fmt.Errorf("clock %q: %w", name, err)
	}
	i := pki.Instant{Of: pki.Anchor(m[2]), Edge: pki.Edge(m[3]), Plus: time.Duration(plus) * time.Second}
	if i.Of == pki.Leaf {
		i.Of = "" // the leaf that is sent, which not every chain has as an anchor
	}
	return i, nil
}

// Clock implements harness.Stage.
func (st *stage) Clock(ctx context.Context, s harness.Scenario) (harness.Clock, error) {
	if s.Clock == clockNow || s.Clock == "" {
		return harness.Clock{}, nil
	}
	chain, err := st.maker.Chain(s.Recipe)
	if err != nil {
		return harness.Clock{}, err
	}
	clock, answer, err := st.clocks.clock(s.Clock, chain)
	if err == nil {
		err = st.clocks.reach.check(clock, answer)
	}
	if err != nil || answer == nil {
		return clock, err
	}
	if st.clocks.server == nil {
		server, err := sntp.Start(ctx, netip.AddrPortFrom(st.clocks.listen, 0))
		if err != nil {
			return clock, &harness.MissingError{What: "a time server of the rig", Why: err.Error()}
		}
		st.clocks.server = server
	}
	clock.Server = st.clocks.server.Addr()
	return clock, st.clocks.server.Set(*answer)
}

// A reach is what a device's clock can show, both ends in it. The zero reach is
// all of time.
type reach struct{ first, last time.Time }

// check refuses what the clock can not show.
func (r reach) check(c harness.Clock, answer *sntp.Answer) error {
	times := []time.Time{c.At, c.Then}
	if answer != nil && !answer.Time.IsZero() {
		times = append(times, sntp.Heard(answer.Time))
	}
	for _, t := range times {
		if !r.last.IsZero() && !t.IsZero() && (t.Before(r.first) || t.After(r.last.Add(time.Second))) {
			return &harness.MissingError{What: "a clock that shows " + t.UTC().Format(time.DateOnly),
				Why: fmt.Sprintf("the device's goes from %s to %s at least", r.first.Format(time.DateOnly), r.last.Format(time.DateOnly))}
		}
	}
	return nil
}

// clockTrials are the instants at which a device's clock is tried: where the
// counters of boards begin and end.
func clockTrials() []time.Time {
	day := func(year int) time.Time { return time.Date(year, 12, 31, 23, 59, 0, 0, time.UTC) }
	return []time.Time{
		time.Unix(0, 0).UTC(), time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), day(2036), day(2049), day(2099), day(2105),
		time.Unix(1<<32, 0).Add(time.Hour).UTC(), day(2160), time.Date(9999, 12, 31, 23, 59, 58, 0, time.UTC),
	}
}

func (cs *clockSource) Close() error {
	if cs.server == nil {
		return nil
	}
	return cs.server.Close()
}
