package scenarios

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"time"

	"trustrig/harness"
	"trustrig/servers/relay"
	"trustrig/servers/tlsserver"
)

// breakTimeout is what client code sets as its socket's timeout before a
// server that may let it wait.
const breakTimeout = 400 * time.Millisecond

// breakLimit is after how long the rig interrupts client code that no timeout
// ends.
const breakLimit = 1600 * time.Millisecond

// A manner is how a server behaves around its chain, and what that demands of
// a device with the right anchor.
type manner struct {
	behaviours string // names, parted by spaces; one that ends in "*" is all that begin so
	result     harness.Result
	phase      harness.Phase
	waits      bool // the client code sets a timeout
	source     string
}

// Sources of demands on the handshake around the certificates.
const (
	sourceFraming  = "RFC 5246 6.2.1: a message may be fragmented across several records, and several coalesced into one"
	sourceOrder    = `RFC 5246 7.4: "sending handshake messages in an unexpected order results in a fatal error"`
	sourceFinished = "RFC 5246 7.4.9: application data is sent only after the other's Finished was received and is right"
	sourceOld      = "RFC 8996 4 and 5: TLS 1.0 and TLS 1.1 must not be used"
	sourceStream   = "RFC 8446 1: TLS needs of its transport a reliable, in-order data stream, and nothing more"
)

// manners is the table. A behaviour belongs to the first row that has it.
func manners() []manner {
	accepted, failed, handshake := harness.Accepted, harness.Failed, harness.PhaseHandshake
	return []manner{
		{"faithful byte-by-byte", accepted, "", false, sourceStream},
		{"joined split-*", accepted, "", false, sourceFraming},
		{"asks-for-certificate", accepted, "", false, "RFC 5246 7.4.6: a client without a suitable certificate sends none, and the server may go on"},
		{"hello-request", harness.Either, "", false, "RFC 5246 7.4.1.1: a client that is negotiating already will ignore it, which is no MUST"},

		{"tls-1.0-only tls-1.1-only", failed, handshake, false, sourceOld},
		{"version-not-offered", failed, handshake, false, "RFC 5246 E.1: a client that does not support the server's choice must send protocol_version"},
		{"no-common-suite", failed, handshake, false, "RFC 5246 7.4.1.3: with no acceptable set of choices, handshake_failure; RFC 7465 2: no RC4"},
		{"suite-not-offered", failed, handshake, false, "RFC 5246 7.4.1.3: the server's choice is one of the client's list; RFC 8446 4.1.3: else the client must abort"},
		{"demands-certificate-*", failed, "", false, "RFC 5246 7.4.6, RFC 8446 4.4.2.4: a server may abort when the client has no certificate"},
		{"forged-key-exchange", failed, handshake, false, "RFC 8422 5.4: the client verifies the signature over the server's key exchange parameters"},
		{"empty-certificate-list", failed, handshake, false, "RFC 5246 7.4.2: the sender's certificate must come first in the list; RFC 8446 4.4.2.4: an empty one must be answered with decode_error"},
		{"record-too-long", failed, handshake, false, "RFC 5246 6.2.3: the length must not exceed 2^14 + 2048; RFC 8446 5.2: else terminate with record_overflow"},
		{"garbage plain-http", failed, handshake, false, "RFC 8446 5: an unexpected record type must terminate the connection"},

		{"repeat-finished", failed, "", true, sourceOrder},
		{"drop-* repeat-* late-*", failed, handshake, true, sourceOrder},
		{"closes-after-handshake resets-after-handshake stalls-after-handshake", failed, "", true,
			"the seed's client code reads an answer, and without one nothing was exchanged"},
		{"closes-* resets-* stalls-* drips", failed, handshake, true, sourceFinished},
	}
}

// has reports whether the row is about the behaviour.
func (m manner) has(behaviour string) bool {
	return slices.ContainsFunc(strings.Fields(m.behaviours), func(name string) bool {
		prefix, open := strings.CutSuffix(name, "*")
		return name == behaviour || open && strings.HasPrefix(behaviour, prefix)
	})
}

// A behaviour is one of the server's or one of a relay's.
type behaviour struct {
	name, is string
	version  uint16
}

func behaviours() []behaviour {
	var all []behaviour
	for _, b := range tlsserver.Behaviours() {
		all = append(all, behaviour{name: b.Name, is: b.Is})
	}
	for _, a := range relay.Acts() {
		all = append(all, behaviour{name: a.Name, is: a.Is, version: a.Version})
	}
	return all
}

// protocolScenarios show a device the good chain in every manner. One that is
// of no harm shows it a faulty chain too.
func protocolScenarios() ([]harness.Scenario, error) {
	var out []harness.Scenario
	table := manners()
	for _, b := range behaviours() {
		i := slices.IndexFunc(table, func(m manner) bool { return m.has(b.name) })
		if i < 0 {
			return nil, fmt.Errorf("the table of manners has no row for servers that behave as %q", b.name)
		}
		if m := table[i]; m.result == harness.Failed {
			out = append(out, hostile(b, m))
		} else {
			out = append(out, harmless(b, m), harmlessFault(b, m))
		}
	}
	return append(out, withoutTimeout()), nil
}

func protocolName(behaviour, chain string) string { return "protocol/" + behaviour + "/" + chain }

const faultyRecipe = "expired-leaf-ecdsa"

// hostile is a server with the right chain that must not get the nonce.
func hostile(b behaviour, m manner) harness.Scenario {
	s := complete(harness.Scenario{
		Name: protocolName(b.name, goodRecipe), Claims: []string{"C03"}, Behaviour: b.name, SNI: harness.SNIAny,
		Why:      "nothing is sent, and the device goes on, where " + b.is,
		Expect:   harness.Expect{Result: m.result, Phase: m.phase, Source: m.source},
		Controls: []harness.Control{{Name: protocolName("faithful", goodRecipe), Shows: "the same server is accepted when it does not behave so"}},
	})
	if b.version == tls.VersionTLS12 { // the control speaks that version too
		s.Controls[0].Name = protocolName("split-1400", goodRecipe)
	}
	if m.waits {
		s.Timeout = breakTimeout
	}
	if b.name == "drips" { // each byte comes within the timeout
		s.Limit = breakLimit
	}
	return s
}

// harmless is a server with the right chain that must be accepted.
func harmless(b behaviour, m manner) harness.Scenario {
	return complete(harness.Scenario{
		Name: protocolName(b.name, goodRecipe), Claims: []string{"C05"}, Behaviour: b.name,
		Why:      "a good chain is accepted where " + b.is,
		Expect:   harness.Expect{Result: m.result, Source: m.source},
		Controls: []harness.Control{{Name: protocolName(b.name, faultyRecipe), Shows: "the device verifies what comes so at all"}},
	})
}

// harmlessFault is the same server with a fault in its chain. Where the
// device need not get as far as the chain, its own reason will do.
func harmlessFault(b behaviour, m manner) harness.Scenario {
	s := harmless(b, m)
	s.Name, s.Recipe, s.Claims = protocolName(b.name, faultyRecipe), faultyRecipe, []string{"C25"}
	s.Why = "an expired leaf is rejected as such where " + b.is
	s.Expect = reject("RFC 5280 6.1.3(a)(2); "+m.source, harness.Expired)
	if m.result == harness.Either {
		s.Expect = harness.Expect{Result: harness.Failed, Phase: harness.PhaseHandshake, Source: "RFC 5280 6.1.3(a)(2); " + m.source}
	}
	s.Controls = []harness.Control{{Name: protocolName(b.name, goodRecipe), Shows: "the fault, and nothing else, makes the result"}}
	return s
}

// withoutTimeout is client code as the manual has it, which sets none: a
// server that stalls keeps it for as long as it likes.
func withoutTimeout() harness.Scenario {
	b := behaviour{name: "stalls-before-certificate", version: tls.VersionTLS12}
	s := hostile(b, manner{result: harness.Failed, phase: harness.PhaseHandshake, waits: true, source: sourceFinished})
	s.Name += "/no-timeout"
	s.Timeout, s.Limit = 0, breakLimit
	s.Why = "client code that sets no timeout waits for a server that stalls until it is interrupted, and sends nothing"
	return s
}
