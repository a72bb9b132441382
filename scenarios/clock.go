package scenarios

import (
	"slices"
	"strings"

	"trustrig/harness"
	"trustrig/servers/sntp"
)

const (
	sourceClock = `the manual's example: "ntptime.settime()  # validity check needs the clock"; RFC 5280 6.1.3(a)(2)`
	sourceDates = "RFC 5280 6.1.3(a)(2)"
	sourceSNTP  = `RFC 4330 section 5; the manual's example calls ntptime.settime() before it connects`

	clockRequired   = "clock/power-on/CERT_REQUIRED"
	clockUnverified = "clock/power-on/CERT_NONE"
	clockSet        = "clock/ntp/CERT_REQUIRED"

	goodReachable = goodRecipe + "/root/CERT_NONE"
	showsClock    = "the clock, and nothing else, makes the result"
)

// clockScenarios are about a camera that wakes up in the wrong year.
func clockScenarios() []harness.Scenario {
	rows := []harness.Scenario{
		{Name: clockRequired, Clock: clockPowerOn, Expect: reject(sourceClock, harness.NotYetValid),
			Why: "a good chain before a camera that nobody told the time",
			Controls: []harness.Control{
				{Name: clockSet, Shows: showsClock},
				{Name: clockUnverified, Shows: showsReachable},
			}},
		{Name: clockUnverified, Clock: clockPowerOn, Verify: harness.CertNone, Expect: accept(manualNone),
			Why:      "the trap: without verification it works without time, and so it is left",
			Controls: []harness.Control{{Name: clockRequired, Shows: "it is CERT_NONE that lets the server through"}}},
		{Name: clockSet, Clock: clockNTP, Expect: accept(sourceClock), Needs: []string{"ntptime"},
			Why:      "the same after ntptime.settime()",
			Controls: []harness.Control{{Name: clockRequired, Shows: "without it the server is rejected"}}},
	}
	rows = slices.Concat(rows, farClocks(), movedClocks(), localClocks(), endedAnchors(), rolledBackClocks(), faultyTimeServers())
	for i := range rows {
		if rows[i].Claims == nil {
			rows[i].Claims = []string{"C09"}
		}
		rows[i].Needs = append(rows[i].Needs, "clock")
		rows[i] = complete(rows[i])
	}
	return rows
}

// A farClock is an instant at which counters of seconds and of years end. Not
// every board's clock can show each.
type farClock struct {
	at     string
	what   string
	reason harness.Reason
}

func farTable() []farClock {
	return []farClock{
		{"1970-01-01T00:00:00Z", "where Unix begins to count, and an unset clock of some ports stands", harness.NotYetValid},
		{"2000-01-01T00:00:00Z", "where other ports begin to count", harness.NotYetValid},
		{"2038-01-19T03:14:08Z", "when 31 bits of seconds have run out", harness.Expired},
		{"2050-01-01T00:00:00Z", "when UTCTime has run out", harness.Expired},
		{"2106-02-07T06:28:16Z", "when 32 bits of seconds have run out", harness.Expired},
		{heardBefore2024, "where a time before 2024 is heard to be", harness.Expired},
		{"9999-12-31T23:59:58Z", "when GeneralizedTime has all but run out", harness.Expired},
	}
}

// heardBefore2024 is what ntptime makes of the last second before it hears
// aright (sntp.Heard).
const (
	before2024      = "2023-12-31T23:59:59Z"
	heardBefore2024 = "2160-02-07T06:28:15Z"
)

func farClocks() []harness.Scenario {
	var rows []harness.Scenario
	for _, f := range farTable() {
		rows = append(rows, harness.Scenario{
			Name: "clock/" + f.at[:10], Clock: f.at, Claims: []string{"C09", "C25"},
			Expect: reject(sourceDates, f.reason), Why: "a good chain before a camera whose clock stands " + f.what,
			Controls: []harness.Control{{Name: goodScenario, Shows: showsClock}, {Name: goodReachable, Shows: showsReachable}},
		})
	}
	return rows
}

// movedClocks are about a clock that is set while the client code runs.
func movedClocks() []harness.Scenario {
	late, early := "clock/moved/right-before-connect", "clock/moved/wrong-before-connect"
	return []harness.Scenario{
		{Name: late, Clock: "power-on; at connect: now", Expect: accept(sourceClock),
			Why:      "the context is made and the anchor loaded at the power-on clock, which is set right before the connection",
			Controls: []harness.Control{{Name: early, Shows: "the clock at the connection is what counts"}}},
		{Name: early, Clock: "now; at connect: power-on", Expect: reject(sourceDates, harness.NotYetValid),
			Why:      "the clock falls back after the context is made",
			Controls: []harness.Control{{Name: late, Shows: showsClock}, {Name: clockUnverified, Shows: showsReachable}}},
		{Name: "clock/moved/after-handshake", Clock: "now; at exchange: power-on", Expect: accept("RFC 5280 6.1: a path is validated when it is presented"),
			Why:      "the clock falls back when the server is verified already",
			Controls: []harness.Control{{Name: early, Shows: "with that clock the handshake fails"}}},
	}
}

// localClocks are about an RTC that was set to local time, as tools do.
func localClocks() []harness.Scenario {
	east, west := "an RTC set to local time at UTC+14, ", "an RTC set to local time at UTC-12, "
	reachable := []harness.Control{{Name: goodScenario, Shows: showsClock}, {Name: goodReachable, Shows: showsReachable}}
	rejects := []harness.Control{{Name: "clock/local-time/east-before-the-end", Shows: "the device looks at the dates, and takes its RTC for UTC"}}
	return []harness.Scenario{
		{Name: "clock/local-time/east-before-the-end", Clock: "leaf-notAfter+25200s", Expect: reject(sourceDates, harness.Expired), Controls: reachable,
			Why: east + "seven hours before a leaf's end: past it already"},
		{Name: "clock/local-time/west-after-the-end", Clock: "leaf-notAfter-21600s", Expect: accept(sourceDates), Controls: rejects,
			Why:      west + "six hours after a leaf's end: before it still",
			Weakness: "An RTC that is set to local time west of Greenwich accepts a certificate for hours after its end."},
		{Name: "clock/local-time/east-before-the-beginning", Clock: "leaf-notBefore+25200s", Expect: accept(sourceDates), Controls: rejects,
			Why:      east + "seven hours before a leaf's beginning: past it already",
			Weakness: "An RTC that is set to local time east of Greenwich accepts a certificate for hours before its beginning."},
		{Name: "clock/local-time/west-after-the-beginning", Clock: "leaf-notBefore-21600s", Expect: reject(sourceDates, harness.NotYetValid), Controls: reachable,
			Why: west + "six hours after a leaf's beginning: before it still"},
	}
}

// endedAnchors are about what a camera holds and nobody renews.
func endedAnchors() []harness.Scenario {
	const selfSigned = "self-signed-ecdsa/self-signed/CERT_REQUIRED"
	attack := []harness.Control{{Name: attackScenario, Shows: showsAttack}}
	return []harness.Scenario{
		{Name: "clock/intermediate-ended", Claims: []string{"C21", "C25"}, Anchor: "intermediate", Clock: "intermediate-notAfter+86400s",
			Expect: reject(sourceDates, harness.Expired), Why: "a day after the end of the intermediate that the camera holds, and of all that it issued",
			Controls: []harness.Control{
				{Name: goodRecipe + "/intermediate/CERT_REQUIRED", Shows: showsClock},
				{Name: goodReachable, Shows: showsReachable},
			}},
		{Name: "clock/pinned-leaf-ended", Claims: []string{"C22", "C25"}, Anchor: "leaf", Clock: "leaf-notAfter+86400s",
			Expect:   either("RFC 5280 6.1.1(d): an anchor's dates are not on the path", harness.Expired, harness.NotTrusted),
			Why:      "a day after the end of the leaf that the camera has pinned and the server still sends",
			Controls: attack},
		{Name: "clock/self-signed-ended", Claims: []string{"C23", "C25"}, Recipe: "self-signed-ecdsa", Anchor: "self-signed", Clock: "leaf-notAfter+86400s",
			Expect:   either("RFC 5280 6.1.1(d): an anchor's dates are not on the path", harness.Expired),
			Why:      "a day after the end of a self-signed certificate that is its own anchor",
			Controls: []harness.Control{{Name: selfSigned, Shows: "before its end it is accepted"}}},
	}
}

// rolledBackClocks are an attacker's who answers in the time server's place.
func rolledBackClocks() []harness.Scenario {
	const recipe = "expired-leaf-ecdsa"
	expired := harness.Control{Name: recipe + "/root/CERT_REQUIRED", Shows: "with a right clock the device rejects it"}
	return []harness.Scenario{
		{Name: "clock/ntp-rolled-back", Recipe: recipe, Clock: "ntp/T0-172800s", Needs: []string{"ntptime"}, Claims: []string{"C09", "C25"},
			Expect: accept("the manual's procedure, which takes any time server's word (RFC 4330 section 11)"),
			Why:    "an attacker answers ntptime.settime() with a time at which an expired leaf was good",
			Weakness: "ntptime.settime() believes an unauthenticated answer: who answers in the time server's place " +
				"brings an expired certificate back to life.",
			Controls: []harness.Control{expired}},
		{Name: "clock/ntp-before-2024", Clock: "ntp/" + before2024, Needs: []string{"ntptime"},
			Expect: rejectAny(sourceDates, harness.Expired, harness.NotYetValid),
			Why:    "an answer from before 2024, which ntptime hears as one of the next era: no attacker rolls the clock back that far",
			Controls: []harness.Control{
				{Name: clockSet, Shows: showsClock},
				{Name: clockUnverified, Shows: showsReachable},
			}},
	}
}

// faultyTimeServers answer ntptime.settime() wrongly or not at all.
func faultyTimeServers() []harness.Scenario {
	var rows []harness.Scenario
	right := []harness.Control{{Name: clockSet, Shows: "a right answer lets the same client code connect"}}
	for what, why := range faultsWithoutTime() {
		rows = append(rows, harness.Scenario{
			Name: "clock/ntp-" + what, Clock: clockNTP + "/" + what, Needs: []string{"ntptime"}, Controls: right,
			Expect: raises(sourceSNTP, harness.PhaseClock),
			Why:    "a time server whose answer " + why + ": settime raises, and the manual's client code never connects",
		})
	}
	for what, f := range faultsWithTime() {
		rows = append(rows, harness.Scenario{
			Name: "clock/ntp-" + what, Clock: clockNTP + "/" + what, Needs: []string{"ntptime"}, Controls: right,
			Expect:   either("RFC 4330 section 5 has a client refuse such an answer; the manual demands nothing", harness.Expired, harness.NotYetValid),
			Why:      "a time server that " + f + ": does ntptime.settime() take its word?",
			Weakness: "ntptime.settime() takes the word of a time server that " + f + ".",
		})
	}
	slices.SortFunc(rows, func(a, b harness.Scenario) int { return strings.Compare(a.Name, b.Name) })
	return rows
}

// faultsWithoutTime are answers that hold no time.
func faultsWithoutTime() map[string]string {
	return map[string]string{
		string(sntp.Silence): "does not come",
		string(sntp.Short):   "ends in the middle of its timestamp",
		ntpLate:              "comes too late",
	}
}

// faultsWithTime are answers with a time that a client must not take.
func faultsWithTime() map[string]string {
	return map[string]string{
		string(sntp.KissOfDeath):    "tells its clients to go away (stratum 0)",
		string(sntp.Unsynchronised): "says that its own clock was never set",
		string(sntp.ZeroTransmit):   "gives no transmit timestamp",
		string(sntp.OtherPort):      "answers from another port than was asked",
	}
}
