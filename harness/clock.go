package harness

import (
	"errors"
	"net/netip"
	"time"
)

// A Clock is what a scenario wants the device's clock to be. The zero Clock is
// a clock that is right.
type Clock struct {
	// At is what the clock is set to before the client code runs.
	At time.Time
	// Exact is whether the scenario is about that very second, so that the
	// outcome must have come about before the next.
	Exact bool
	// Stays is whether what must happen in that second must happen in all that
	// follow, so that a device that is too slow for one second can be judged
	// all the same.
	Stays bool
	// Then is what the clock is set to in the middle of the client code, at
	// the beginning of the phase In; the zero time is for not at all.
	Then time.Time
	In   Phase
	// Server is a time server that the client code asks, with the device's
	// own ntptime, before it does anything else. Timeout is how long it waits
	// for the answer, zero for the module's own.
	Server  netip.AddrPort
	Timeout time.Duration
}

// Right reports whether the clock is merely to be right.
func (c Clock) Right() bool { return c.At.IsZero() }

// ErrClockRan is in the chain of a Client's error when the device's clock went
// on to the next second during a scenario that is about one second. The outcome
// is of no use and the scenario can be tried again.
var ErrClockRan = errors.New("the clock ran on to the next second")

// ErrClockLost is in the chain of a Client's error when the device's clock does
// not show what it was set to.
var ErrClockLost = errors.New("the device's clock is lost")

// clockTries is how often a scenario about one second is tried.
const clockTries = 3

// A RigClock is the rig's own clock over a run: it starts as the machine's and
// then goes on by the machine's monotonic clock, so that a step of the former
// does not reach the scenarios. The zero RigClock is not usable.
type RigClock struct {
	start   time.Time
	elapsed func() time.Duration
	wall    func() time.Time
	step    time.Duration
}

// stepTolerance is how far the machine's clock may go apart from its monotonic
// one before it is said to have stepped: time is slewed by less.
const stepTolerance = 2 * time.Second

// NewRigClock starts a clock.
func NewRigClock() *RigClock {
	start := time.Now()
	return &RigClock{start: start.Round(0),
		elapsed: func() time.Duration { return time.Since(start) },
		wall:    func() time.Time { return time.Now().Round(0) }}
}

// Now is what the time is, whatever the machine's clock was set to since.
func (c *RigClock) Now() time.Time { return c.start.Add(c.elapsed()) }

// Stepped returns by how much the machine's clock was set, forward or back,
// since the last call, and whether it was at all.
func (c *RigClock) Stepped() (time.Duration, bool) {
	off := c.wall().Sub(c.Now())
	by := off - c.step
	if by.Abs() < stepTolerance {
		return 0, false
	}
	c.step = off
	return by.Round(time.Millisecond), true
}
