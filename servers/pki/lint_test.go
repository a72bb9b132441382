package pki

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	"github.com/zmap/zlint/v3/lint"
)

// TestLints: zlint finds no error in the chains that are a CA's, and in a
// faulty one what the recipe says.
func TestLints(t *testing.T) {
	maker := New(testT0, testKeys(t))
	seen := make(map[string]map[string]bool) // of a certificate, by its DER
	errors := func(recipe string) map[string]bool {
		found := make(map[string]bool)
		chain := mustChain(t, maker, recipe)
		for _, der := range slices.Concat(chain.Sent, slices.Collect(maps.Values(chain.Anchors))) {
			if seen[string(der)] == nil {
				seen[string(der)] = lintErrors(der)
			}
			maps.Copy(found, seen[string(der)])
		}
		return found
	}
	for _, r := range Recipes() {
		found := errors(r.Name)
		if r.Twin == "" {
			if _, own := maker.plans(t, r.Name).anchors[SelfSigned]; !own && len(found) > 0 {
				t.Errorf("%s: %v", r.Name, slices.Sorted(maps.Keys(found)))
			}
			continue
		}
		for name := range errors(r.Twin) {
			delete(found, name)
		}
		for _, name := range r.Lints {
			if !found[name] {
				t.Errorf("%s: lint %s does not find the fault; found are %v", r.Name, name, slices.Sorted(maps.Keys(found)))
			}
		}
		if strings.HasPrefix(r.Name, "signature-") {
			delete(found, "e_mp_ecdsa_signature_encoding_correct") // counts octets, which r and s make one more or less
		}
		if len(r.Lints) == 0 && len(found) > 0 {
			t.Errorf("%s: the recipe lists no lint, but %v", r.Name, slices.Sorted(maps.Keys(found)))
		}
	}
	for name := range lints {
		if _, ok := maker.recipes[name]; !ok {
			t.Errorf("stale: lints of %s, which is no recipe", name)
		}
	}
}

// plans returns a recipe's plan.
func (m *Maker) plans(t *testing.T, recipe string) *plan {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	p, err := m.plan(recipe)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func lintErrors(der []byte) map[string]bool {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return map[string]bool{DoesNotParse: true}
	}
	found := make(map[string]bool)
	for name, result := range zlint.LintCertificate(c).Results {
		if result.Status >= lint.Error {
			found[name] = true
		}
	}
	return found
}
