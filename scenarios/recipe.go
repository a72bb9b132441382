package scenarios

import (
	"fmt"
	"net"
	"slices"
	"time"

	"trustrig/harness"
	"trustrig/servers/pki"
)

// manualNone is the source of every scenario with CERT_NONE.
const manualNone = `the manual: CERT_NONE "verifies nothing"`

// recipes makes scenarios of recipes.
type recipes struct {
	byName map[string]pki.Recipe
	maker  *pki.Maker // only to be asked for hosts: T0 is of no matter here
}

func newRecipes() *recipes {
	rs := &recipes{byName: make(map[string]pki.Recipe), maker: pki.New(time.Time{}, nil)}
	for _, r := range pki.Recipes() {
		rs.byName[r.Name] = r
	}
	return rs
}

// scenarios makes a recipe's scenarios: each of its cases with CERT_REQUIRED,
// and each again with CERT_NONE, which is a claim of its own and the control
// that the server can be reached.
func (rs *recipes) scenarios(r pki.Recipe) ([]harness.Scenario, error) {
	host, err := rs.maker.Host(r.Name)
	if err != nil {
		return nil, err
	}
	var all []harness.Scenario
	for _, c := range r.Cases {
		rows := []harness.Scenario{rs.required(r, c)}
		// A fault of form or possession stops CERT_NONE too. A moved clock
		// is no matter to it, and is tried with CERT_REQUIRED alone.
		if r.Neighbour == "" && c.At == (pki.Instant{}) {
			rows = append(rows, rs.unverified(r, c))
		}
		for _, s := range rows {
			if s.ServerName == "" {
				s.ServerName = host
			}
			if net.ParseIP(s.ServerName) != nil {
				s.SNI = harness.SNIAny // one scenario of C12 is about it
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// caseName is the scenario's name: recipe, anchor, the host where it is not
// the chain's own, the instant where it is not now, verify mode.
func caseName(recipe string, c pki.Case, verify harness.VerifyMode) string {
	name := recipe + "/" + string(c.Anchor)
	if c.Anchor == pki.None {
		name = recipe + "/no-anchor"
	}
	if c.Host != "" {
		name += "/" + c.Host
	}
	if c.At != (pki.Instant{}) {
		name += "/" + instantName(c.At)
	}
	return name + "/" + string(verify)
}

// instantName writes an instant relative to an edge: "leaf-notAfter+1s".
func instantName(i pki.Instant) string {
	of := string(i.Of)
	if i.Of == "" {
		of = string(pki.Leaf)
	}
	if i.Edge == "" {
		return fmt.Sprintf("T0%+ds", int(i.Plus.Seconds()))
	}
	return fmt.Sprintf("%s-%s%+ds", of, i.Edge, int(i.Plus.Seconds()))
}

func caseScenario(r pki.Recipe, c pki.Case, verify harness.VerifyMode) harness.Scenario {
	s := harness.Scenario{
		Name: caseName(r.Name, c, verify), Claims: claimsOf(r, c), Recipe: r.Name,
		Stack: "go", Anchor: string(c.Anchor), Verify: verify, ServerName: c.Host,
		Client: "ssl.SSLContext", Clock: "now", Why: c.Why, Expect: expectOf(r, c),
	}
	if c.At != (pki.Instant{}) {
		s.Clock = instantName(c.At)
		s.Needs = []string{"clock"}
	}
	return s
}

// pinned is what the manual promises of a leaf as anchor, while RFC 5280
// leaves it to the device.
func pinned(c pki.Case) *harness.Promise {
	if c.Anchor != pki.Leaf || c.Must != harness.Either {
		return nil
	}
	return promise("C22", harness.Accepted, "The pinned leaf is accepted, though a CA issued it.")
}

// expectOf is the case's demand. A device without an anchor may stop at that,
// or look at the chain all the same and say what else is wrong with it.
func expectOf(r pki.Recipe, c pki.Case) harness.Expect {
	e := c.Expect()
	if c.Anchor == pki.None {
		e.Also = slices.Concat(e.Also, r.Reasons, []harness.Reason{harness.NotTrusted})
	}
	return e
}

// required is the case with CERT_REQUIRED. Its controls follow the rule of
// one fault, one control: what must be rejected is accepted without its fault
// and reachable without verification; what may be accepted is rejected before
// an anchor of another key.
func (rs *recipes) required(r pki.Recipe, c pki.Case) harness.Scenario {
	s := caseScenario(r, c, harness.CertRequired)
	s.Documented = pinned(c)
	if c.Must != harness.Rejected {
		s.Controls = append(s.Controls, rs.rejected(r, c.Host))
	} else {
		s.Controls = rs.withoutFault(r, c)
	}
	switch {
	case c.Must == harness.Accepted:
	case r.Neighbour != "":
		s.Controls = append(s.Controls, harness.Control{
			Name:  caseName(r.Neighbour, pki.Case{Anchor: pki.Root}, harness.CertRequired),
			Shows: "the nearest harmless chain is accepted",
		})
	default:
		c.At = pki.Instant{}
		s.Controls = append(s.Controls, harness.Control{
			Name:  caseName(r.Name, c, harness.CertNone),
			Shows: "the server can be reached, so that only verification stops it",
		})
	}
	return s
}

// withoutFault are the controls of a rejection: the scenario without the case's
// own fault, which is the recipe's where it has one, else the anchor's or the
// host's. Where two faults meet, the other one stays. That such a twin is
// rejected too would show nothing on a device that rejects all, so the chain
// without either goes beside it.
func (rs *recipes) withoutFault(r pki.Recipe, c pki.Case) []harness.Control {
	const alone = "the fault, and nothing else, makes the result"
	twin := rs.byName[r.Twin]
	i := slices.IndexFunc(twin.Cases, sameQuestion(c))
	if i < 0 {
		return []harness.Control{{Name: accepted(r, c), Shows: alone}}
	}
	name := caseName(twin.Name, c, harness.CertRequired)
	if twin.Cases[i].Must == harness.Accepted {
		return []harness.Control{{Name: name, Shows: alone}}
	}
	return []harness.Control{
		{Name: name, Shows: "without the fault, what else is amiss is met alone"},
		{Name: accepted(twin, c), Shows: "without the fault, and under the right anchor, the device accepts"},
	}
}

// accepted names the scenario of a recipe that must be accepted and differs
// from the case in the anchor, the host or the clock alone; "" for none.
func accepted(r pki.Recipe, c pki.Case) string {
	for _, other := range r.Cases {
		moved := other.At != c.At
		if other.Must == harness.Accepted && (other.Host == c.Host || other.Anchor == c.Anchor) && (!moved || other.At == (pki.Instant{})) {
			return caseName(r.Name, other, harness.CertRequired)
		}
	}
	return ""
}

// sameQuestion finds the case of another recipe that asks what c asks.
func sameQuestion(c pki.Case) func(pki.Case) bool {
	return func(o pki.Case) bool { return o.Anchor == c.Anchor && o.Host == c.Host && o.At == c.At }
}

// otherName is a scenario whose name alone is wrong.
const otherName = "san-other-ecdsa/root/CERT_REQUIRED"

// rejected is a control that shows that the device can reject the recipe's
// chain, or else its twin's: before the attacker's look-alike if that can be,
// with the same host if that can be. Where there is none such, it shows that
// the device looks at names, if that is what the recipe is about, or that it
// can reject a server at all.
func (rs *recipes) rejected(r pki.Recipe, host string) harness.Control {
	best, rank := "", 0
	for _, c := range r.Cases {
		score := 0
		if c.Must == harness.Rejected && c.At == (pki.Instant{}) {
			score = 1
			if c.Host == host {
				score += 2
			}
			if c.Anchor == pki.LookAlike {
				score++
			}
		}
		if score > rank {
			best, rank = caseName(r.Name, c, harness.CertRequired), score
		}
	}
	switch {
	case rank > 0:
		return harness.Control{Name: best, Shows: "the device verifies this chain at all"}
	case r.Family == "names":
		return harness.Control{Name: otherName, Shows: "the device looks at names"}
	case r.Twin != "":
		return rs.rejected(rs.byName[r.Twin], host)
	}
	return harness.Control{Name: anchorlessServer, Shows: "the device can reject a server"}
}

// unverified is the case with CERT_NONE: whatever the chain, it is accepted.
func (rs *recipes) unverified(r pki.Recipe, c pki.Case) harness.Scenario {
	s := caseScenario(r, c, harness.CertNone)
	s.Claims = []string{"C02"}
	s.Why = "without verification the same server is reachable"
	s.Expect = harness.Expect{Result: harness.Accepted, Source: manualNone}
	s.Controls = []harness.Control{{
		Name:  rs.withoutAnchor(r, c.Host),
		Shows: "it is CERT_NONE that lets the server through",
	}}
	return s
}

// withoutAnchor names the scenario in which the same chain, or else the
// nearest good one, is rejected for want of an anchor.
func (rs *recipes) withoutAnchor(r pki.Recipe, host string) string {
	none := pki.Case{Anchor: pki.None, Host: host}
	for !slices.ContainsFunc(r.Cases, sameQuestion(none)) {
		none.Host = ""
		switch {
		case slices.ContainsFunc(r.Cases, sameQuestion(none)):
		case r.Twin != "":
			r = rs.byName[r.Twin]
		default:
			r = rs.byName["letsencrypt-ecdsa"]
		}
	}
	return caseName(r.Name, none, harness.CertRequired)
}
