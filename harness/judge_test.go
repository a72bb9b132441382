package harness_test

import (
	"strings"
	"testing"

	"trustrig/harness"
)

// The witnesses of an honest acceptance and of an honest rejection, which
// each row below changes in one thing.
func accepted() (harness.Outcome, *harness.Sighting) {
	two := 2
	return harness.Outcome{Result: harness.Accepted, Phase: harness.PhaseDone, Reply: "r", VerifyMode: &two},
		&harness.Sighting{ClientHello: true, SNI: "api.example.com", Handshake: true, Received: "n", Nonce: true, Reply: "r", End: harness.EndCloseNotify}
}

func rejected() (harness.Outcome, *harness.Sighting) {
	two := 2
	o := harness.Outcome{Phase: harness.PhaseHandshake, Exception: "ValueError", VerifyMode: &two,
		Detail: "\nThe certificate validity has expired"}
	o.Explain()
	return o, &harness.Sighting{ClientHello: true, SNI: "api.example.com", Alert: "certificate_expired", End: harness.EndEOF}
}

func TestJudge(t *testing.T) {
	type witnesses func() (harness.Outcome, *harness.Sighting)
	type change func(*harness.Scenario, *harness.Outcome, *harness.Sighting)
	failedWith := func(phase harness.Phase, exception, text string, errno int) change {
		return func(_ *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
			*o = harness.Outcome{Phase: phase, Exception: exception, Detail: text, Errno: errno}
			o.Explain()
			s.Alert = ""
		}
	}
	control := func(v harness.Verdict) change {
		return func(sc *harness.Scenario, _ *harness.Outcome, _ *harness.Sighting) {
			sc.Controls = []harness.Control{{Name: "twin", Shows: "the chain is good but for its fault", Verdict: v, Why: "of itself"}}
		}
	}
	tests := []struct {
		name   string
		expect harness.Result
		from   witnesses
		change change
		want   harness.Verdict
		why    string // a part of the sentence
	}{
		// Acceptance demanded.
		{"accept: nonce both ways", harness.Accepted, accepted, nil, harness.Pass, "nonce went both ways"},
		{"accept: rejected instead", harness.Accepted, rejected, nil, harness.Broken, "ValueError: The certificate validity has expired"},
		{"accept: rejected, yet finished", harness.Accepted, rejected,
			func(_ *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) { s.Handshake = true }, harness.Insecure, "Finished"},
		{"accept: reset", harness.Accepted, accepted, failedWith(harness.PhaseHandshake, "OSError", "[Errno 104] ECONNRESET", 104), harness.Inconclusive, "failed in phase handshake"},
		{"accept: claimed, no nonce", harness.Accepted, accepted,
			func(_ *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) { s.Nonce = false }, harness.Inconclusive, "did not get the nonce"},
		{"accept: claimed, no connection", harness.Accepted, accepted,
			func(_ *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) { *s = harness.Sighting{} }, harness.Inconclusive, "did not get the nonce"},
		{"accept: another reply", harness.Accepted, accepted,
			func(_ *harness.Scenario, o *harness.Outcome, _ *harness.Sighting) { o.Reply = "x" }, harness.Inconclusive, "did not get the server's"},
		{"accept: no reply at all", harness.Accepted, accepted,
			func(_ *harness.Scenario, o *harness.Outcome, s *harness.Sighting) { o.Reply, s.Reply = "", "" }, harness.Inconclusive, "did not get the server's"},
		{"accept: another SNI", harness.Accepted, accepted,
			func(_ *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) { s.SNI = "" }, harness.WrongReason, "SNI"},
		{"accept: SNI where none may be", harness.Accepted, accepted,
			func(sc *harness.Scenario, _ *harness.Outcome, _ *harness.Sighting) { sc.SNI = harness.SNINone }, harness.WrongReason, "none may be sent"},
		{"accept: SNI of no matter", harness.Accepted, accepted,
			func(sc *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) {
				sc.SNI = harness.SNIAny
				s.SNI = "x"
			}, harness.Pass, ""},
		{"accept: verify_mode reads back otherwise", harness.Accepted, accepted,
			func(_ *harness.Scenario, o *harness.Outcome, _ *harness.Sighting) { none := 0; o.VerifyMode = &none }, harness.WrongReason, "verify_mode"},
		{"accept: control passed", harness.Accepted, accepted, control(harness.Pass), harness.Pass, ""},
		{"accept: control insecure", harness.Accepted, accepted, control(harness.Insecure), harness.Inconclusive, "control twin is insecure"},

		// Rejection demanded.
		{"reject: reason and alert", harness.Rejected, rejected, nil, harness.Pass, "certificate_expired"},
		{"reject: accepted instead", harness.Rejected, accepted, nil, harness.Insecure, "application data"},
		{"reject: only finished", harness.Rejected, accepted,
			func(_ *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				s.Nonce = false
				o.Result = harness.Failed
			}, harness.Insecure, "finished the handshake"},
		{"reject: claimed, yet the nonce came", harness.Rejected, rejected,
			func(_ *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) { s.Nonce = true }, harness.Insecure, "claims to have rejected"},
		{"reject: acceptance claimed without the server", harness.Rejected, accepted,
			func(_ *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) {
				s.Nonce, s.Handshake = false, false
			}, harness.Inconclusive, "did not get the nonce"},
		{"reject: reset", harness.Rejected, rejected, failedWith(harness.PhaseHandshake, "OSError", "[Errno 104] ECONNRESET", 104), harness.Inconclusive, "no rejection but a failure"},
		{"reject: timeout", harness.Rejected, rejected, failedWith(harness.PhaseHandshake, "OSError", "[Errno 110] ETIMEDOUT", 110), harness.Inconclusive, "failure"},
		{"reject: no memory", harness.Rejected, rejected, failedWith(harness.PhaseHandshake, "MemoryError", "memory allocation failed", 0), harness.Inconclusive, "failure"},
		{"reject: no memory in mbedTLS", harness.Rejected, rejected, failedWith(harness.PhaseHandshake, "OSError", "MBEDTLS_ERR_X509_ALLOC_FAILED", -0x2880), harness.Inconclusive, "failure"},
		{"reject: claimed without a ClientHello", harness.Rejected, rejected,
			func(_ *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) { *s = harness.Sighting{} }, harness.Inconclusive, "no ClientHello"},
		{"reject: another reason", harness.Rejected, rejected,
			func(_ *harness.Scenario, o *harness.Outcome, _ *harness.Sighting) {
				o.Detail = "\nThe certificate is not correctly signed by the trusted CA"
				o.Explain()
			}, harness.WrongReason, "expected expired"},
		{"reject: a reason too many", harness.Rejected, rejected,
			func(_ *harness.Scenario, o *harness.Outcome, _ *harness.Sighting) {
				o.Detail += "\nThe certificate is not correctly signed by the trusted CA"
				o.Explain()
			}, harness.WrongReason, "expected expired"},
		{"reject: a second reason that may be", harness.Rejected, rejected,
			func(sc *harness.Scenario, o *harness.Outcome, _ *harness.Sighting) {
				sc.Expect.Also = []harness.Reason{harness.NotTrusted}
				o.Detail += "\nThe certificate is not correctly signed by the trusted CA"
				o.Explain()
			}, harness.Pass, "expired and not-trusted"},
		{"reject: two reasons due, one given", harness.Rejected, rejected,
			func(sc *harness.Scenario, _ *harness.Outcome, _ *harness.Sighting) {
				sc.Expect.Reasons = []harness.Reason{harness.Expired, harness.NotTrusted}
			}, harness.WrongReason, "expected expired and not-trusted"},
		{"reject: another alert", harness.Rejected, rejected,
			func(_ *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) { s.Alert = "unknown_ca" }, harness.WrongReason, "alert unknown_ca"},
		{"reject: another alert, of a reason that may be and was not given", harness.Rejected, rejected,
			func(sc *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) {
				sc.Expect.Also = []harness.Reason{harness.NotTrusted}
				s.Alert = "unknown_ca"
			}, harness.WrongReason, "alert unknown_ca"},
		{"reject: alert unseen", harness.Rejected, rejected,
			func(_ *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) { s.Alert = "" }, harness.Pass, "unseen"},
		{"reject: alert unreadable", harness.Rejected, rejected,
			func(_ *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) { s.Alert = "encrypted" }, harness.Pass, "unseen"},
		{"reject: bare code, alert fits", harness.Rejected, rejected,
			func(_ *harness.Scenario, o *harness.Outcome, _ *harness.Sighting) {
				o.Exception, o.Detail, o.Errno = "OSError", "(-9984, 'MBEDTLS_ERR_X509_CERT_VERIFY_FAILED')", -9984
				o.Explain()
			}, harness.Pass, "bare code"},
		{"reject: a code of no meaning, the device's own alert", harness.Rejected, rejected,
			func(_ *harness.Scenario, o *harness.Outcome, _ *harness.Sighting) {
				o.Exception, o.Detail, o.Errno = "OSError", "(-28160, 'SSL - The handshake negotiation failed')", -0x6E00
				o.Explain()
			}, harness.Pass, "bare code; alert certificate_expired"},
		{"reject: a code of no meaning, no alert", harness.Rejected, rejected,
			func(_ *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				o.Exception, o.Detail, o.Errno = "OSError", "(-28160, 'SSL - The handshake negotiation failed')", -0x6E00
				o.Explain()
				s.Alert = ""
			}, harness.Inconclusive, "failure in phase handshake"},
		{"reject: memory ran out, and an alert", harness.Rejected, rejected,
			func(_ *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				o.Exception, o.Detail, o.Errno = "OSError", "(-32512, 'SSL - Memory allocation failed')", -0x7F00
				o.Explain()
				s.Alert = "internal_error"
			}, harness.Inconclusive, "failure in phase handshake"},
		{"reject: memory ran out, the number alone, and an alert that would do", harness.Rejected, rejected,
			func(sc *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				sc.Expect.Reasons = []harness.Reason{harness.NoAnchor}
				o.Exception, o.Detail, o.Errno = "OSError", "-32512", -0x7F00
				o.Explain()
				s.Alert = "internal_error"
			}, harness.Inconclusive, "failure in phase handshake"},
		{"accept: a code of no meaning, the device's own alert", harness.Accepted, rejected,
			func(_ *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				o.Exception, o.Detail, o.Errno = "OSError", "(-28160, 'SSL - The handshake negotiation failed')", -0x6E00
				o.Explain()
				s.Alert = "handshake_failure"
			}, harness.Broken, "negotiation failed"},
		{"reject: bare code, no alert", harness.Rejected, rejected,
			func(_ *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				o.Exception, o.Detail, o.Errno = "OSError", "(-9984, 'MBEDTLS_ERR_X509_CERT_VERIFY_FAILED')", -9984
				o.Explain()
				s.Alert = ""
			}, harness.Inconclusive, "without a reason"},
		{"reject: bare code, another alert", harness.Rejected, rejected,
			func(_ *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				o.Exception, o.Detail, o.Errno = "OSError", "-9984", -9984
				o.Explain()
				s.Alert = "unknown_ca"
			}, harness.WrongReason, "unknown_ca"},
		{"reject: another SNI", harness.Rejected, rejected,
			func(_ *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) { s.SNI = "other.example.com" }, harness.WrongReason, "SNI"},
		{"reject: anchor did not load, no connection needed", harness.Rejected, rejected,
			func(sc *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				sc.Expect.Reasons = []harness.Reason{harness.AnchorInvalid}
				o.Phase, o.Detail = harness.PhaseAnchor, "invalid cert"
				o.Explain()
				*s = harness.Sighting{}
			}, harness.Pass, "anchor-invalid"},
		{"reject: control passed", harness.Rejected, rejected, control(harness.Pass), harness.Pass, ""},
		{"reject: control broken", harness.Rejected, rejected, control(harness.Broken), harness.Inconclusive, "control twin is broken"},
		{"reject: control never ran", harness.Rejected, rejected, control(""), harness.Inconclusive, "control twin"},
		{"reject: accepted and control broken", harness.Rejected, accepted, control(harness.Broken), harness.Insecure, ""},
		{"reject: wrong reason and control broken", harness.Rejected, rejected,
			func(sc *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				control(harness.Broken)(sc, o, s)
				s.Alert = "unknown_ca"
			}, harness.Inconclusive, "control twin is broken"},

		// The choice left to the device.
		{"either: accepted", harness.Either, accepted, nil, harness.Pass, "nonce went both ways"},
		{"either: rejected", harness.Either, rejected, nil, harness.Pass, "rejected as expired"},
		{"either: rejected, yet the nonce came", harness.Either, rejected,
			func(_ *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) { s.Nonce = true }, harness.Insecure, ""},
		{"either: rejected with another alert", harness.Either, rejected,
			func(sc *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) {
				sc.Expect.Reasons = nil
				s.Alert = "unknown_ca"
			}, harness.WrongReason, "unknown_ca"},
		{"either: the call refuses", harness.Either, accepted,
			func(_ *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				*o = harness.Outcome{Result: harness.Failed, Phase: harness.PhaseContext, Exception: "ValueError", Detail: "invalid verify_mode"}
				*s = harness.Sighting{}
			}, harness.Pass, "refused in phase context"},
		{"either: a full flash", harness.Either, accepted, failedSo(harness.Outcome{Phase: harness.PhaseAnchor, Exception: "OSError", Errno: 28}), harness.Inconclusive, ""},
		{"either: a script that is wrong", harness.Either, accepted, failedSo(harness.Outcome{Phase: harness.PhaseAnchor, Exception: "NameError"}), harness.Inconclusive, ""},
		{"either: the server has nothing to offer", harness.Either, rejected,
			func(sc *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				sc.Expect.Also = []harness.Reason{harness.Unsupported}
				failedWith(harness.PhaseHandshake, "OSError", "A fatal alert message was received from our peer", -0x7780)(sc, o, s)
			}, harness.Pass, "no handshake"},
		{"either: the server breaks off, and ought to be able to", harness.Either, rejected,
			failedWith(harness.PhaseHandshake, "OSError", "A fatal alert message was received from our peer", -0x7780), harness.Inconclusive, "failed in phase handshake"},
		{"either: no memory for the anchor", harness.Either, accepted, failedWith(harness.PhaseAnchor, "MemoryError", "", 0), harness.Inconclusive, ""},
		{"either: reset", harness.Either, accepted, failedWith(harness.PhaseExchange, "OSError", "", 104), harness.Inconclusive, "failed in phase exchange"},

		// Failure demanded: the server breaks off by itself.
		{"fail: failed", harness.Failed, accepted,
			func(sc *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				*o = harness.Outcome{Result: harness.Failed, Phase: harness.PhaseExchange, Exception: "OSError", Errno: 104}
				sc.Behaviour, s.Played, s.Nonce = "stalls", "stalls", false
			}, harness.Pass, "phase exchange"},
		{"fail: in another phase", harness.Failed, accepted,
			func(sc *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				sc.Expect.Phase = harness.PhaseContext
				*o = harness.Outcome{Result: harness.Failed, Phase: harness.PhaseAnchor, Exception: "TypeError"}
				s.Nonce = false
			}, harness.WrongReason, "expected it in phase context"},
		{"fail: nonce came", harness.Failed, accepted, nil, harness.Insecure, "must fail"},
		{"fail: acceptance claimed", harness.Failed, accepted,
			func(_ *harness.Scenario, _ *harness.Outcome, s *harness.Sighting) { s.Nonce = false }, harness.Inconclusive, "claims acceptance"},

		{"fail: the rig failed", harness.Failed, accepted,
			func(_ *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				*o = harness.Outcome{Result: harness.Failed, Detail: "opening endpoint: no port left"}
				*s = harness.Sighting{}
			}, harness.Inconclusive, "no port left"},
		{"fail: a call refuses", harness.Failed, accepted,
			func(sc *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
				sc.Expect.Phase = harness.PhaseHandshake
				*o = harness.Outcome{Result: harness.Failed, Phase: harness.PhaseHandshake, Exception: "TypeError"}
				*s = harness.Sighting{}
			}, harness.Pass, "TypeError"},
		{"fail: reset where a call must refuse", harness.Failed, accepted,
			failedSo(harness.Outcome{Phase: harness.PhaseHandshake, Exception: "OSError", Errno: 104}), harness.Inconclusive, "network"},
		{"fail: no connection where a call must refuse", harness.Failed, accepted,
			failedSo(harness.Outcome{Phase: harness.PhaseConnect, Exception: "OSError", Errno: -2}), harness.Inconclusive, "network"},
		{"fail: no memory", harness.Failed, accepted,
			failedSo(harness.Outcome{Phase: harness.PhaseHandshake, Exception: "MemoryError"}), harness.Inconclusive, "memory"},
		{"fail: the server's alert where a call must refuse", harness.Failed, accepted,
			failedSo(harness.Outcome{Phase: harness.PhaseHandshake, Exception: "OSError", Errno: -0x7780}), harness.WrongReason, "the server that broke off"},

		// A server that behaves otherwise than usual.
		{"behave: played and failed", harness.Failed, accepted, behaving("stalls", harness.Failed, nil), harness.Pass, "failed as it must"},
		{"behave: played and accepted", harness.Accepted, accepted, behaving("stalls", harness.Accepted, nil), harness.Pass, "both ways"},
		{"behave: not played, failed", harness.Failed, accepted, behaving("", harness.Failed, nil), harness.Inconclusive, "did not come to stalls"},
		{"behave: not played, accepted", harness.Accepted, accepted, behaving("", harness.Accepted, nil), harness.Inconclusive, "did not come to stalls"},
		{"behave: not played, and the nonce came", harness.Failed, accepted, behaving("", harness.Accepted, nil), harness.Insecure, "must fail"},
		{"behave: the device offers too little", harness.Failed, accepted,
			behaving("", harness.Failed, func(_ *harness.Outcome, s *harness.Sighting) { s.Lacks = "TLS 1.3" }), harness.Skipped, "TLS 1.3"},
		{"behave: the device must be reset", harness.Failed, accepted,
			behaving("", harness.Failed, func(o *harness.Outcome, _ *harness.Sighting) { o.Reset = true }), harness.Broken, "must be reset"},

		{"skip: capability missing", harness.Rejected, accepted,
			func(_ *harness.Scenario, o *harness.Outcome, _ *harness.Sighting) {
				*o = harness.Outcome{Missing: "vfs.VfsRom"}
			}, harness.Skipped, "lacks vfs.VfsRom"},
		{"no such expectation", "perhaps", accepted, nil, harness.Inconclusive, "perhaps"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sc := harness.Scenario{ServerName: "api.example.com", Verify: harness.CertRequired,
				Expect: harness.Expect{Result: tt.expect, Reasons: []harness.Reason{harness.Expired}}}
			o, s := tt.from()
			if tt.change != nil {
				tt.change(&sc, &o, s)
			}
			got := harness.Judge(sc, o, s, sc.Controls)
			if got.Verdict != tt.want {
				t.Errorf("Judge = %s (%s), want %s", got.Verdict, got.Why, tt.want)
			}
			if !strings.Contains(got.Why, tt.why) {
				t.Errorf("why = %q, want it to speak of %q", got.Why, tt.why)
			}
		})
	}
}

// failedSo is a device whose connection failed for a cause of its own, before
// a server that behaves as usual.
func failedSo(o harness.Outcome) func(*harness.Scenario, *harness.Outcome, *harness.Sighting) {
	return func(_ *harness.Scenario, to *harness.Outcome, s *harness.Sighting) {
		*to = o
		to.Result = harness.Failed
		*s = harness.Sighting{ClientHello: true}
	}
}

// TestJudgeWithoutSighting: a server that saw no connection is a witness too.
func TestJudgeWithoutSighting(t *testing.T) {
	o, _ := accepted()
	sc := harness.Scenario{Expect: harness.Expect{Result: harness.Accepted}}
	if got := harness.Judge(sc, o, nil, nil); got.Verdict != harness.Inconclusive {
		t.Errorf("Judge = %s (%s), want inconclusive", got.Verdict, got.Why)
	}
}

// behaving is a scenario with a server that stalls, what it played, and how
// that went for the device.
func behaving(played string, result harness.Result, change func(*harness.Outcome, *harness.Sighting)) func(*harness.Scenario, *harness.Outcome, *harness.Sighting) {
	return func(sc *harness.Scenario, o *harness.Outcome, s *harness.Sighting) {
		sc.Behaviour, s.Played = "stalls", played
		if result == harness.Failed {
			*o = harness.Outcome{Result: harness.Failed, Phase: harness.PhaseHandshake, Exception: "OSError", Errno: 110}
			s.Nonce, s.Handshake = false, false
		}
		if change != nil {
			change(o, s)
		}
	}
}
