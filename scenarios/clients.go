package scenarios

import "trustrig/harness"

// coreSet is what every kind of client code is put through, their controls
// added: the four kinds of chain, the attacker, a wrong name, no anchor.
var coreSet = []string{
	"letsencrypt-ecdsa/root/CERT_REQUIRED",
	"letsencrypt-rsa/root/CERT_REQUIRED",
	"self-signed-ecdsa/self-signed/CERT_REQUIRED",
	"missing-intermediate-ecdsa/root/CERT_REQUIRED",
	"expired-leaf-ecdsa/root/CERT_REQUIRED",
	"look-alike-ecdsa/root/CERT_REQUIRED",
	"wrong-name-ecdsa/root/CERT_REQUIRED",
	"letsencrypt-ecdsa/no-anchor/CERT_REQUIRED",
}

// clientScenarios puts the core set through the other kinds of client code
// that a camera really runs.
func clientScenarios(all []harness.Scenario) ([]harness.Scenario, error) {
	var out []harness.Scenario
	for _, kind := range []string{"tls.SSLContext", "ssl.wrap_socket", "non-blocking", "asyncio", "mqtt"} {
		rows, err := again(all, coreSet, kind+"/", func(s *harness.Scenario) { s.Client = kind })
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return append(out, defaultScenarios()...), nil
}

// defaultScenarios put each way to make a context before an attacker, without
// saying anything of verification.
func defaultScenarios() []harness.Scenario {
	var out []harness.Scenario
	for _, kind := range []string{"ssl.SSLContext", "tls.SSLContext", "ssl.wrap_socket"} {
		out = append(out, complete(harness.Scenario{
			Name: "default/" + kind, Claims: []string{"C02"}, Recipe: attackRecipe, Client: kind, Verify: harness.CertDefault,
			Why:        "what " + kind + " does with an attacker when nobody says CERT_REQUIRED",
			Expect:     either("C02 demands nothing: the default is recorded", harness.NotTrusted),
			Documented: promise("C02", harness.Accepted, "CERT_NONE is the default, and accepts a man in the middle."),
			Controls:   []harness.Control{{Name: attackScenario, Shows: showsAttack}},
		}))
	}
	for _, recipe := range []string{goodRecipe, attackRecipe, "self-signed-ecdsa", "expired-leaf-ecdsa"} {
		out = append(out, complete(harness.Scenario{
			Name: "default/requests/" + recipe, Claims: []string{"C02"}, Recipe: recipe, Anchor: "none",
			Client: "requests", Verify: harness.CertDefault, Needs: []string{"resolver"},
			Why:        "requests.get takes no context: what does it verify?",
			Expect:     either("C02 demands nothing: the default is recorded", harness.NotTrusted, harness.NoAnchor, harness.Expired),
			Documented: promise("C02", harness.Accepted, "CERT_NONE is the default, and accepts a man in the middle."),
			Controls:   []harness.Control{{Name: anchorlessServer, Shows: "the device can reject a server"}},
		}))
	}
	return out
}
