package pki

import (
	"crypto/x509/pkix"
	"net"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"trustrig/harness"
)

// Faults of names (RFC 9525 section 6), and names that look faulty and are
// not. The leaf is the only certificate at fault.

// A nameRow is a leaf with other names than the twin's.
type nameRow struct {
	name   string // of the recipe, without the key type
	san    []byte // GeneralName after GeneralName; nil leaves the extension out
	host   string // that the device asks for, "" for the twin's
	must   harness.Result
	also   []harness.Reason // in place of a name mismatch
	is     string
	source string
	more   []Case // other hosts
}

// general encodes one GeneralName of the given tag (RFC 5280 section
// 4.2.1.6); text goes in as it is, valid or not.
func general(tag uint8, text string) []byte {
	return wrap(cbasn1.Tag(tag).ContextSpecific(), []byte(text))
}

func dns(name string) []byte { return general(2, name) }

func ip(b ...byte) []byte { return general(7, string(b)) }

// setSAN replaces the leaf's subjectAltName, which is critical where there is
// no subject (RFC 5280 section 4.1.2.6).
func setSAN(names []byte, critical bool) func(*tbs) error {
	return func(t *tbs) error {
		if names == nil {
			return t.remove(oidSubjectAltName)
		}
		return t.replace(extension(oidSubjectAltName, critical, wrap(cbasn1.SEQUENCE, names)))
	}
}

// nameRecipes turns the rows into recipes. Their twins have no common name,
// which a device might fall back to, but for the rows that are about it.
func nameRecipes() []Recipe {
	var rows []Recipe
	for _, keyType := range keyTypes {
		rows = append(rows, wrongName(keyType))
	}
	for _, r := range commonNames {
		rows = append(rows, r.recipe("plain-ecdsa", false))
	}
	for _, r := range slices.Concat(matchingNames, wildcardNames, addresses, otherTypes) {
		rows = append(rows, r.recipe("plain-nameless-ecdsa", true))
	}
	return append(rows, recipesOf("names", constraintFaults()...)...)
}

// wrongName is the fault that every kind of client is tried with.
func wrongName(keyType string) Recipe {
	const other = "other.example.com"
	return Recipe{
		Name: "wrong-name-" + keyType, Family: "names", Twin: "letsencrypt-" + keyType,
		Is: "the leaf is for " + other, Source: "RFC 9525 6.3",
		Must: harness.Rejected, Reasons: []harness.Reason{harness.NameMismatch},
		Differs: []string{"leaf/subject", "leaf/subjectAltName"},
		fault: onLeaf(func(c *cert, _ time.Time) {
			c.subject = renamed(c.subject, other)
			c.template.DNSNames = []string{other}
		}),
	}
}

func (n nameRow) recipe(twin string, critical bool) Recipe {
	r := Recipe{
		Name:    n.name + "-ecdsa",
		Family:  "names",
		Twin:    twin,
		Is:      n.is,
		Source:  n.source,
		Must:    n.must,
		Differs: []string{"leaf/subjectAltName"},
		only:    []Anchor{Root},
		except:  slices.Clone(n.more),
		fault: func(_ *world, p *plan) {
			p.change(p.sent[0], func(c *cert) { c.edit(setSAN(n.san, critical)) })
			if n.host != "" {
				p.host = n.host
			}
		},
	}
	if n.must != harness.Accepted {
		r.Reasons = []harness.Reason{harness.NameMismatch}
	}
	if n.also != nil {
		r.Reasons, r.also = nil, append([]harness.Reason{harness.NameMismatch}, n.also...)
		r.fatal, r.Neighbour = true, twin
	}
	if n.host != "" {
		r.Differs = append(r.Differs, "host")
	}
	return r
}

// commonNames are names in the wrong place: the leaf's common name is what is
// asked for.
var commonNames = []nameRow{
	{name: "cn-beside-san", san: dns("other.example.com"), must: harness.Rejected,
		is: "the common name is right, the subjectAltName is not", source: "RFC 9525 2"},
	{name: "cn-only", san: nil, must: harness.Rejected,
		is: "the common name is right, and there is no subjectAltName", source: "RFC 9525 2"},
	{name: "cn-beside-mail", san: general(1, "post@example.com"), must: harness.Rejected,
		is: "the common name is right, the subjectAltName holds a mail address alone", source: "RFC 9525 2"},
	{name: "empty-san", san: []byte{}, must: harness.Rejected, also: []harness.Reason{harness.Malformed},
		is: "the common name is right, the subjectAltName is an empty list", source: "RFC 5280 4.2.1.6"},
}

// matchingNames are names without a wildcard.
var matchingNames = []nameRow{
	{name: "san-upper-case", san: dns("API.EXAMPLE.COM"), must: harness.Accepted,
		is: "the name in the certificate is in upper case", source: "RFC 9525 6.3, RFC 4343"},
	{name: "san-among-others", san: slices.Concat(dns("www.example.org"), general(1, "post@example.com"), dns(host)), must: harness.Accepted,
		is: "the name is the last of three, behind a mail address", source: "RFC 9525 6.3"},
	{name: "san-other", san: dns("other.example.com"), must: harness.Rejected,
		is: "the leaf is for another host", source: "RFC 9525 6.3"},
	{name: "san-parent", san: dns("example.com"), must: harness.Rejected,
		is: "the leaf is for the parent domain", source: "RFC 9525 6.3"},
	{name: "san-prefix", san: dns("api.example.co"), must: harness.Rejected,
		is: "the name in the certificate is the beginning of what is asked for", source: "RFC 9525 6.3"},
	{name: "san-suffix", san: dns("i.example.com"), must: harness.Rejected,
		is: "the name in the certificate is the end of what is asked for", source: "RFC 9525 6.3"},
	{name: "san-longer", san: dns("api.example.com.example.net"), must: harness.Rejected,
		is: "the name in the certificate begins with what is asked for", source: "RFC 9525 6.3"},
	{name: "san-nul", san: dns("api.example.com\x00.example.net"), must: harness.Rejected, also: []harness.Reason{harness.Malformed},
		is: "the name in the certificate has a NUL after what is asked for", source: "RFC 5280 4.2.1.6"},
	{name: "san-trailing-dot", san: dns("api.example.com."), must: harness.Either,
		is: "the name in the certificate ends in a dot, which the preferred name syntax does not have", source: "RFC 5280 4.2.1.6, RFC 1034 3.5"},
	{name: "san-space", san: dns(" api.example.com"), must: harness.Rejected, also: []harness.Reason{harness.Malformed},
		is: "the name in the certificate begins with a space", source: "RFC 9525 6.3"},
	{name: "idn", san: dns("xn--bcher-kva.example.com"), host: "xn--bcher-kva.example.com", must: harness.Accepted,
		is: "an internationalised name as an A-label, asked for as such", source: "RFC 9525 6.3"},
	{name: "idn-u-label", san: dns("bücher.example.com"), host: "xn--bcher-kva.example.com", must: harness.Rejected, also: []harness.Reason{harness.Malformed},
		is: "the certificate holds the U-label in UTF-8, where only A-labels may be", source: "RFC 5280 7.2"},
	{name: "san-empty-name", san: slices.Concat(dns(""), dns(host)), must: harness.Either, also: []harness.Reason{harness.Malformed},
		is: "an empty dNSName precedes the right one", source: "RFC 5280 4.2.1.6 (empty names)"},
	{name: "san-253", san: dns(longName), host: longName, must: harness.Accepted,
		is: "the name is as long as a name can be, 253 characters", source: "RFC 1035 2.3.4"},
	{name: "san-500", san: slices.Concat(manyNames(499), dns(host)), must: harness.Accepted,
		is: "the name is the last of 500", source: "RFC 5280 4.2.1.6"},
}

// wildcardNames: a wildcard is the whole left-most label, and stands for one.
var wildcardNames = []nameRow{
	{name: "wildcard", san: dns("*.example.com"), must: harness.Accepted,
		is: "the left-most label is a wildcard", source: "RFC 9525 6.3",
		more: []Case{
			hostCase("API.EXAMPLE.COM", harness.Accepted, "letters of either case are the same", "RFC 9525 6.3, RFC 4343"),
			hostCase("xn--bcher-kva.example.com", harness.Accepted, "an A-label is a label", "RFC 9525 6.3"),
			hostCase("deep.api.example.com", harness.Rejected, "a wildcard stands for one label", "RFC 9525 6.3"),
			hostCase("example.com", harness.Rejected, "a wildcard stands for one label, not for none", "RFC 9525 6.3"),
		}},
	{name: "wildcard-twice", san: dns("*.*.example.com"), host: "deep.api.example.com", must: harness.Rejected,
		is: "two labels are wildcards", source: "RFC 9525 6.3"},
	{name: "wildcard-second", san: dns("deep.*.example.com"), host: "deep.api.example.com", must: harness.Rejected,
		is: "the second label is the wildcard", source: "RFC 9525 6.3"},
	{name: "wildcard-last", san: dns("api.example.*"), must: harness.Rejected,
		is: "the last label is the wildcard", source: "RFC 9525 6.3"},
	{name: "wildcard-front", san: dns("*pi.example.com"), must: harness.Rejected,
		is: "the wildcard is the front of a label", source: "RFC 9525 6.3"},
	{name: "wildcard-end", san: dns("ap*.example.com"), must: harness.Rejected,
		is: "the wildcard is the end of a label", source: "RFC 9525 6.3"},
	{name: "wildcard-middle", san: dns("a*i.example.com"), must: harness.Rejected,
		is: "the wildcard is the middle of a label", source: "RFC 9525 6.3"},
	{name: "wildcard-idn", san: dns("xn--*.example.com"), host: "xn--bcher-kva.example.com", must: harness.Rejected,
		is: "the wildcard is the end of an A-label", source: "RFC 9525 6.3"},
	{name: "wildcard-bare", san: dns("*"), must: harness.Rejected,
		is: "the name is nothing but a wildcard", source: "RFC 9525 6.3"},
	{name: "wildcard-empty-label", san: dns("*..example.com"), must: harness.Rejected, also: []harness.Reason{harness.Malformed},
		is: "an empty label follows the wildcard", source: "RFC 9525 6.3"},
	{name: "wildcard-public-suffix", san: dns("*.com"), host: "example.com", must: harness.Either,
		is: "the wildcard stands before a public suffix", source: "RFC 9525 7.1"},
}

// addresses are IP addresses.
var addresses = []nameRow{
	{name: "ip-v4", san: ip(127, 0, 0, 1), host: "127.0.0.1", must: harness.Accepted,
		is: "the leaf is for the IPv4 address that is asked for", source: "RFC 9525 6.4",
		more: []Case{hostCase("127.0.0.2", harness.Rejected, "the address is another one", "RFC 9525 6.4")}},
	{name: "ip-v6", san: ip(net.IPv6loopback...), host: "::1", must: harness.Accepted,
		is: "the leaf is for the IPv6 address that is asked for", source: "RFC 9525 6.4"},
	{name: "ip-other", san: ip(127, 0, 0, 2), host: "127.0.0.1", must: harness.Rejected,
		is: "the leaf is for another address", source: "RFC 9525 6.4"},
	{name: "ip-v4-mapped", san: ip(net.IPv4(127, 0, 0, 1)...), host: "127.0.0.1", must: harness.Rejected,
		is: "the IPv4 address is written in sixteen octets, where octet for octet is compared", source: "RFC 9525 6.4, RFC 5280 4.2.1.6"},
	{name: "ip-in-dns", san: dns("127.0.0.1"), host: "127.0.0.1", must: harness.Rejected,
		is: "the address stands in a dNSName", source: "RFC 9525 6.4"},
	{name: "ip-in-wildcard", san: dns("*.0.0.1"), host: "127.0.0.1", must: harness.Rejected,
		is: "a dNSName with a wildcard resembles the address", source: "RFC 9525 6.4"},
	{name: "ip-five-octets", san: ip(127, 0, 0, 1, 0), host: "127.0.0.1", must: harness.Rejected, also: []harness.Reason{harness.Malformed},
		is: "the address has a fifth octet, where an address has four or sixteen", source: "RFC 5280 4.2.1.6, RFC 9525 6.4"},
	{name: "ip-for-name", san: ip(127, 0, 0, 1), must: harness.Rejected,
		is: "the leaf is for the server's address, and its name is asked for", source: "RFC 9525 6.3"},
}

// otherTypes are names of another type whose octets are those of the name
// that is asked for: only a dNSName names a host.
var otherTypes = []nameRow{
	{name: "ip-spells-name", san: ip([]byte("test")...), host: "test", must: harness.Rejected,
		is: "the four octets of an IPv4 address spell the name that is asked for", source: "RFC 9525 6.3, 6.4"},
	{name: "ip-v6-spells-name", san: ip([]byte("ip16.example.com")...), host: "ip16.example.com", must: harness.Rejected,
		is: "the sixteen octets of an IPv6 address spell the name that is asked for", source: "RFC 9525 6.3, 6.4"},
	{name: "mail-for-name", san: general(1, host), must: harness.Rejected,
		is: "the name stands where a mail address is due", source: "RFC 9525 6.3"},
	{name: "uri-for-name", san: general(6, host), must: harness.Rejected,
		is: "the name stands where a URI is due", source: "RFC 9525 6.3"},
	{name: "directory-for-name", san: directoryName(pkix.Name{CommonName: host}), must: harness.Rejected, also: []harness.Reason{harness.Malformed},
		is: "the name is the common name of a directoryName", source: "RFC 9525 6.3"},
}

// directoryName encodes a GeneralName of that type, which is explicitly
// tagged, for a Name is a CHOICE.
func directoryName(name pkix.Name) []byte {
	return wrap(cbasn1.Tag(4).Constructed().ContextSpecific(), encodeName(name, cbasn1.UTF8String))
}

func hostCase(host string, must harness.Result, why, source string) Case {
	c := Case{Anchor: Root, Host: host, Must: must, Why: why, Source: source}
	if must == harness.Rejected {
		c.Reasons = []harness.Reason{harness.NameMismatch}
	}
	return c
}

// longName has 253 characters, in labels of up to 63.
var longName = strings.Repeat(strings.Repeat("n", 49)+".", 4) + strings.Repeat("n", 41) + ".example.com"

// manyNames are n names of some server farm.
func manyNames(n int) []byte {
	var b cryptobyte.Builder
	for i := range n {
		name := []byte("h000.example.net")
		for d, v := 3, i; d > 0; d, v = d-1, v/10 {
			name[d] = byte('0' + v%10)
		}
		b.AddBytes(dns(string(name)))
	}
	return b.BytesOrPanic() // nothing of it can fail
}
