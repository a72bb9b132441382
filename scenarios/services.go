package scenarios

import (
	"slices"
	"strings"

	"trustrig/harness"
	"trustrig/servers/pki"
)

// A service says which claims the cases of some recipes serve. A case serves
// the claims of every row that matches it.
type service struct {
	recipe  string           // a recipe, or with a final "*" all that begin so
	anchors []pki.Anchor     // none means any
	must    []harness.Result // none means any
	claims  []string
}

// services is the table.
func services() []service {
	accepted, rejected := []harness.Result{harness.Accepted}, []harness.Result{harness.Rejected}
	return []service{
		{"*", []pki.Anchor{pki.None}, nil, []string{"C01"}},
		{"letsencrypt-ecdsa", []pki.Anchor{pki.Root}, nil, []string{"C05", "C10", "C14", "C18"}},
		{"letsencrypt-rsa", []pki.Anchor{pki.Root}, nil, []string{"C06", "C10", "C14", "C18"}},
		{"letsencrypt-2025-ecdsa", []pki.Anchor{pki.Root}, nil, []string{"C05", "C14", "C18"}},
		{"letsencrypt-2025-rsa", []pki.Anchor{pki.Root}, nil, []string{"C06", "C14", "C18"}},
		{"letsencrypt*", []pki.Anchor{pki.LookAlike}, nil, []string{"C03"}},
		{"letsencrypt*", []pki.Anchor{pki.Foreign}, rejected, []string{"C15"}},
		{"*", []pki.Anchor{pki.Intermediate}, accepted, []string{"C20"}},
		{"*", []pki.Anchor{pki.Leaf}, nil, []string{"C22"}},
		{"missing-*", []pki.Anchor{pki.Root}, nil, []string{"C19"}},
		{"self-signed-*", []pki.Anchor{pki.SelfSigned}, nil, []string{"C23"}},
		{"self-signed-*", nil, rejected, []string{"C24"}},
		{"expired-*", nil, nil, []string{"C25"}},
	}
}

// claimsOf returns the identifiers of the claims that a case serves, sorted.
func claimsOf(r pki.Recipe, c pki.Case) []string {
	var claims []string
	for _, s := range services() {
		prefix, open := strings.CutSuffix(s.recipe, "*")
		if !(open && strings.HasPrefix(r.Name, prefix) || r.Name == s.recipe) {
			continue
		}
		if len(s.anchors) > 0 && !slices.Contains(s.anchors, c.Anchor) || len(s.must) > 0 && !slices.Contains(s.must, c.Must) {
			continue
		}
		claims = append(claims, s.claims...)
	}
	slices.Sort(claims)
	return slices.Compact(claims)
}
