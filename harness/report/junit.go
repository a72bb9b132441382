package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"trustrig/harness"
)

// JUnit writes the record as JUnit XML. A finding is a failure unless a
// baseline accepts it, what is insecure always is; an inconclusive scenario an error, for it says something about the rig and
// nothing about the device.
func JUnit(w io.Writer, r *harness.RunRecord) error {
	suite := junit.Testsuite{Name: "trustrig/" + r.Device.Name, Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05Z")}
	suite.AddProperty("firmware", r.Device.Firmware.Name+" "+r.Device.Firmware.Version)
	suite.AddProperty("sha256", r.Device.Firmware.SHA256)
	suite.AddProperty("servers", r.Servers)
	suite.AddProperty("seed", fmt.Sprint(r.Seed))
	for _, s := range r.Scenarios {
		suite.AddTestcase(testcase(s))
	}
	suite.Time = junitSeconds(r.Ended.Sub(r.Started).Seconds())
	suites := junit.Testsuites{Name: "trustrig"}
	suites.AddSuite(suite)
	if err := suites.WriteXML(w); err != nil {
		return fmt.Errorf("writing JUnit XML: %w", err)
	}
	return nil
}

func testcase(s harness.ScenarioRecord) junit.Testcase {
	c := junit.Testcase{Name: s.Name, Classname: s.Recipe, Time: junitSeconds((s.Outcome.Milliseconds + s.Overhead) / 1000)}
	result := &junit.Result{Message: string(s.Verdict) + ": " + s.Why, Type: string(s.Verdict), Data: Detail(s)}
	switch {
	case s.New || s.Verdict == harness.Insecure: // which no name makes green
		c.Failure = result
	case s.Verdict.Finding() || s.Drift != nil:
		c.SystemOut = &junit.Output{Data: result.Message + "\n" + result.Data}
	case s.Verdict == harness.Inconclusive:
		c.Error = result
	case s.Verdict == harness.Skipped:
		c.Skipped = result
	}
	return c
}

// Detail is what one wants to see of a scenario that did not pass: what was
// expected, both witnesses, the controls.
func Detail(s harness.ScenarioRecord) string {
	var b strings.Builder
	fmt.Fprintf(&b, "expected %s, on the word of: %s\n", s.Expect.Result, s.Expect.Source)
	fmt.Fprintf(&b, "device:   %s in phase %s: %s\n", s.Outcome.Result, s.Outcome.Phase, s.Outcome.Summary())
	if s.Sighting == nil {
		fmt.Fprintln(&b, "server:   saw no connection")
	} else {
		fmt.Fprintf(&b, "server:   handshake %v, nonce %v, alert %q, SNI %q, end %s\n",
			s.Sighting.Handshake, s.Sighting.Nonce, s.Sighting.Alert, s.Sighting.SNI, s.Sighting.End)
	}
	if s.Drift != nil {
		fmt.Fprintf(&b, "drift:    %s promises: %s Seen: %s\n", s.Drift.Claim, s.Drift.Sentence, s.Drift.Seen)
	}
	if known := cmp.Or(s.Advisory, s.Accepted); known != "" {
		fmt.Fprintf(&b, "known:    %s\n", known)
	}
	for _, c := range s.Controls {
		fmt.Fprintf(&b, "control:  %s: %s (%s)\n", c.Name, c.Verdict, c.Why)
	}
	return b.String()
}

func junitSeconds(s float64) string { return fmt.Sprintf("%.3f", s) }
