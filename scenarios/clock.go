package scenarios

import "trustrig/harness"

const sourceClock = `the manual's example: "ntptime.settime()  # validity check needs the clock"; RFC 5280 6.1.3(a)(2)`

// clockScenarios are about a camera that wakes up in the wrong year.
func clockScenarios() []harness.Scenario {
	required, unverified, set := "clock/power-on/CERT_REQUIRED", "clock/power-on/CERT_NONE", "clock/ntp/CERT_REQUIRED"
	rows := []harness.Scenario{
		{Name: required, Clock: "power-on", Expect: reject(sourceClock, harness.NotYetValid),
			Why: "a good chain before a camera that nobody told the time",
			Controls: []harness.Control{
				{Name: set, Shows: "the clock, and nothing else, makes the result"},
				{Name: unverified, Shows: showsReachable},
			}},
		{Name: unverified, Clock: "power-on", Verify: harness.CertNone, Expect: accept(manualNone),
			Why:      "the trap: without verification it works without time, and so it is left",
			Controls: []harness.Control{{Name: required, Shows: "it is CERT_NONE that lets the server through"}}},
		{Name: set, Clock: "ntp", Expect: accept(sourceClock),
			Why:      "the same after ntptime.settime()",
			Controls: []harness.Control{{Name: required, Shows: "without it the server is rejected"}}},
	}
	for i := range rows {
		rows[i].Claims, rows[i].Needs = []string{"C09"}, []string{"clock"}
		rows[i] = complete(rows[i])
	}
	return rows
}
