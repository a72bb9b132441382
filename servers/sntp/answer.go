package sntp

import (
	"fmt"
	"time"
)

// A Fault is what is wrong with an answer beside the time.
type Fault string

const (
	Right Fault = "" // nothing is

	KissOfDeath    Fault = "kiss-of-death"  // stratum 0 and the code DENY: go away (RFC 4330 section 8)
	Unsynchronised Fault = "unsynchronised" // leap indicator 3: the server's clock was never set (section 4)
	ZeroTransmit   Fault = "zero-transmit"  // no transmit timestamp, which a client must refuse (section 5)
	Short          Fault = "short"          // the packet ends in the middle of the transmit timestamp
	OtherPort      Fault = "other-port"     // from another port than was asked
	Silence        Fault = "silence"        // no answer
)

// Faults lists all faults.
func Faults() []Fault {
	return []Fault{KissOfDeath, Unsynchronised, ZeroTransmit, Short, OtherPort, Silence}
}

// An Answer is how a server answers. The zero Answer is right.
type Answer struct {
	// Time is what every answer says is now; the zero time stands for the
	// machine's own clock.
	Time time.Time
	// Fault is what else is wrong.
	Fault Fault
	// Delay is how long the answer takes. Its timestamps are those of the
	// moment at which the query came, so that a client that believes a late
	// answer sets its clock late by as much.
	Delay time.Duration
}

func (a Answer) check() error {
	if a.Delay < 0 {
		return fmt.Errorf("an answer cannot come %v before its query", -a.Delay)
	}
	if a.Fault == Right {
		return nil
	}
	for _, f := range Faults() {
		if a.Fault == f {
			return nil
		}
	}
	return fmt.Errorf("no fault of an SNTP answer is called %q; there are %q", a.Fault, Faults())
}

// encode returns the packet that answers q at now, nil for none.
func (a Answer) encode(q request, now time.Time) []byte {
	if !a.Time.IsZero() {
		now = a.Time
	}
	r := reply{leap: leapNone, stratum: 1, reference: "LOCL", now: now, transmit: stamp(now)}
	switch a.Fault {
	case KissOfDeath:
		r.stratum, r.reference = 0, "DENY"
	case Unsynchronised:
		r.leap = leapUnsynchronised
	case ZeroTransmit:
		r.transmit = 0
	case Short:
		return r.encode(q)[:packetSize-6]
	case Silence:
		return nil
	}
	return r.encode(q)
}
