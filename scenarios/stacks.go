package scenarios

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"trustrig/harness"
	"trustrig/servers"
	"trustrig/servers/gnutls"
	"trustrig/servers/pki"
	"trustrig/servers/stack"
)

// ownStack is the rig's own server.
const ownStack = "go"

// fieldStacks are the stacks of the field, and the client code that talks to
// each.
func fieldStacks() []struct{ stack, client string } {
	return []struct{ stack, client string }{
		{"nginx", "http"}, {"haproxy", "http"}, {"mosquitto", "mqtt"}, {"gnutls", "ssl.SSLContext"},
	}
}

// stackScenarios put the core set before real servers: their TLS is not the
// rig's, and the verdict must be the same.
func stackScenarios(all []harness.Scenario) ([]harness.Scenario, error) {
	var out []harness.Scenario
	for _, f := range fieldStacks() {
		rows, err := again(all, coreSet, f.stack+"/", func(s *harness.Scenario) { s.Stack, s.Client = f.stack, f.client })
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return slices.Concat(out, []harness.Scenario{renegotiation()}, trailingDot()), nil
}

// trailingDot asks a server for its name with a dot at the end. The server is
// nginx, for crypto/tls refuses such a name in SNI.
func trailingDot() []harness.Scenario {
	const dotted = "nginx/" + goodRecipe + "/root/" + serverName + "./"
	row := func(verify harness.VerifyMode, s harness.Scenario) harness.Scenario {
		s.Name, s.Stack, s.Client, s.Verify, s.ServerName = dotted+string(verify), "nginx", "http", verify, serverName+"."
		return complete(s)
	}
	return []harness.Scenario{
		row(harness.CertRequired, harness.Scenario{
			Claims: []string{"C13"},
			Why:    "the name that is asked for ends in a dot, as an absolute name does, and the certificate's does not",
			Expect: either("RFC 1034 3.1: a trailing dot marks an absolute name; RFC 9525 6.3: labels are compared, and of such a dot nothing is said", harness.NameMismatch),
			Controls: []harness.Control{
				{Name: "nginx/" + goodScenario, Shows: "without the dot the same server is accepted"},
				{Name: "nginx/" + attackScenario, Shows: "the device verifies this stack's chains at all"},
				{Name: dotted + string(harness.CertNone), Shows: showsReachable},
			},
		}),
		row(harness.CertNone, harness.Scenario{
			Claims:   []string{"C02"},
			Why:      "without verification the same server is reachable by a name that ends in a dot",
			Expect:   accept(manualNone),
			Controls: []harness.Control{{Name: "nginx/" + anchorlessServer, Shows: "it is CERT_NONE that lets the server through"}},
		}),
	}
}

// renegotiation asks the one stack that can send a HelloRequest to a client
// that has finished its handshake to do so.
func renegotiation() harness.Scenario {
	return complete(harness.Scenario{
		Name: "gnutls/renegotiation/" + goodRecipe, Claims: []string{"C05"}, Stack: "gnutls", Client: "renegotiate", Behaviour: gnutls.Renegotiation,
		Why:      "the connection goes on when the server asks for a renegotiation in it",
		Expect:   accept("RFC 5246 7.4.1.1: a client may ignore a HelloRequest, or answer it with the warning no_renegotiation"),
		Controls: []harness.Control{{Name: "gnutls/" + attackScenario, Shows: "the device verifies this stack's chains at all"}},
	})
}

// siteOf names the site of a scenario on a stack of the field.
func siteOf(s harness.Scenario) string {
	if s.Behaviour == gnutls.Renegotiation {
		return s.Recipe + gnutls.TLS12
	}
	return s.Recipe
}

// sitesOf makes a site of each recipe that the catalogue presents on a stack
// of the field.
func sitesOf(maker *pki.Maker, catalogue []harness.Scenario) ([]stack.Site, error) {
	recipes := make(map[string]string) // by site
	for _, s := range catalogue {
		if s.Stack != ownStack {
			recipes[siteOf(s)] = s.Recipe
		}
	}
	var sites []stack.Site
	for _, name := range slices.Sorted(maps.Keys(recipes)) {
		chain, err := maker.Chain(recipes[name])
		if err != nil {
			return nil, err
		}
		site, err := servers.Site(name, chain.Sent, chain.Key)
		if err != nil {
			return nil, err
		}
		sites = append(sites, site)
	}
	return sites, nil
}

func (st *stage) openStack(ctx context.Context, s harness.Scenario) (harness.Endpoint, error) {
	if st.field == nil {
		return nil, &harness.MissingError{What: "stack " + s.Stack, Why: "only the rig's own servers were started"}
	}
	act := s.Behaviour
	if act == gnutls.Renegotiation {
		act = "" // the stack itself plays it
	}
	return st.field.Open(ctx, s.Stack, siteOf(s), act)
}

// WriteStacks writes a table of the scenarios to which the device gave one
// stack another verdict than the rig's own server, and says so where there are
// none. It writes nothing where no stack of the field was tried.
func WriteStacks(w io.Writer, r *harness.RunRecord) error {
	byName := make(map[string]harness.ScenarioRecord)
	for _, s := range r.Scenarios {
		byName[s.Name] = s
	}
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	tried, differ := 0, 0
	for _, s := range r.Scenarios {
		own, ok := byName[strings.TrimPrefix(s.Name, s.Stack+"/")]
		if s.Stack == ownStack || s.Verdict == harness.Skipped || !ok {
			continue
		}
		tried++
		if s.Verdict == own.Verdict && s.Outcome.Result == own.Outcome.Result {
			continue
		}
		if differ++; differ == 1 {
			fmt.Fprintln(tw, "STACK\tSCENARIO\tVERDICT\tBEFORE THE RIG'S OWN\tWHY")
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", s.Stack, own.Name, s.Verdict, own.Verdict, s.Why)
	}
	if tried > 0 && differ == 0 {
		fmt.Fprintf(tw, "stacks: %d scenarios, before the rig's own server and real ones alike\n", tried)
	}
	return tw.Flush()
}
