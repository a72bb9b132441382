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
	family  string           // of the recipe; "" means any
	anchors []pki.Anchor     // none means any
	must    []harness.Result // none means any
	claims  []string
}

// services is the table.
func services() []service {
	root, leaf := []pki.Anchor{pki.Root}, []pki.Anchor{pki.Leaf}
	accepted, rejected := []harness.Result{harness.Accepted}, []harness.Result{harness.Rejected}
	return []service{
		{recipe: "*", anchors: []pki.Anchor{pki.None}, claims: []string{"C01"}},
		{recipe: "letsencrypt-ecdsa", anchors: root, claims: []string{"C05", "C10", "C14", "C18"}},
		{recipe: "letsencrypt-rsa", anchors: root, claims: []string{"C06", "C10", "C14", "C18"}},
		{recipe: "letsencrypt-2025-ecdsa", anchors: root, claims: []string{"C05", "C14", "C18"}},
		{recipe: "letsencrypt-2025-rsa", anchors: root, claims: []string{"C06", "C14", "C18"}},
		{recipe: "letsencrypt*", anchors: []pki.Anchor{pki.LookAlike}, claims: []string{"C03"}},
		{recipe: "letsencrypt*", anchors: []pki.Anchor{pki.Foreign}, must: rejected, claims: []string{"C15"}},
		{recipe: "*", anchors: []pki.Anchor{pki.Intermediate}, must: accepted, claims: []string{"C20"}},
		{recipe: "*", anchors: leaf, claims: []string{"C22"}},
		{recipe: "missing-*", anchors: root, claims: []string{"C19"}},
		{recipe: "self-signed-*", anchors: []pki.Anchor{pki.SelfSigned}, claims: []string{"C23"}},
		{recipe: "self-signed-*", must: rejected, claims: []string{"C24"}},
		{recipe: "signed-by-self-signed-*", claims: []string{"C23"}},
		{recipe: "expired-*", claims: []string{"C25"}},
		{recipe: "future-*", claims: []string{"C25"}},
		{recipe: "*", family: "attacker", must: rejected, claims: []string{"C03"}},
		{recipe: "look-alike-root-sent-*", claims: []string{"C04"}},
		{recipe: "fake-root-*", claims: []string{"C04"}},
		{recipe: "self-signed-intermediate-*", claims: []string{"C04"}},
		{recipe: "*", family: "names", claims: []string{"C13"}},
		{recipe: "wrong-name-*", claims: []string{"C13"}},
		{recipe: "digicert-*", claims: []string{"C15"}},
		{recipe: "google-*", claims: []string{"C15"}},
		{recipe: "amazon-*", claims: []string{"C15"}},
		{recipe: "sectigo-*", claims: []string{"C15"}},
		{recipe: "rotated-intermediate-*", claims: []string{"C21"}},
		{recipe: "renewed-leaf-*", claims: []string{"C22"}},
		{recipe: "rotated-root-*", claims: []string{"C25"}},
	}
}

func (s service) matches(r pki.Recipe, c pki.Case) bool {
	prefix, open := strings.CutSuffix(s.recipe, "*")
	switch {
	case r.Name != s.recipe && !(open && strings.HasPrefix(r.Name, prefix)):
		return false
	case s.family != "" && r.Family != s.family:
		return false
	case len(s.anchors) > 0 && !slices.Contains(s.anchors, c.Anchor):
		return false
	}
	return len(s.must) == 0 || slices.Contains(s.must, c.Must)
}

// claimsOf returns the identifiers of the claims that a case serves, sorted.
func claimsOf(r pki.Recipe, c pki.Case) []string {
	var claims []string
	for _, s := range services() {
		if s.matches(r, c) {
			claims = append(claims, s.claims...)
		}
	}
	switch {
	case c.At != (pki.Instant{}):
		claims = append(claims, "C25") // what expires, and when
	case c.Host != "":
		claims = append(claims, "C13")
	}
	slices.Sort(claims)
	return slices.Compact(claims)
}
