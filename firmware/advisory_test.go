package firmware

import (
	"strings"
	"testing"
	"time"
)

const goodAdvisory = `
- name: a
  known: unreported
  report: It does.
  mbedtls: {first: 3.0.0, last: 3.6.6}
  scenarios: ["cn-only-*/*/CERT_REQUIRED"]
  review: 2027-05-31
`

func TestParseAdvisories(t *testing.T) {
	list, err := parseAdvisories([]byte(goodAdvisory))
	if err != nil {
		t.Fatal(err)
	}
	a := list[0]
	for _, tt := range []struct {
		scenario, mbedtls string
		want              bool
	}{
		{"cn-only-ecdsa/root/CERT_REQUIRED", "3.6.6", true},
		{"cn-only-ecdsa/root/CERT_REQUIRED", "3.0.0", true},
		{"cn-only-ecdsa/root/CERT_REQUIRED", "Mbed TLS 3.6.2", true},
		{"cn-only-ecdsa/root/CERT_REQUIRED", "3.6.7", false},
		{"cn-only-ecdsa/root/CERT_REQUIRED", "2.28.3", false},
		{"cn-only-ecdsa/root/CERT_REQUIRED", "", false},
		{"cn-only-ecdsa/root/CERT_NONE", "3.6.6", false},
		{"letsencrypt-ecdsa/root/CERT_REQUIRED", "3.6.6", false},
	} {
		if got := a.Names(tt.scenario, tt.mbedtls); got != tt.want {
			t.Errorf("Names(%q, %q) = %v", tt.scenario, tt.mbedtls, got)
		}
	}
	day := func(s string) time.Time {
		d, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if a.Due(day("2027-05-31T23:59:59Z")) || !a.Due(day("2027-06-01T00:00:01Z")) {
		t.Error("an advisory is due once its review date is over, and not on it")
	}
}

func TestParseAdvisoriesRefuses(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{"name: a", "name: ''", "line 2: an advisory without a name"},
		{"known: unreported", "known: ''", "known is empty"},
		{"report: It does.", "report: ' '", "has no report"},
		{"last: 3.6.6", "last: 2.0.0", "no range"},
		{"first: 3.0.0", "first: three", "no range"},
		{`["cn-only-*/*/CERT_REQUIRED"]`, "[]", "names no scenario"},
		{`"cn-only-*/*/CERT_REQUIRED"`, `"["`, "syntax error in pattern"},
		{"  review: 2027-05-31\n", "", "no review date"},
		{"2027-05-31", "2027-31-05", "out of range"},
		{"known:", "knowns:", "not found"},
		{goodAdvisory, goodAdvisory + goodAdvisory, "line 9: advisory a is there twice"},
	} {
		_, err := parseAdvisories([]byte(strings.Replace(goodAdvisory, tt.old, tt.new, 1)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("with %q: %v, want an error with %q", tt.new, err, tt.want)
		}
	}
}

func TestAdvisories(t *testing.T) {
	if _, err := Advisories(); err != nil {
		t.Error(err)
	}
}
