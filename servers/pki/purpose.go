package pki

import "trustrig/harness"

// Faults of purpose (RFC 5280 sections 4.2.1.3 and 4.2.1.12): a certificate
// that is for something else.

var purposeFaults = []fault{
	{name: "client-auth-only", is: "the leaf's extKeyUsage is clientAuth alone", source: "RFC 5280 4.2.1.12",
		reasons: []harness.Reason{harness.ExtKeyUsage}, differs: []string{"leaf/extKeyUsage"},
		change: onLeaf(encoded(replaceExtension(extKeyUsage(purposeClientAuth))))},
	{name: "client-auth-only", keyType: "rsa", is: "the leaf's extKeyUsage is clientAuth alone", source: "RFC 5280 4.2.1.12",
		reasons: []harness.Reason{harness.ExtKeyUsage}, differs: []string{"leaf/extKeyUsage"},
		change: onLeaf(encoded(replaceExtension(extKeyUsage(purposeClientAuth))))},
	{name: "code-signing-only", is: "the leaf's extKeyUsage is codeSigning alone", source: "RFC 5280 4.2.1.12",
		reasons: []harness.Reason{harness.ExtKeyUsage}, differs: []string{"leaf/extKeyUsage"},
		change: onLeaf(encoded(replaceExtension(extKeyUsage(purposeCodeSigning))))},
	{name: "no-ext-key-usage", is: "the leaf has no extKeyUsage, which then forbids nothing", source: "RFC 5280 4.2.1.12",
		must: harness.Accepted, differs: []string{"leaf/extKeyUsage"},
		change: onLeaf(encoded(removeExtension(oidExtKeyUsage)))},
	{name: "any-ext-key-usage", is: "the leaf's extKeyUsage is anyExtendedKeyUsage alone, which applications may refuse", source: "RFC 5280 4.2.1.12",
		must: harness.Either, reasons: []harness.Reason{harness.ExtKeyUsage}, differs: []string{"leaf/extKeyUsage"},
		change: onLeaf(encoded(replaceExtension(extKeyUsage(purposeAny))))},
	unfitUsage("key-usage-unfit", "ecdsa", "dataEncipherment", bitDataEncipherment),
	unfitUsage("key-usage-unfit", "rsa", "dataEncipherment", bitDataEncipherment),
	unfitUsage("key-usage-crl-sign", "ecdsa", "cRLSign", bitCRLSign),
	{name: "key-usage-encipherment", keyType: "rsa", is: "the leaf's keyUsage is keyEncipherment alone, and the server signs the handshake", source: "RFC 5246 7.4.2, RFC 8446 4.4.2.2",
		reasons: []harness.Reason{harness.KeyUsage}, differs: []string{"leaf/keyUsage"},
		change: onLeaf(encoded(replaceExtension(keyUsage(bitKeyEncipherment))))},
	{name: "no-key-usage-leaf", is: "the leaf has no keyUsage, which then forbids nothing", source: "RFC 5280 4.2.1.3, RFC 8446 4.4.2.2",
		must: harness.Accepted, differs: []string{"leaf/keyUsage"},
		change: onLeaf(encoded(removeExtension(oidKeyUsage)))},
	{name: "ext-key-usage-critical", is: "the leaf's extKeyUsage is critical, as it may be", source: "RFC 5280 4.2.1.12, 4.2",
		must: harness.Accepted, differs: []string{"leaf/extKeyUsage"},
		change: onLeaf(encoded(markExtension(oidExtKeyUsage, true)))},
	{name: "ext-key-usage-empty", is: "the leaf's extKeyUsage names no purpose", source: "RFC 5280 4.2.1.12",
		also: []harness.Reason{harness.ExtKeyUsage, harness.Malformed}, fatal: true, neighbour: "no-ext-key-usage", differs: []string{"leaf/extKeyUsage"},
		change: onLeaf(encoded(replaceExtension(extKeyUsage())))},
	{name: "key-usage-empty", is: "no bit of the leaf's keyUsage is set", source: "RFC 5280 4.2.1.3, RFC 8446 4.4.2.2",
		also: []harness.Reason{harness.KeyUsage, harness.Malformed}, fatal: true, neighbour: "no-key-usage-leaf", differs: []string{"leaf/keyUsage"},
		change: onLeaf(encoded(replaceExtension(noUsage())))},
	{name: "key-usage-not-critical", is: "the leaf's keyUsage is not critical", source: "RFC 5280 4.2.1.3",
		must: harness.Accepted, differs: []string{"leaf/keyUsage"},
		change: onLeaf(encoded(markExtension(oidKeyUsage, false)))},
	{name: "intermediate-client-auth", is: "the intermediate's extKeyUsage leaves out serverAuth, which verifiers may take as a limit on what it issues", source: "RFC 5280 4.2.1.12",
		must: harness.Either, reasons: []harness.Reason{harness.ExtKeyUsage}, differs: []string{"intermediate/extKeyUsage"},
		change: onIntermediate(encoded(replaceExtension(extKeyUsage(purposeClientAuth))))},
	{name: "ca-as-server", is: "the leaf says CA:TRUE", source: "RFC 5280 4.2.1.9",
		must: harness.Either, reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"leaf/basicConstraints"},
		change: onLeaf(encoded(replaceExtension(basicConstraints(boolean(0xff)))))},
}

func unfitUsage(name, keyType, usage string, bit int) fault {
	return fault{name: name, keyType: keyType, is: "the leaf's keyUsage is " + usage + " alone, which fits neither signing nor key exchange",
		source: "RFC 5246 7.4.2, RFC 8446 4.4.2.2", reasons: []harness.Reason{harness.KeyUsage}, differs: []string{"leaf/keyUsage"},
		change: onLeaf(encoded(replaceExtension(keyUsage(bit))))}
}
