package probe

import (
	"fmt"
	"time"

	"trustrig/harness"
)

// A clock is what the client knows of the device's.
type clock struct {
	rig        *harness.RigClock
	generation int  // of the device, for which the rest holds
	moved      bool // it is not known to be right
}

func newClock(generation int) clock {
	return clock{rig: harness.NewRigClock(), generation: generation}
}

// Bounds of what a device's clock may be off from what it was set to. It is
// set to whole seconds, so that the right time may be late by one.
const (
	settingTolerance = time.Second
	rightTolerance   = 3 * time.Second
	// oneSecond is how long a device may take for a scenario that is about
	// one second, by its own time.
	oneSecond = 900 * time.Millisecond
)

// setting is what the device's clock must be set to before a scenario, the
// zero time where it is as it should be. A device that was reset, and one whose
// rig's clock was set, may show anything.
func (c *Client) setting(want harness.Clock) time.Time {
	if !c.has["machine.RTC"] {
		return time.Time{}
	}
	if _, stepped := c.clock.rig.Stepped(); stepped || c.clock.generation != c.device.Generation() {
		c.clock.moved = true
		c.clock.generation = c.device.Generation()
	}
	switch {
	case !want.Right():
		c.clock.moved = true
		return want.At
	case c.clock.moved:
		return c.clock.rig.Now()
	}
	return time.Time{}
}

// check holds what the device's clock showed before and after the client code
// against what it was set to.
func (c *clock) check(set time.Time, want harness.Clock, shown [][6]int, o *harness.Outcome) error {
	if set.IsZero() {
		return nil
	}
	if len(shown) != 2 {
		return fmt.Errorf("%w: it does not tell the time", errReport)
	}
	set = set.Truncate(time.Second)
	before, after := date(shown[0]), date(shown[1])
	tolerance := settingTolerance
	if want.Right() {
		tolerance = rightTolerance
	}
	if off := before.Sub(set); off < 0 || off > tolerance {
		return fmt.Errorf("%w: it was set to %s and shows %s", harness.ErrClockLost, set.Format(time.RFC3339), before.Format(time.RFC3339))
	}
	if want.Right() {
		c.moved = false
		return nil
	}
	o.Clock = before.Format(time.RFC3339)
	left := want.Server.IsValid() || !want.Then.IsZero() // moved since
	took := time.Duration(o.Milliseconds * float64(time.Millisecond))
	switch ran := after.Sub(set); {
	case left:
	case ran < 0 || ran > took+2*settingTolerance:
		return fmt.Errorf("%w: set to %s, it shows %s after %v", harness.ErrClockLost, set.Format(time.RFC3339), after.Format(time.RFC3339), took)
	case want.Exact && ran > 0 && took > oneSecond && want.Stays:
	case want.Exact && ran > 0 && took > oneSecond:
		return &harness.MissingError{What: "a device that connects within the second that this is about", Why: fmt.Sprintf("it took %v", took)}
	case want.Exact && ran > 0:
		return harness.ErrClockRan
	}
	return nil
}

func date(c [6]int) time.Time {
	return time.Date(c[0], time.Month(c[1]), c[2], c[3], c[4], c[5], 0, time.UTC)
}

// clockOptions are the options of a call, in MicroPython's source.
func clockOptions(set time.Time, c harness.Clock) string {
	var options string
	if !set.IsZero() {
		options += fmt.Sprintf("%s: %s, ", literal("clock"), Tuple(set))
	}
	if !c.Then.IsZero() {
		options += fmt.Sprintf("%s: (%s, %s), ", literal("then"), literal(string(c.In)), Tuple(c.Then))
	}
	if c.Server.IsValid() {
		options += fmt.Sprintf("%s: (%s, %d, %g), ", literal("ntp"), literal(c.Server.Addr().String()), c.Server.Port(), c.Timeout.Seconds())
	}
	return options
}

// Tuple is a time in UTC, in whole seconds, as machine.RTC.datetime takes it.
func Tuple(t time.Time) string {
	t = t.UTC()
	weekday := (int(t.Weekday())+6)%7 + 1 // Monday is 1
	return fmt.Sprintf("(%d, %d, %d, %d, %d, %d, %d, 0)",
		t.Year(), t.Month(), t.Day(), weekday, t.Hour(), t.Minute(), t.Second())
}
