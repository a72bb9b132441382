package coverage

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"trustrig/scenarios"
	"trustrig/servers/pki"
)

// sections are those of RFC 5280 4.1 and 4.2 in which the word MUST stands,
// but 4.2.1, which is about object identifiers alone.
var sections = strings.Fields(`4.1 4.1.1.2 4.1.2.1 4.1.2.2 4.1.2.3 4.1.2.4 4.1.2.5 4.1.2.5.1 4.1.2.5.2 4.1.2.6 4.1.2.8
	4.1.2.9 4.2 4.2.1.1 4.2.1.2 4.2.1.3 4.2.1.4 4.2.1.5 4.2.1.6 4.2.1.7 4.2.1.8 4.2.1.9 4.2.1.10 4.2.1.11 4.2.1.12
	4.2.1.13 4.2.1.14 4.2.1.15 4.2.2.1 4.2.2.2`)

// TestRows: every section has an entry, and every entry names what is there.
func TestRows(t *testing.T) {
	rows, err := Rows()
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := scenarios.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range catalogue {
		names = append(names, s.Name)
	}
	for _, s := range sections {
		if !slices.ContainsFunc(rows, func(r Row) bool { return r.Source == "RFC 5280 "+s }) {
			t.Errorf("RFC 5280 section %s has no entry", s)
		}
	}
	recipes := pki.Recipes()
	for _, r := range rows {
		if stale := r.Stale(recipes, names); len(stale) > 0 {
			t.Errorf("%s: %s: no recipe or scenario is called %v", r.Source, r.Says, stale)
		}
		if !source.MatchString(r.Source) {
			t.Errorf("%q: neither a section, nor an identifier or a heading under which a fault was published", r.Source)
		}
	}
}

var source = regexp.MustCompile(`^RFC 5280 4(\.\d+)+$|CVE-\d{4}-\d{4,}|advisory 20\d\d|^change log \d+\.\d+\.\d+: |^https://github.com/`)

// TestRowsCanFail: what a table must not be.
func TestRowsCanFail(t *testing.T) {
	for _, tt := range []struct{ name, yaml, want string }{
		{"neither", `[{source: RFC 5280 4.1, says: x}]`, "one of the two"},
		{"both", `[{source: RFC 5280 4.1, says: x, by: [a], waived: b}]`, "one of the two"},
		{"no source", `[{says: x, waived: b}]`, "are due"},
		{"twice", `[{source: s, says: x, waived: b}, {source: s, says: x, waived: c}]`, "entry 2: s: \"x\" is there twice"},
		{"pattern", `[{source: s, says: x, by: ["["]}]`, "syntax error in pattern"},
		{"field", `[{source: s, says: x, wavied: b}]`, "wavied"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := parse([]byte(tt.yaml)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want …%s…", err, tt.want)
			}
		})
	}
}

func TestStale(t *testing.T) {
	recipes := []pki.Recipe{{Name: "plain-rsa"}, {Name: "ca-false-ecdsa"}}
	names := []string{"plain-rsa/root/CERT_NONE", "protocol/x/y"}
	r := Row{By: []string{"plain", "ca-*", "plain-rsa", "plain-*", "protocol/*/y", "protocol/*", "plain-rsa/*/CERT_NONE"}}
	if got, want := r.Stale(recipes, names), []string{"plain-rsa", "plain-*", "protocol/*"}; !slices.Equal(got, want) {
		t.Errorf("stale are %v, want %v", got, want)
	}
}
