package hostname

import (
	"crypto/x509"
	"slices"
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	for _, tt := range []struct {
		pattern, host string
		want          Match
	}{
		{"api.example.com", "api.example.com", Yes},
		{"API.example.COM", "api.EXAMPLE.com", Yes},
		{"api.example.com", "api.example.co", No},
		{"*.example.com", "api.example.com", Yes},
		{"*.example.com", "xn--bcher-kva.example.com", Yes},
		{"*.EXAMPLE.com", "api.example.com", Yes},
		{"*.example.com", "example.com", No},
		{"*.example.com", "deep.api.example.com", No},
		{"*.example.com", ".example.com", Open},
		{"*.example.com", "*.example.com", Open},
		{"*.example.com", "-.example.com", Open},
		{"*", "a", No},
		{"*", "*", Open},
		{"*.", "a.", Open},
		{"*.", "a", No},
		{"*a.example.com", "aa.example.com", No},
		{"a*.example.com", "aa.example.com", No},
		{"xn--*.example.com", "xn--a.example.com", No},
		{"a.*.com", "a.a.com", No},
		{"*.*.com", "a.a.com", No},
		{"a\x00.b", "a", No},
		{"a.", "a", No},
		{"a..b", "a..b", Open},
		{"\u212a.example", "k.example", No}, // KELVIN SIGN, whose lower case is k
	} {
		if got := Of(tt.pattern, tt.host); got != tt.want {
			t.Errorf("Of(%q, %q) = %s, want %s", tt.pattern, tt.host, got, tt.want)
		}
	}
}

func TestIsHost(t *testing.T) {
	long := strings.Repeat("a", 63)
	for name, want := range map[string]bool{
		"a": true, "a.b": true, "a-b.c": true, "xn--a": true, "0.1": true, long + ".a": true,
		"": false, ".": false, "a.": false, ".a": false, "a..b": false, "-a": false, "a-": false, "xn--": false,
		"*.a": false, "a\x00": false, "a_b": false, long + "a": false,
		strings.Repeat(long+".", 3) + strings.Repeat("a", 61): true,
		strings.Repeat(long+".", 3) + strings.Repeat("a", 62): false,
	} {
		if got := IsHost(name); got != want {
			t.Errorf("IsHost(%q) = %t", name, got)
		}
	}
}

// TestAgainstGo holds every pair against crypto/x509.
func TestAgainstGo(t *testing.T) {
	count := make(map[Match]int)
	for _, host := range Hosts(3) {
		for _, pattern := range Patterns(3) {
			want := Of(pattern, host)
			count[want]++
			c := x509.Certificate{DNSNames: []string{pattern}}
			if got := c.VerifyHostname(host) == nil; want != Open && got != (want == Yes) {
				t.Errorf("a certificate for %q, asked for %q: %s, and crypto/x509 says %t", pattern, host, want, got)
			}
		}
	}
	t.Log(count)
	if count[Yes] == 0 || count[Open] == 0 || count[No] < 100*count[Yes] {
		t.Errorf("pairs that match, that do not, and open ones: %v", count)
	}
}

func TestGenerate(t *testing.T) {
	if got := len(Patterns(3)); got != 6+6*6+6*6*6 {
		t.Errorf("%d patterns of up to three tokens", got)
	}
	if got, want := Hosts(1), []string{"a", "*", "-", "xn--", "aa", "xn--a"}; !slices.Equal(got, want) {
		t.Errorf("hosts of one token are %q, want %q", got, want)
	}
	for _, h := range Hosts(3) {
		if h == "" || strings.HasSuffix(h, ".") || strings.Contains(h, "\x00") {
			t.Errorf("nobody can ask for %q", h)
		}
	}
	if p := Patterns(3); len(slices.Compact(slices.Sorted(slices.Values(p)))) != len(p) {
		t.Error("a pattern is there twice")
	}
}
