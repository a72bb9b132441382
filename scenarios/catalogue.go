// Package scenarios is the catalogue: what a camera must accept and reject,
// and on whose word. It ties the recipes to the servers that present them and
// to the device that connects, and is what
//
//	go test ./scenarios -count=1 -timeout 0
//
// and trustrig run both walk.
package scenarios

import (
	"fmt"
	"slices"

	"trustrig/harness"
	"trustrig/servers/pki"
)

// Catalogue returns every scenario, in the order of the tables. A catalogue
// that contradicts itself is an error that names the row.
func Catalogue() ([]harness.Scenario, error) {
	var all []harness.Scenario
	recipes := newRecipes()
	for _, r := range pki.Recipes() {
		rows, err := recipes.scenarios(r)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	clients, err := clientScenarios(all)
	if err != nil {
		return nil, err
	}
	protocol, err := protocolScenarios()
	if err != nil {
		return nil, err
	}
	states, err := stateScenarios(all)
	if err != nil {
		return nil, err
	}
	stacks, err := stackScenarios(all)
	if err != nil {
		return nil, err
	}
	all = slices.Concat(all, stacks, protocol, clients, states, misuseScenarios(), loadScenarios(), sniScenarios(), generatedScenarios(), clockScenarios())
	return all, check(all)
}

// check refuses a row that could not prove anything: one without a source, a
// name used twice, a control that is not there.
func check(all []harness.Scenario) error {
	seen := make(map[string]bool)
	for _, s := range all {
		switch {
		case s.Name == "":
			return fmt.Errorf("a scenario of recipe %s has no name", s.Recipe)
		case seen[s.Name]:
			return fmt.Errorf("scenario %s is in the catalogue twice", s.Name)
		case s.Expect.Source == "" || s.Why == "":
			return fmt.Errorf("scenario %s says not why, or on whose word", s.Name)
		case s.Expect.Result == harness.Rejected && len(s.Expect.Reasons)+len(s.Expect.Also) == 0:
			return fmt.Errorf("scenario %s demands a rejection for no reason", s.Name)
		case unknownClaim(s) != "":
			return fmt.Errorf("scenario %s serves %q, which is no claim", s.Name, unknownClaim(s))
		case len(s.Controls) == 0:
			return fmt.Errorf("scenario %s has no control", s.Name)
		}
		seen[s.Name] = true
	}
	for _, s := range all {
		for _, c := range s.Controls {
			if !seen[c.Name] || c.Name == s.Name || c.Shows == "" {
				return fmt.Errorf("scenario %s: control %q is no other scenario of the catalogue, or shows nothing", s.Name, c.Name)
			}
		}
	}
	return nil
}

// unknownClaim returns a claim that the scenario says to serve and that is
// none.
func unknownClaim(s harness.Scenario) string {
	for _, id := range s.Claims {
		if !slices.ContainsFunc(Claims(), func(c Claim) bool { return c.ID == id }) {
			return id
		}
	}
	return ""
}
