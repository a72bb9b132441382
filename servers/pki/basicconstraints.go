package pki

import (
	"time"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"trustrig/harness"
)

// Faults of a would-be issuer: a certificate that does not say that it is a
// CA, or says it wrongly, stands between leaf and root (RFC 5280 section
// 4.2.1.9 and 6.1.4).

// notCA is what a device gives for an issuer that is none: it finds no path,
// or it can not read the extension.
var notCA = []harness.Reason{harness.NotTrusted, harness.Malformed}

func constraint(name, is, source string, contents ...[]byte) fault {
	return fault{name: name, is: is, source: source, also: notCA, fatal: true, neighbour: "plain", differs: []string{"intermediate/basicConstraints"},
		change: onIntermediate(encoded(replaceExtension(basicConstraints(contents...))))}
}

var issuerFaults = []fault{
	{name: "no-basic-constraints", is: "the intermediate has no basicConstraints", source: "RFC 5280 6.1.4(k)",
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"intermediate/basicConstraints"},
		change: onIntermediate(encoded(removeExtension(oidBasicConstraints)))},
	{name: "ca-false", is: "the intermediate's basicConstraints is empty, which means CA:FALSE", source: "RFC 5280 6.1.4(k)",
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"intermediate/basicConstraints"},
		change: onIntermediate(encoded(replaceExtension(basicConstraints())))},
	constraint("ca-false-written", "the intermediate's basicConstraints says CA:FALSE in so many octets",
		"RFC 5280 6.1.4(k)", boolean(0)),
	constraint("pathlen-without-ca", "the intermediate's basicConstraints holds a pathLenConstraint and no cA",
		"RFC 5280 4.2.1.9, 6.1.4(k)", integer(0)),
	constraint("ca-as-integer", "the intermediate's basicConstraints holds the INTEGER 1 where cA is a BOOLEAN",
		"RFC 5280 4.2.1.9, 6.1.4(k)", integer(1)),
	constraint("ca-as-integers", "the intermediate's basicConstraints holds two INTEGERs, the first where cA is a BOOLEAN",
		"RFC 5280 4.2.1.9, 6.1.4(k)", integer(1), integer(0)),
	constraint("ca-false-pathlen", "the intermediate's basicConstraints says CA:FALSE and has a pathLenConstraint",
		"RFC 5280 4.2.1.9, 6.1.4(k)", boolean(0), integer(0)),
	constraint("ca-trailing-data", "the intermediate's basicConstraints has a NULL after the pathLenConstraint",
		"RFC 5280 4.2.1.9", boolean(0xff), integer(0), []byte{5, 0}),
	constraint("ca-negative-pathlen", "the intermediate's pathLenConstraint is -1",
		"RFC 5280 4.2.1.9", boolean(0xff), integer(0xff)),
	{name: "ca-trailing-bytes", is: "the intermediate's basicConstraints has two octets after its SEQUENCE", source: "RFC 5280 4.2.1.9",
		also: notCA, fatal: true, neighbour: "plain", differs: []string{"intermediate/basicConstraints"},
		change: onIntermediate(encoded(replaceExtension(
			extension(oidBasicConstraints, true, []byte{0x30, 6, 1, 1, 0xff, 2, 1, 0, 5, 0}))))},
	{name: "ca-outside-sequence", is: "the intermediate's basicConstraints is empty, and cA TRUE stands behind its SEQUENCE", source: "RFC 5280 4.2, 4.2.1.9, 6.1.4(k)",
		also: notCA, fatal: true, neighbour: "plain", differs: []string{"intermediate/basicConstraints"},
		change: onIntermediate(encoded(replaceExtension(
			extension(oidBasicConstraints, true, []byte{0x30, 0, 1, 1, 0xff}))))},
	{name: "ca-false-then-true", is: "the intermediate has basicConstraints twice, CA:FALSE first", source: "RFC 5280 4.2, 6.1.4(k)",
		also: notCA, fatal: true, neighbour: "plain", differs: []string{"intermediate/basicConstraints"},
		change: onIntermediate(encoded(twice(basicConstraints(), true)))},
	{name: "ca-true-then-false", is: "the intermediate has basicConstraints twice, CA:FALSE last", source: "RFC 5280 4.2, 6.1.4(k)",
		also: notCA, fatal: true, neighbour: "plain", differs: []string{"intermediate/basicConstraints"},
		change: onIntermediate(encoded(twice(basicConstraints(), false)))},
	{name: "ca-boolean-1", is: "the intermediate's cA is the octet 01, which is TRUE in BER and nothing in DER", source: "RFC 5280 4.2.1.9, X.690 11.1",
		must: harness.Either, also: notCA, fatal: true, neighbour: "plain", differs: []string{"intermediate/basicConstraints"},
		change: onIntermediate(encoded(replaceExtension(basicConstraints(boolean(1), integer(0)))))},
	{name: "ca-not-critical", is: "the intermediate's basicConstraints is not critical, which validation does not ask", source: "RFC 5280 6.1.4(k)",
		must: harness.Accepted, differs: []string{"intermediate/basicConstraints"},
		change: onIntermediate(encoded(replaceExtension(
			extension(oidBasicConstraints, false, wrap(cbasn1.SEQUENCE, boolean(0xff), integer(0))))))},
	{name: "pathlen-too-small", twin: "depth-2", is: "the intermediate under the root allows no other below it, and there is one", source: "RFC 5280 6.1.4(l)",
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"cross-sign/basicConstraints"},
		change: changeSent(2, pathLenZero)},
	{name: "pathlen-too-small-anchor", is: "the root that the device holds allows no intermediate, and there is one", source: "RFC 5280 6.1.1(d), RFC 5937 3",
		must: harness.Either, reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"anchor root/basicConstraints"},
		change: onRoot(pathLenZero)},
	{name: "ca-false-anchor", is: "the root that the device holds says CA:FALSE", source: "RFC 5280 6.1.1(d)",
		must: harness.Either, reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"anchor root/basicConstraints"},
		change: onRoot(encoded(replaceExtension(basicConstraints())))},
	{name: "no-cert-sign", is: "the intermediate's keyUsage has no keyCertSign", source: "RFC 5280 6.1.4(n)",
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"intermediate/keyUsage"},
		change: onIntermediate(encoded(replaceExtension(keyUsage(bitDigitalSignature, bitCRLSign))))},
	{name: "key-usage-empty-intermediate", is: "no bit of the intermediate's keyUsage is set", source: "RFC 5280 4.2.1.3, 6.1.4(n)",
		also: notCA, fatal: true, neighbour: "no-key-usage-intermediate", differs: []string{"intermediate/keyUsage"},
		change: onIntermediate(encoded(replaceExtension(noUsage())))},
	{name: "no-key-usage-intermediate", is: "the intermediate has no keyUsage, which then forbids nothing", source: "RFC 5280 6.1.4(n)",
		must: harness.Accepted, differs: []string{"intermediate/keyUsage"},
		change: onIntermediate(encoded(removeExtension(oidKeyUsage)))},
	{name: "v1-intermediate", is: "the intermediate is of version 1, which has no extensions to say that it is a CA", source: "RFC 5280 6.1.4(k)",
		reasons: []harness.Reason{harness.NotTrusted},
		differs: v1Differs("intermediate/", "extKeyUsage", "authorityKeyIdentifier", "authorityInfoAccess", "certificatePolicies", "crlDistributionPoints"),
		change:  onIntermediate(encoded(version1))},
	{name: "v1-anchor", is: "the root that the device holds is of version 1", source: "RFC 5280 6.1.1(d)",
		must: harness.Either, reasons: []harness.Reason{harness.NotTrusted}, differs: v1Differs("anchor root/"),
		change: onRoot(encoded(version1))},
}

// twice adds another extension of the same OID, before or after the first.
func twice(e []byte, before bool) func(*tbs) error {
	return func(t *tbs) error {
		i := t.find(extensionOID(e))
		if !before {
			i++
		}
		t.extensions = append(t.extensions[:i:i], append([][]byte{e}, t.extensions[i:]...)...)
		return nil
	}
}

func pathLenZero(c *cert, _ time.Time) {
	c.template.MaxPathLen, c.template.MaxPathLenZero = 0, true
}

func version1(t *tbs) error {
	t.version, t.extensions = nil, nil
	return nil
}

func v1Differs(certificate string, more ...string) []string {
	var out []string
	for _, f := range append([]string{"version", "keyUsage", "basicConstraints", "subjectKeyIdentifier"}, more...) {
		out = append(out, certificate+f)
	}
	return out
}
