// Package hostname matches host names against the names in certificates as RFC
// 9525 section 6.3 has it, and generates both, so that a device can be asked
// of all pairs what few examples would not show.
package hostname

import "strings"

// A Match is what must become of a pair.
type Match string

const (
	Yes  Match = "match"
	No   Match = "no match"
	Open Match = "open" // no rule says
)

// Of says whether a dNSName of a certificate, which may hold a wildcard,
// matches the name of a host. Two hosts' names match where their labels do,
// without regard to case; a wildcard is the whole left-most label and stands
// for one label. What is no host's name matches nothing, and nothing matches
// it, but where the two are written alike, or a wildcard stands for what is no
// label: then no rule says.
func Of(pattern, host string) Match {
	if rest, ok := strings.CutPrefix(pattern, "*."); ok {
		_, parent, found := strings.Cut(host, ".")
		switch {
		case pattern == host, found && same(rest, parent) && !IsHost(host):
			return Open
		case found && same(rest, parent) && IsHost(parent):
			return Yes
		}
		return No
	}
	switch {
	case !same(pattern, host):
		return No
	case IsHost(pattern) && IsHost(host):
		return Yes
	}
	return Open
}

func same(a, b string) bool { return lower(a) == lower(b) }

// lower is for ASCII alone (RFC 4343).
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// IsHost reports whether a name is in the preferred syntax (RFC 1034 section
// 3.5, RFC 1123 section 2.1): labels of letters, digits and hyphens, which no
// hyphen begins or ends.
func IsHost(name string) bool {
	if len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
		if strings.Trim(lower(label), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}
