package harness

import "time"

// Schema is the version of the run record. A new field keeps it; a changed
// meaning raises it.
const Schema = 1

// A RunRecord is everything that one run on one device found, as it is
// written to run.json.
type RunRecord struct {
	Schema   int       `json:"schema"`
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended"`
	Trustrig string    `json:"trustrig"` // version of the harness
	// T0 is the instant that certificates are dated from; Seed shuffled the
	// scenarios. The two make a run repeatable.
	T0      time.Time    `json:"t0"`
	Seed    uint64       `json:"seed"`
	Servers string       `json:"servers"` // "docker" or "inprocess"
	Device  DeviceRecord `json:"device"`
	// Scenarios are in the order of the catalogue, not of the run.
	Scenarios []ScenarioRecord `json:"scenarios"`
	Totals    map[Verdict]int  `json:"totals"`
	// Claims is the ledger: what the run says of each claim.
	Claims []ClaimRecord `json:"claims"`
	// Advisories are those that name findings of the run, in full.
	Advisories []AdvisoryRecord `json:"advisories,omitempty"`
	// Stale says which lines of the baseline the run did not bear out.
	Stale []string `json:"stale,omitempty"`
	// Remarks are what the rig has to say of itself, such as that its clock
	// was set during the run.
	Remarks []string `json:"remarks,omitempty"`
	// Interrupted is whether the run was ended before its last scenario.
	Interrupted bool `json:"interrupted,omitempty"`
}

// A DeviceRecord says what was under test.
type DeviceRecord struct {
	Name         string         `json:"name"`
	Kind         string         `json:"kind"` // "emulated" or "serial"
	Port         string         `json:"port"`
	Firmware     FirmwareRecord `json:"firmware"`
	Capabilities []string       `json:"capabilities"`
}

// A FirmwareRecord names a firmware so that it can be found again.
type FirmwareRecord struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256,omitempty"`
	MbedTLS string `json:"mbedtls,omitempty"`
}

// A ScenarioRecord is one scenario with its witnesses and its verdict.
type ScenarioRecord struct {
	Name   string   `json:"name"`
	Claims []string `json:"claims,omitempty"`
	Recipe string   `json:"recipe"`
	Stack  string   `json:"stack"`
	// Behaviour is what the server did otherwise than usual.
	Behaviour string     `json:"behaviour,omitempty"`
	Anchor    string     `json:"anchor"`
	Load      Load       `json:"load"`
	Second    string     `json:"second,omitempty"`
	Verify    VerifyMode `json:"verify"`
	// ServerName is what the client code asks for.
	ServerName string    `json:"server_name"`
	Client     string    `json:"client"`
	Variant    string    `json:"variant,omitempty"`
	Clock      string    `json:"clock"`
	Expect     Expect    `json:"expect"`
	Outcome    Outcome   `json:"outcome"`
	Sighting   *Sighting `json:"sighting"` // null where the server saw no connection
	// Connections counts what the server saw; one is the rule.
	Connections int       `json:"connections"`
	Controls    []Control `json:"controls,omitempty"`
	Judgement
	// Weakness is what is weak in the procedure itself, where the device's
	// outcome shows it.
	Weakness string `json:"weakness,omitempty"`
	// Drift is set where the device departs from what the manual promises
	// beyond the demand.
	Drift *Drift `json:"drift,omitempty"`
	// Accepted is the reason for which a baseline accepts the finding or the
	// drift; Advisory names the advisory that covers an insecurity.
	Accepted string `json:"accepted,omitempty"`
	Advisory string `json:"advisory,omitempty"`
	// New is whether there is a finding that neither covers, or a drift that
	// the baseline in force does not know.
	New bool `json:"new,omitempty"`
	// Milliseconds that the rig spent on the scenario beyond the device's own.
	Overhead float64 `json:"overhead_ms"`
}

// An AdvisoryRecord is what is known of an insecurity that the run found.
type AdvisoryRecord struct {
	Name   string `json:"name"`
	Known  string `json:"known"`  // an identifier or address, or "unreported"
	Report string `json:"report"` // what its finders write to the maintainers
}

// A ClaimStatus is what a run says of a claim.
type ClaimStatus string

const (
	Confirmed    ClaimStatus = "confirmed"
	Refuted      ClaimStatus = "refuted"  // a scenario has a finding
	Drifts       ClaimStatus = "drift"    // only what is documented beyond the demand fails
	Untested     ClaimStatus = "untested" // nothing was shown
	ClaimSkipped ClaimStatus = "skipped"  // the firmware lacks what its scenarios need
)

// A ClaimRecord is a claim's entry in the ledger.
type ClaimRecord struct {
	ID     string      `json:"id"`
	Status ClaimStatus `json:"status"`
	// Scenarios that serve the claim and were run.
	Scenarios []string `json:"scenarios"`
	// Deciding are those of them that make the status other than confirmed.
	Deciding []string `json:"deciding,omitempty"`
	// Seen is what the device did, in a sentence.
	Seen string `json:"seen"`
	// Documented is what the manual promises beyond the demand.
	Documented string `json:"documented,omitempty"`
	// Weaknesses are those of the manual's own procedure, each once, that the
	// scenarios show. They are no finding about the firmware.
	Weaknesses []string `json:"weaknesses,omitempty"`
}

// Total counts the verdicts, with a zero for each that none has.
func Total(scenarios []ScenarioRecord) map[Verdict]int {
	totals := make(map[Verdict]int)
	for _, v := range Verdicts() {
		totals[v] = 0
	}
	for _, s := range scenarios {
		totals[s.Verdict]++
	}
	return totals
}
