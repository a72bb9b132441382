package harness

import "time"

// A Result is how a connection ended on the device, or how it must end.
type Result string

const (
	Accepted Result = "accepted" // application data went both ways
	Rejected Result = "rejected" // refused, and a verification reason was given
	Failed   Result = "failed"   // broke off for another cause: reset, timeout, no memory
	Either   Result = "either"   // in an Expect only: the source leaves the choice to the device
)

// A Phase is the step of the client code in which an outcome came about.
type Phase string

const (
	PhaseClock     Phase = "clock"     // the time was asked for and set
	PhaseContext   Phase = "context"   // the TLS context was made and its verify mode set
	PhaseAnchor    Phase = "anchor"    // the anchor was loaded
	PhaseConnect   Phase = "connect"   // TCP
	PhaseHandshake Phase = "handshake" // wrap_socket up to Finished
	PhaseExchange  Phase = "exchange"  // the nonce, there and back
	PhaseDone      Phase = "done"
)

// A VerifyMode is what the client code sets as verify_mode, by the name that
// MicroPython's ssl module gives it.
type VerifyMode string

const (
	CertNone     VerifyMode = "CERT_NONE"
	CertOptional VerifyMode = "CERT_OPTIONAL"
	CertRequired VerifyMode = "CERT_REQUIRED"
	CertDefault  VerifyMode = "default" // never set: what the context starts with
)

// A Verdict is what a scenario's outcome, sighting and controls amount to.
type Verdict string

// From worst to best. DESIGN's three rules say when each is due; [Judge] is
// their one implementation.
const (
	Insecure     Verdict = "insecure"     // accepted what must be rejected
	Broken       Verdict = "broken"       // rejected what must be accepted
	WrongReason  Verdict = "wrong reason" // the required result, contradicted by a witness
	Inconclusive Verdict = "inconclusive" // nothing is proved either way
	Skipped      Verdict = "skipped"      // the firmware lacks what the scenario needs
	Pass         Verdict = "pass"
)

// Verdicts lists all verdicts, worst first.
func Verdicts() []Verdict {
	return []Verdict{Insecure, Broken, WrongReason, Inconclusive, Skipped, Pass}
}

// Finding reports whether the verdict says something about the device that
// its maker must hear.
func (v Verdict) Finding() bool {
	return v == Insecure || v == Broken || v == WrongReason
}

// An Outcome is what the device reported of one connection: the first
// witness.
type Outcome struct {
	Result Result `json:"result"`
	Phase  Phase  `json:"phase"`
	// Reason is the first of Reasons, for readers who want one word.
	Reason Reason `json:"reason,omitempty"`
	// Reasons are all that the device's texts and codes name.
	Reasons []Reason `json:"reasons,omitempty"`
	// CodeOnly is whether the device gave a bare error number that says
	// "verification failed" without saying why.
	CodeOnly bool `json:"code_only,omitempty"`
	// Exception is the class that was raised ("ValueError"), Detail its
	// text and Errno its number where it had one.
	Exception string `json:"exception,omitempty"`
	Detail    string `json:"detail,omitempty"`
	Errno     int    `json:"errno,omitempty"`
	// Milliseconds is the time from the context's making to the last byte,
	// by the device's own clock.
	Milliseconds float64 `json:"ms"`
	// Version is the TLS version where the firmware tells it.
	Version string `json:"tls,omitempty"`
	// VerifyMode is verify_mode read back after it was set; nil where the
	// client code has none to read.
	VerifyMode *int `json:"verify_mode,omitempty"`
	// Clock is what the device's clock said before the client code ran, UTC,
	// where the scenario is about it.
	Clock string `json:"clock,omitempty"`
	// Reply is the line that came back from the server.
	Reply string `json:"reply,omitempty"`
	// Reset is whether the device reset itself or answers no more, so that
	// someone must reset it.
	Reset bool `json:"reset,omitempty"`
	// Missing is the capability that the firmware lacks; the scenario was
	// not tried then.
	Missing string `json:"missing,omitempty"`
}

// An Expect is what a scenario demands, and on whose word.
type Expect struct {
	Result Result `json:"result"`
	// Reasons is the exact set that a rejecting device must name.
	Reasons []Reason `json:"reasons,omitempty"`
	// Also are reasons that it may name besides, because the source leaves
	// it open whether they hold.
	Also []Reason `json:"also,omitempty"`
	// Phase is where a result of failed must come about, "" for anywhere.
	Phase Phase `json:"phase,omitempty"`
	// Source is the claim's sentence or the clause of the RFC that demands
	// it, never an observation.
	Source string `json:"source"`
}

// A Control is another scenario of the same run that shows that this one
// could have gone the other way.
type Control struct {
	// Name is the control's own scenario name.
	Name string `json:"name"`
	// Shows says what the control proves, for the reader of a verdict.
	Shows string `json:"shows"`
	// Verdict and Why are the control's own. They are empty until it ran.
	Verdict Verdict `json:"verdict,omitempty"`
	Why     string  `json:"why,omitempty"`
}

// An SNI says which server_name the server must see.
type SNI string

const (
	SNIAsNamed SNI = ""     // ServerName, byte by byte
	SNINone    SNI = "none" // none, though the client code names a host
	SNIAny     SNI = "any"  // the scenario is not about it
)

// A Load is how client code loads its anchors.
type Load struct {
	// Form is what the bytes are: "" for the one certificate in DER, else a
	// form that the stage knows how to make ("pem", "der-two", …).
	Form string `json:"form,omitempty"`
	// Via is the way in: "" for cadata from memory, "cafile" for a file on
	// /flash, "romfs" for one in a ROMFS image mounted from memory.
	Via string `json:"via,omitempty"`
}

// A Promise is what the manual documents beyond what safety demands, or other
// than it. A device that keeps the demand and not the promise drifts from its
// documentation.
type Promise struct {
	Result  Result   `json:"result"`
	Reasons []Reason `json:"reasons,omitempty"`
	// Claim is whose promise it is, Sentence what is promised.
	Claim    string `json:"claim"`
	Sentence string `json:"sentence"`
}

// A Scenario is endpoint × anchor × client code × clock, with what must
// happen and why: one row of the catalogue.
type Scenario struct {
	Name   string   // path-like and unique: "expired-leaf-ecdsa/root/CERT_REQUIRED"
	Claims []string // identifiers of the claims it serves
	Recipe string   // how the chain is made
	// ByName are further recipes that the endpoint presents to clients that
	// send these names in SNI.
	ByName map[string]string
	Stack  string // the server software that presents it
	// Behaviour is what the server does otherwise than usual, "" for nothing.
	Behaviour string
	Anchor    string // which certificate the device loads, or "none"
	Load      Load
	// Second is a further anchor, for client code that loads two.
	Second string
	Verify VerifyMode
	// ServerName is what the client code gives as server_hostname, "" for
	// none.
	ServerName string
	// SNI is what the server must see of it.
	SNI    SNI
	Client string // the client code: a kind of package probe
	// Variant is what the client code does otherwise than the manual's, ""
	// for nothing.
	Variant string
	Clock   string // what time the device believes
	// Timeout is what the client code sets as its socket's, zero for none.
	Timeout time.Duration
	// Limit is after how long the rig interrupts the client code, which its
	// own timeout might never end; zero for the rig's usual.
	Limit time.Duration
	// Needs are the capabilities without which the scenario is skipped.
	Needs []string
	// Why says in a sentence what the scenario finds out.
	Why    string
	Expect Expect
	// Weakness is set where what the manual has a camera do is itself weak,
	// and says in a sentence how. Such a scenario passes when the device shows
	// the weakness: no firmware can mend it.
	Weakness string
	// Documented is set where the manual promises more or other than Expect.
	Documented *Promise
	Controls   []Control
}
