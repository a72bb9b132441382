package scenarios

import (
	"strings"

	"trustrig/harness"
)

const (
	sourceMode     = "C10: other values either raise or are recorded for what they let through"
	sourceHostname = `the manual: "server_hostname is required here"; RFC 9525 6: a name to check against`
)

// misuseScenarios use verify_mode and server_hostname as a tired programmer
// would, each before an attacker or, where a call must refuse, a good server.
func misuseScenarios() []harness.Scenario {
	attack := []harness.Control{
		{Name: attackScenario, Shows: showsAttack},
		{Name: attackReachable, Shows: showsReachable},
	}
	good := []harness.Control{{Name: goodScenario, Shows: showsGood}}
	var out []harness.Scenario
	for _, m := range []struct {
		variant, claim, why string
		expect              harness.Expect
		controls            []harness.Control
	}{
		{"mode-optional", "C10", "verify_mode = CERT_OPTIONAL", either(sourceMode, harness.NotTrusted), attack},
		{"mode-true", "C10", "verify_mode = True, which is 1, which is CERT_OPTIONAL", either(sourceMode, harness.NotTrusted), attack},
		{"mode-3", "C10", "verify_mode = 3, beyond the constants", either(sourceMode, harness.NotTrusted), attack},
		{"mode-minus-1", "C10", "verify_mode = -1", either(sourceMode, harness.NotTrusted), attack},
		{"mode-after-wrap", "C10", "CERT_REQUIRED set once wrap_socket has shaken hands", either(sourceMode, harness.NotTrusted), attack},
		{"check-hostname", "C10", "check_hostname assigned, as on CPython", either(sourceMode, harness.NotTrusted, harness.NameMismatch), attack},
		{"verify-callback", "C10", "verify_callback assigned on ssl.SSLContext, refusing all", either(sourceMode, harness.NotTrusted), attack},
		{"mode-dict", "C10", "verify_mode = {}", raises("C10: a value of another type is an error", harness.PhaseContext), good},
		{"protocol-dict", "C10", "a dict where the protocol is due", raises("C10: a value of another type is an error", harness.PhaseContext), good},
		{"tls-verify-callback", "C10", "verify_callback on tls.SSLContext, refusing all, before a good server",
			raises("MicroPython's ssl documentation: a callback that returns an error ends the handshake", harness.PhaseHandshake), good},
		{"hostname-missing", "C11", "no server_hostname at all", reject(sourceHostname, harness.NoHostname), good},
		{"hostname-empty", "C12", "an empty server_hostname, which RFC 6066 3 does not let a client send", raises(sourceHostname, harness.PhaseHandshake), good},
		{"hostname-number", "C11", "a number for a server_hostname", raises(sourceHostname, harness.PhaseHandshake), good},
		{"hostname-bytes", "C11", "bytes for a server_hostname: the right name, of another type", either("C11: a name of another type either raises or is checked", harness.NameMismatch), good},
	} {
		s := complete(harness.Scenario{
			Name: "misuse/" + m.variant, Claims: []string{m.claim}, Client: "misuse", Variant: m.variant,
			Verify: harness.CertDefault, SNI: harness.SNIAny, Why: m.why, Expect: m.expect, Controls: m.controls,
		})
		if m.expect.Result == harness.Either && m.claim == "C10" {
			s.Recipe = attackRecipe
		}
		if strings.HasPrefix(m.variant, "hostname-") {
			s.Verify = harness.CertRequired
		}
		if m.variant == "tls-verify-callback" {
			s.Needs = []string{"tls.SSLContext"}
		}
		out = append(out, s)
	}
	return out
}
