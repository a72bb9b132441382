package harness

import (
	"fmt"
	"slices"
	"strings"
)

// A Judgement is a verdict and the sentence that justifies it.
type Judgement struct {
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why"`
}

func judged(v Verdict, format string, args ...any) Judgement {
	return Judgement{v, fmt.Sprintf(format, args...)}
}

// Judge makes a verdict of what the device reported, what the server saw of
// the same connection (nil where it saw none) and how the controls went. It
// is a pure function: equal witnesses, equal verdict.
//
// What the server saw comes first: a nonce at a server that must be rejected
// is insecure whatever the device says of it. A failed control only takes
// from a verdict that rests on it; that a device accepted the wrong server
// needs no control.
func Judge(sc Scenario, o Outcome, s *Sighting, controls []Control) Judgement {
	if o.Missing != "" {
		return judged(Skipped, "this run lacks %s", o.Missing)
	}
	if s == nil {
		s = &Sighting{}
	}
	j, played := judgeBehaviour(sc, o, s)
	if played {
		j = judgeWitnesses(sc.Expect, o, s)
	}
	if j.Verdict == Pass {
		// The contradiction is seen, and rests on no control; controls made
		// the same way show it too.
		if j = judgeSetting(sc, o, s, j); j.Verdict != Pass {
			return j
		}
	}
	if j.Verdict != Pass && j.Verdict != WrongReason {
		return j
	}
	for _, c := range controls {
		if c.Verdict != Pass {
			return judged(Inconclusive, "control %s is %s (%s), so nothing shows that %s", c.Name, c.Verdict, c.Why, c.Shows)
		}
	}
	return j
}

// judgeBehaviour looks whether the server came to behave as the scenario has
// it, without which nothing was tried. A nonce that must not be there counts
// in any case, and so does a device that did not stand it.
func judgeBehaviour(sc Scenario, o Outcome, s *Sighting) (j Judgement, played bool) {
	hostile := sc.Expect.Result == Failed || sc.Expect.Result == Rejected
	switch {
	case sc.Behaviour != "" && hostile && o.Reset:
		return judged(Broken, "the device did not stand %s and must be reset: %s", sc.Behaviour, o.Summary()), false
	case sc.Behaviour == "" || s.Played == sc.Behaviour || hostile && s.Nonce:
		return Judgement{}, true
	case s.Lacks != "":
		return judged(Skipped, "the firmware does not offer %s", s.Lacks), false
	}
	return judged(Inconclusive, "the server did not come to %s: %s", sc.Behaviour, o.Summary()), false
}

func judgeWitnesses(e Expect, o Outcome, s *Sighting) Judgement {
	if o.brokeOff() && !alertUnseen(s.Alert) && e.Result != Failed {
		// The device's number says no more than that the handshake ended.
		// That it was the device that ended it, and why, its alert says.
		o.Result, o.CodeOnly = Rejected, true
	}
	if o.Result == Rejected && (s.Nonce || s.Handshake) {
		return judged(Insecure, "the device claims to have rejected the server (%s), which saw %s", o.Summary(), trespass(s))
	}
	switch e.Result {
	case Accepted:
		return judgeAcceptance(o, s)
	case Rejected:
		return judgeRejection(e, o, s)
	case Failed:
		return judgeFailure(e, o, s)
	case Either:
		return judgeEither(e, o, s)
	}
	return judged(Inconclusive, "the scenario demands no known result but %q", e.Result)
}

// trespass names what a rejected server ought not to have got.
func trespass(s *Sighting) string {
	if s.Nonce {
		return "the device's application data"
	}
	return "the device's Finished"
}

func judgeAcceptance(o Outcome, s *Sighting) Judgement {
	switch {
	case o.Result == Rejected:
		return judged(Broken, "the device rejected the server: %s", o.Summary())
	case o.Result != Accepted:
		return judged(Inconclusive, "the connection failed in phase %s: %s", o.Phase, o.Summary())
	case !s.Handshake || !s.Nonce:
		return judged(Inconclusive, "the device claims to have accepted the server, which did not get the nonce")
	case o.Reply == "" || o.Reply != s.Reply:
		return judged(Inconclusive, "the server got the nonce, the device did not get the server's")
	}
	return judged(Pass, "accepted: the nonce went both ways")
}

func judgeRejection(e Expect, o Outcome, s *Sighting) Judgement {
	switch {
	case s.Nonce:
		return judged(Insecure, "the device sent application data to a server that it must reject")
	case s.Handshake:
		return judged(Insecure, "the device finished the handshake with a server that it must reject")
	case o.Result == Accepted:
		return judged(Inconclusive, "the device claims to have accepted the server, which did not get the nonce")
	case o.Result != Rejected:
		return judged(Inconclusive, "no rejection but a failure in phase %s: %s", o.Phase, o.Summary())
	}
	return judgeRejectionReasons(e, o, s)
}

// judgeRejectionReasons holds a rejection's reasons and alert against those
// expected. An empty expectation (a result of either) asks for no particular
// reason, only that the alert goes with those given.
func judgeRejectionReasons(e Expect, o Outcome, s *Sighting) Judgement {
	allowed := slices.Concat(e.Reasons, e.Also)
	asked := len(allowed) > 0
	if len(o.Reasons) > 0 && (!asked || o.Exception == "ValueError") {
		// Texts name all that is wrong, and the alert must be of one of them. A
		// number names one thing, and the alert may be of another.
		allowed = o.Reasons
	}
	fits, unseen := alertFits(s.Alert, allowed), alertUnseen(s.Alert)
	switch {
	case o.connected() && !s.ClientHello && !slices.Contains(o.Reasons, NoHostname):
		return judged(Inconclusive, "the device claims a rejection in phase %s, and the server saw no ClientHello", o.Phase)
	case len(o.Reasons) > 0 && asked && !e.fits(o.Reasons):
		return judged(WrongReason, "rejected as %s, expected %s", list(o.Reasons), e.wanted())
	case !unseen && !fits && len(allowed) > 0:
		return judged(WrongReason, "rejected as %s, but the alert %s does not go with that", list(allowed), s.Alert)
	case o.CodeOnly && unseen && asked:
		return judged(Inconclusive, "the device gave a code without a reason, and no alert was seen")
	case o.CodeOnly:
		return judged(Pass, "rejected with a bare code; alert %s", seen(s.Alert))
	}
	return judged(Pass, "rejected as %s; alert %s", list(o.Reasons), seen(s.Alert))
}

// wanted is the expectation of reasons in words.
func (e Expect) wanted() string {
	if len(e.Reasons) == 0 {
		return "any of " + list(e.Also)
	}
	return list(e.Reasons)
}

// judgeEither takes acceptance and rejection alike, a call that refuses its
// arguments before there is a connection, and, where the device may be unable
// to use the certificate, a server that finds nothing in the device's offer to
// use it with.
func judgeEither(e Expect, o Outcome, s *Sighting) Judgement {
	refused := slices.Contains(refusals, o.Exception) && (o.Phase == PhaseContext || o.Phase == PhaseAnchor) ||
		o.Phase == PhaseClock && slices.Contains(clockErrors, o.Exception) && !outOfMemory(o.Exception, o.Detail, o.Errno)
	switch {
	case o.Result == Rejected:
		return judgeRejectionReasons(e, o, s)
	case o.brokeOff() && o.Errno == -codeFatalAlert && !s.Nonce && !s.Handshake && slices.Contains(slices.Concat(e.Reasons, e.Also), Unsupported):
		return judged(Pass, "no handshake: the server has nothing that the device offers to take")
	case o.Result == Failed && refused && !s.Nonce && !s.Handshake:
		return judged(Pass, "refused in phase %s: %s", o.Phase, o.Summary())
	}
	return judgeAcceptance(o, s)
}

// refusals are what MicroPython raises where a call refuses its arguments. A
// full flash (OSError), or a script of the rig's that is wrong (NameError,
// KeyError, RuntimeError), refuses nothing.
var refusals = []string{"ValueError", "TypeError", "AttributeError"}

// clockErrors are what a device raises of a time server that is silent or
// lies, and of a date that it can not have.
var clockErrors = []string{"OSError", "OverflowError", "ValueError"}

// judgeFailure takes a failure that the scenario brings about: by a server
// that behaves so, or by a call that refuses.
func judgeFailure(e Expect, o Outcome, s *Sighting) Judgement {
	switch {
	case s.Nonce:
		return judged(Insecure, "the device sent application data over a connection that must fail")
	case o.Result == Accepted:
		return judged(Inconclusive, "the device claims acceptance, and the server did not get the nonce")
	case o.Exception == "" || outOfMemory(o.Exception, o.Detail, o.Errno) || s.Played == "" && o.Phase != PhaseClock && o.unconnected():
		return judged(Inconclusive, "failed for a cause of the rig's, the network's or of memory: %s", o.Summary())
	case s.Played == "" && o.Errno == -codeFatalAlert:
		return judged(WrongReason, "the device went on, and it was the server that broke off: %s", o.Summary())
	case e.Phase != "" && o.Phase != e.Phase:
		return judged(WrongReason, "failed in phase %s (%s), expected it in phase %s", o.Phase, o.Summary(), e.Phase)
	}
	return judged(Pass, "failed as it must in phase %s: %s", o.Phase, o.Summary())
}

// judgeSetting looks for a contradiction in how the connection was made, once
// its result is the required one.
func judgeSetting(sc Scenario, o Outcome, s *Sighting, pass Judgement) Judgement {
	switch {
	case !s.ClientHello || sc.SNI == SNIAny:
	case sc.SNI == SNINone && s.SNI != "":
		return judged(WrongReason, "the server saw SNI %q, where none may be sent", s.SNI)
	case sc.SNI == SNIAsNamed && s.SNI != sc.ServerName:
		return judged(WrongReason, "the server saw SNI %q, and the client code asks for %q", s.SNI, sc.ServerName)
	}
	want, known := verifyModes[sc.Verify]
	if known && o.VerifyMode != nil && *o.VerifyMode != want {
		return judged(WrongReason, "verify_mode reads back as %d, and was set to %s (%d)", *o.VerifyMode, sc.Verify, want)
	}
	return pass
}

// verifyModes are the values of MicroPython's constants, the same in every
// port: MBEDTLS_SSL_VERIFY_NONE, _OPTIONAL, _REQUIRED.
var verifyModes = map[VerifyMode]int{CertNone: 0, CertOptional: 1, CertRequired: 2}

// Summary is an outcome in one line.
func (o Outcome) Summary() string {
	if o.Exception == "" {
		if o.Detail == "" {
			return string(o.Result)
		}
		return o.Detail
	}
	return o.Exception + ": " + strings.Join(strings.Fields(o.Detail), " ")
}

func seen(alert string) string {
	if alertUnseen(alert) {
		return "unseen"
	}
	return alert
}

func list(reasons []Reason) string {
	if len(reasons) == 0 {
		return "(no reason)"
	}
	words := make([]string, len(reasons))
	for i, r := range reasons {
		words[i] = string(r)
	}
	return strings.Join(words, " and ")
}
