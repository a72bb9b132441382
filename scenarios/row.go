package scenarios

import (
	"fmt"
	"slices"

	"trustrig/harness"
)

// Recipes and scenarios that rows of several tables refer to.
const (
	goodRecipe   = "letsencrypt-ecdsa"
	attackRecipe = "look-alike-ecdsa" // the right names, other keys
	serverName   = "api.example.com"  // what both are for

	goodScenario     = goodRecipe + "/root/CERT_REQUIRED"
	attackScenario   = attackRecipe + "/root/CERT_REQUIRED"
	attackReachable  = attackRecipe + "/root/CERT_NONE"
	anchorlessServer = goodRecipe + "/no-anchor/CERT_REQUIRED"
)

// Sentences that controls show.
const (
	showsGood      = "the same client code as the manual has it accepts the server"
	showsAttack    = "the same client code as the manual has it rejects the attacker"
	showsReachable = "the server can be reached, so that only verification stops it"
)

// complete fills in what most rows leave out: the manual's client code before
// the rig's own server, now.
func complete(s harness.Scenario) harness.Scenario {
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	set(&s.Stack, "go")
	set(&s.Client, "ssl.SSLContext")
	set(&s.Clock, "now")
	set(&s.Recipe, goodRecipe)
	set(&s.Anchor, "root")
	set(&s.ServerName, serverName)
	if s.Verify == "" {
		s.Verify = harness.CertRequired
	}
	return s
}

func accept(source string) harness.Expect {
	return harness.Expect{Result: harness.Accepted, Source: source}
}

func reject(source string, reasons ...harness.Reason) harness.Expect {
	return harness.Expect{Result: harness.Rejected, Reasons: reasons, Source: source}
}

// rejectAny takes any of the reasons: the source leaves open which.
func rejectAny(source string, reasons ...harness.Reason) harness.Expect {
	return harness.Expect{Result: harness.Rejected, Also: reasons, Source: source}
}

// either leaves the choice to the device; where it rejects, for any of the
// reasons.
func either(source string, reasons ...harness.Reason) harness.Expect {
	return harness.Expect{Result: harness.Either, Also: reasons, Source: source}
}

// raises is a call that must fail of itself, in a phase.
func raises(source string, phase harness.Phase) harness.Expect {
	return harness.Expect{Result: harness.Failed, Phase: phase, Source: source}
}

// promise is what the manual says beyond the demand.
func promise(claim string, result harness.Result, sentence string) *harness.Promise {
	return &harness.Promise{Claim: claim, Result: result, Sentence: sentence}
}

// again returns the scenarios of those names, and all that are their controls,
// once more under a change and with a prefix to their names.
func again(all []harness.Scenario, names []string, prefix string, change func(*harness.Scenario)) ([]harness.Scenario, error) {
	var out []harness.Scenario
	done := make(map[string]bool)
	for len(names) > 0 {
		name := names[0]
		names = names[1:]
		if done[name] {
			continue
		}
		done[name] = true
		i := slices.IndexFunc(all, func(s harness.Scenario) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("%s%s: there is no scenario %s", prefix, name, name)
		}
		s := all[i]
		s.Name = prefix + name
		s.Controls = slices.Clone(s.Controls)
		for j, c := range s.Controls {
			names = append(names, c.Name)
			s.Controls[j].Name = prefix + c.Name
		}
		change(&s)
		out = append(out, s)
	}
	return out, nil
}
