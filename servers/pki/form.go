package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"time"
	"unicode/utf16"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"trustrig/harness"
)

// Faults of form (RFC 5280 sections 4.1 and 4.2, X.690): certificates that
// are not, or not quite, what the ASN.1 says.

// unreadable is what a device gives for a certificate that does not parse.
var unreadable = []harness.Reason{harness.Malformed}

var formFaults = []fault{
	{name: "unknown-critical-leaf", is: "the leaf has a critical extension that no one knows", source: "RFC 5280 4.2",
		reasons: unreadable, fatal: true, neighbour: "unknown-leaf", differs: []string{"leaf/" + oidUnknown.String()},
		change: onLeaf(encoded(addExtension(unknownExtension(true, 2))))},
	{name: "unknown-leaf", is: "the leaf has an extension that no one knows, not critical", source: "RFC 5280 4.2",
		must: harness.Accepted, differs: []string{"leaf/" + oidUnknown.String()},
		change: onLeaf(encoded(addExtension(unknownExtension(false, 2))))},
	{name: "unknown-critical-intermediate", is: "the intermediate has a critical extension that no one knows", source: "RFC 5280 4.2, 6.1.4(o)",
		reasons: unreadable, fatal: true, neighbour: "unknown-intermediate", differs: []string{"intermediate/" + oidUnknown.String()},
		change: onIntermediate(encoded(addExtension(unknownExtension(true, 2))))},
	{name: "unknown-intermediate", is: "the intermediate has an extension that no one knows, not critical", source: "RFC 5280 4.2",
		must: harness.Accepted, differs: []string{"intermediate/" + oidUnknown.String()},
		change: onIntermediate(encoded(addExtension(unknownExtension(false, 2))))},
	{name: "unknown-critical-anchor", is: "the root that the device holds has a critical extension that no one knows", source: "RFC 5280 6.1.1(d)",
		must: harness.Either, also: []harness.Reason{harness.AnchorInvalid, harness.NotTrusted}, fatal: true, neighbour: "unknown-anchor", differs: []string{"anchor root/" + oidUnknown.String()},
		change: onRoot(encoded(addExtension(unknownExtension(true, 2))))},
	{name: "unknown-anchor", is: "the root that the device holds has an extension that no one knows, not critical", source: "RFC 5280 4.2",
		must: harness.Accepted, differs: []string{"anchor root/" + oidUnknown.String()},
		change: onRoot(encoded(addExtension(unknownExtension(false, 2))))},
	{name: "san-twice", twin: "plain", is: "the leaf has subjectAltName twice, another host's first", source: "RFC 5280 4.2",
		also: []harness.Reason{harness.Malformed, harness.NameMismatch}, fatal: true, neighbour: "san-among-others", differs: []string{"leaf/subjectAltName"},
		change: onLeaf(encoded(twice(extension(oidSubjectAltName, false, wrap(cbasn1.SEQUENCE, dns("other.example.com"))), true)))},
	{name: "indefinite-length", is: "the leaf's outermost length is indefinite, as in BER", source: "RFC 5280 4.1, X.690 10.1",
		reasons: unreadable, fatal: true, neighbour: "plain", differs: []string{"leaf/der"}, change: onLeaf(signed(indefinite))},
	{name: "long-length", is: "the leaf's outermost length is written in more octets than it needs", source: "RFC 5280 4.1, X.690 10.1",
		must: harness.Either, also: unreadable, fatal: true, neighbour: "plain", differs: []string{"leaf/der"}, change: onLeaf(signed(overlong))},
	{name: "length-too-large", is: "the leaf's outermost length is one octet more than there is", source: "RFC 5280 4.1, X.690 8.1.3",
		reasons: unreadable, fatal: true, neighbour: "plain", differs: []string{"leaf/der"}, change: onLeaf(signed(lengthPlus(1)))},
	{name: "length-too-small", is: "the leaf's outermost length is one octet less than there is", source: "RFC 5280 4.1, X.690 8.1.3",
		reasons: unreadable, fatal: true, neighbour: "plain", differs: []string{"leaf/rest"}, change: onLeaf(signed(lengthPlus(-1)))},
	{name: "truncated", is: "the last ten octets of the leaf are missing", source: "RFC 5280 4.1",
		reasons: unreadable, fatal: true, neighbour: "plain", differs: []string{"leaf/der"},
		change: onLeaf(signed(func(der []byte) []byte { return der[:len(der)-10] }))},
	{name: "trailing-bytes", is: "two octets follow the leaf in its place in the message", source: "RFC 5280 4.1, RFC 8446 4.4.2",
		must: harness.Either, also: unreadable, fatal: true, neighbour: "plain", differs: []string{"leaf/rest"},
		change: onLeaf(signed(func(der []byte) []byte { return append(der, 5, 0) }))},
	serialFault("serial-negative", "negative", "RFC 5280 4.1.2.2", harness.Either, 0x85, 1),
	serialFault("serial-zero", "zero", "RFC 5280 4.1.2.2", harness.Either, 0),
	serialFault("serial-20-octets", "of 20 octets", "RFC 5280 4.1.2.2", harness.Accepted, octets(20)...),
	serialFault("serial-21-octets", "of 21 octets", "RFC 5280 4.1.2.2", harness.Either, octets(21)...),
	serialFault("serial-empty", "an INTEGER of no octets", "RFC 5280 4.1.2.2, X.690 8.3.1", harness.Either),
	{name: "version-2", is: "the leaf says version 2, which has no extensions, and has them", source: "RFC 5280 4.1.2.1",
		must: harness.Either, also: unreadable, fatal: true, neighbour: "plain", differs: []string{"leaf/version"}, change: onLeaf(encoded(withVersion(1)))},
	{name: "version-4", is: "the leaf says version 4, which there is not", source: "RFC 5280 4.1.2.1",
		reasons: unreadable, fatal: true, neighbour: "plain", differs: []string{"leaf/version"}, change: onLeaf(encoded(withVersion(3)))},
	nameEncoding("utf8-names", "UTF8String", harness.Accepted, "RFC 5280 4.1.2.4", cbasn1.UTF8String),
	nameEncoding("bmp-names", "BMPString", harness.Either, "RFC 5280 4.1.2.6(c)", cbasn1.Tag(30)),
	nameEncoding("teletex-names", "TeletexString", harness.Either, "RFC 5280 4.1.2.6(c)", cbasn1.T61String),
	{name: "issuer-in-upper-case", is: "the leaf gives its issuer's name in upper case", source: "RFC 5280 7.1",
		must: harness.Accepted, differs: []string{"leaf/issuer"},
		change: onLeaf(func(c *cert, _ time.Time) { c.issuer = renamed(c.issuer, "PLAIN INTERMEDIATE E") })},
	{name: "issuer-in-utf8", is: "the leaf gives its issuer's name as UTF8String, the issuer's certificate as PrintableString", source: "RFC 5280 7.1",
		must: harness.Accepted, differs: []string{"leaf/issuer"},
		change: onLeaf(func(c *cert, _ time.Time) {
			name := encodeName(c.issuer.name, cbasn1.UTF8String)
			c.edit(func(t *tbs) error { t.issuer = name; return nil })
		})},
	{name: "chain-12k", is: "good: the leaf has 12,000 octets of an unknown extension", source: "RFC 5280 4.2",
		must: harness.Accepted, differs: []string{"leaf/" + oidUnknown.String()},
		change: onLeaf(encoded(addExtension(unknownExtension(false, 12000))))},
	{name: "chain-17k", is: "the leaf has 17,000 octets of an unknown extension, so that its message takes two records", source: "RFC 5246 6.2.1, RFC 8446 5.1",
		must: harness.Either, also: []harness.Reason{harness.MessageTooBig, harness.Malformed}, fatal: true, neighbour: "chain-12k",
		differs: []string{"leaf/" + oidUnknown.String()}, change: onLeaf(encoded(addExtension(unknownExtension(false, 17000))))},
	{name: "must-staple", is: "the leaf demands a stapled OCSP response, and the server staples none", source: "RFC 7633, RFC 5280 4.2",
		must: harness.Either, also: []harness.Reason{harness.OtherReason, harness.Malformed}, fatal: true, neighbour: "unknown-leaf", differs: []string{"leaf/tlsFeature"},
		change: onLeaf(encoded(addExtension(extension(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}, false, wrap(cbasn1.SEQUENCE, integer(5))))))},
}

// octets is a positive number of n octets.
func octets(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(0x11 * (i%7 + 1))
	}
	return b
}

func serialFault(name, is, source string, must harness.Result, value ...byte) fault {
	f := fault{name: name, is: "the leaf's serial number is " + is, source: source, must: must, differs: []string{"leaf/serial"},
		change: onLeaf(encoded(func(t *tbs) error { t.serial = integer(value...); return nil }))}
	if must != harness.Accepted {
		f.also, f.fatal, f.neighbour = unreadable, true, "plain"
	}
	return f
}

func withVersion(n byte) func(*tbs) error {
	return func(t *tbs) error { t.version = wrap(tagVersion, integer(n)); return nil }
}

// indefinite turns 30 82 LL LL … into 30 80 … 00 00.
func indefinite(der []byte) []byte {
	_, contents := header(der)
	return append(append([]byte{der[0], 0x80}, contents...), 0, 0)
}

// overlong turns 30 82 LL LL into 30 83 00 LL LL.
func overlong(der []byte) []byte {
	n, contents := header(der)
	return append([]byte{der[0], 0x83, 0, byte(n >> 8), byte(n)}, contents...)
}

func lengthPlus(d int) func([]byte) []byte {
	return func(der []byte) []byte {
		n, contents := header(der)
		n += d
		return append([]byte{der[0], 0x82, byte(n >> 8), byte(n)}, contents...)
	}
}

// header returns length and contents of an element between 256 and 65535
// octets long, as all certificates here are.
func header(der []byte) (n int, contents []byte) {
	return int(der[2])<<8 | int(der[3]), der[4:]
}

// nameEncoding writes the names of intermediate and leaf's issuer in another
// string type, in both alike.
func nameEncoding(name, is string, must harness.Result, source string, tag cbasn1.Tag) fault {
	f := fault{name: name, is: "the intermediate's name, and the leaf's issuer's, are " + is, source: source, must: must,
		differs: []string{"intermediate/subject", "leaf/issuer"},
		change: func(_ *world, p *plan) {
			der := encodeName(p.sent[1].subject.name, tag)
			p.change(p.sent[1], func(c *cert) { c.edit(func(t *tbs) error { t.subject = der; return nil }) })
			p.change(p.sent[0], func(c *cert) { c.edit(func(t *tbs) error { t.issuer = der; return nil }) })
		}}
	if must != harness.Accepted {
		f.also, f.fatal, f.neighbour = []harness.Reason{harness.Malformed, harness.NotTrusted}, true, "utf8-names"
	}
	return f
}

// encodeName encodes a name with its strings, but for the country, in the
// given type.
func encodeName(name pkix.Name, tag cbasn1.Tag) []byte {
	country := asn1.ObjectIdentifier{2, 5, 4, 6}
	var rdns [][]byte
	for _, rdn := range name.ToRDNSequence() {
		for _, a := range rdn {
			text, _ := a.Value.(string)
			t, value := tag, []byte(text)
			if a.Type.Equal(country) {
				t = cbasn1.PrintableString
			} else if tag == cbasn1.Tag(30) {
				value = bmp(text)
			}
			rdns = append(rdns, wrap(cbasn1.SET, wrap(cbasn1.SEQUENCE, objectIdentifier(a.Type), wrap(t, value))))
		}
	}
	return wrap(cbasn1.SEQUENCE, rdns...)
}

func bmp(text string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return out
}
