package mutants

import (
	"slices"

	"trustrig/harness"
)

// flagged are the reasons that verification notes as flags, and that a port
// which does not look at its result overlooks.
var flagged = []harness.Reason{
	harness.Expired, harness.NotYetValid, harness.NameMismatch, harness.NotTrusted, harness.KeyUsage,
	harness.ExtKeyUsage, harness.NetscapeType, harness.BadHash, harness.BadAlgorithm, harness.BadKey,
}

// insecure are the scenarios that expect one of the reasons, or any rejection,
// and turn insecure.
func insecure(names string, reasons ...harness.Reason) []Turn {
	return []Turn{{Names: names, Reasons: reasons, To: harness.Insecure}}
}

// misreported are those in which another fault than the overlooked one still
// leads to a rejection.
func misreported(reasons ...harness.Reason) []Turn {
	return []Turn{{Reasons: reasons, To: harness.WrongReason}}
}

func broken(names string) []Turn { return []Turn{{Names: names, To: harness.Broken}} }

// All returns every mutant.
func All() []Mutant {
	return slices.Concat(ofResult(), ofNames(), ofTime(), ofSignatures(), ofIssuers(), ofAnchors(), ofProtocol(), ofModule())
}

func ofResult() []Mutant {
	all := append(slices.Clone(flagged), harness.NoAnchor)
	callback := insecure("^misuse/tls-verify-callback$") // whose refusal is a part of the result
	return []Mutant{
		{Name: "result-ignored", Mistake: "the result of the verification is not looked at",
			Must: insecure("", flagged...), May: append(misreported(flagged...), callback...)},
		{Name: "verify-mode-none", Mistake: "the verify mode is none, whatever was set",
			Must: insecure("", all...), May: append(misreported(all...), callback...)},
		{Name: "verify-mode-optional", Mistake: "the verify mode is optional where required was set",
			Must: insecure("", all...), May: misreported(all...)},
		{Name: "every-fifth", Mistake: "each fifth connection is not verified",
			Must: insecure("", flagged...), May: misreported(flagged...)},
		{Name: "after-reset", Mistake: "nothing is verified after a soft reset",
			Must: insecure("", flagged...), May: misreported(flagged...)},
	}
}

func ofNames() []Mutant {
	name := harness.NameMismatch
	return []Mutant{
		{Name: "cve-2025-27809", Mistake: "the host name is not handed to the library: neither sent nor compared",
			Must: append(insecure("", name), misreported()...),
			May:  append(broken("^sni/"), insecure("^misuse/hostname-empty$")...)},
		{Name: "name-ignored", Mistake: "the host name is sent, and not compared",
			Must: insecure("", name), May: misreported(name)},
		{Name: "name-case-sensitive", Mistake: "the case of letters matters in names",
			Must: broken(`/[^/]*[A-Z][^/]*/CERT_REQUIRED|upper-case`), May: misreported()},
		{Name: "name-prefix", Mistake: "only as many characters of a name are compared as the host name has",
			Must: insecure("^(san-longer|san-nul|san-trailing-dot)-|^names/generated$", name), May: misreported(name)},
		{Name: "name-suffix", Mistake: "a name matches each host whose name ends like it",
			Must: insecure("^(san-suffix|san-parent)-|^names/generated$", name), May: append(misreported(name), insecure("", name)...)},
		{Name: "name-up-to-nul", Mistake: "a name ends at its first NUL",
			Must: insecure("^san-nul-|^names/generated$", name), May: misreported(name)},
		{Name: "wildcard-any-depth", Mistake: "a wildcard stands for any number of labels",
			Must: insecure("^wildcard-[^/]*/[^/]*/deep|^wildcard-(public-suffix|ecdsa/root/deep)|^names/generated$", name), May: append(misreported(name), insecure("wildcard", name)...)},
		{Name: "wildcard-anywhere", Mistake: "a star stands for part of a label, in any label",
			Must: insecure("^wildcard-(twice|second|last|front|end|middle|idn)-|^names/generated$", name), May: append(misreported(name), insecure("wildcard", name)...)},
		{Name: "cn-beside-san", Mistake: "the common name counts beside subjectAltNames",
			Must: insecure("^(cn-beside-|empty-san-)", name), May: append(misreported(name), insecure("", name)...)},
		{Name: "address-as-text", Mistake: "an address is compared with names, as text",
			Must: broken("^ip-v[46]-"), May: append(misreported(name), broken("^sni/address")...)},
	}
}

func ofTime() []Mutant {
	expired, early := harness.Expired, harness.NotYetValid
	return []Mutant{
		{Name: "dates-ignored", Mistake: "no date is checked",
			Must: insecure("", expired, early), May: misreported(expired, early)},
		{Name: "not-before-ignored", Mistake: "the beginning of a validity is not checked",
			Must: insecure("", early), May: misreported(early)},
		{Name: "not-after-ignored", Mistake: "the end of a validity is not checked",
			Must: insecure("", expired), May: misreported(expired)},
		{Name: "dates-of-leaf-only", Mistake: "the dates of certificates above the leaf are not checked",
			Must: insecure("^[a-z]*-(intermediate|anchor|cross-sign)-", expired, early), May: append(misreported(expired, early), insecure("", expired, early)...)},
		{Name: "clock-frozen", Mistake: "the clock stands at the day of the build",
			Must: append(broken(""), insecure("", expired)...), May: append(misreported(), insecure("", early)...)},
		{Name: "local-time", Mistake: "local time is taken for UTC",
			Must: append(broken("edges|clock|shortlived|-not(Before|After)"), insecure("edges|clock|-not(Before|After)", expired, early)...), May: append(misreported(), broken("")...)},
		{Name: "year-2038", Mistake: "dates are 32-bit seconds, which overflow in 2038",
			Must: broken("-to-(2051|9999)|letsencrypt|amazon|digicert|google|sectigo"), May: append(misreported(), append(broken(""), insecure("", expired, early)...)...)},
	}
}

func ofSignatures() []Mutant {
	lost := harness.NotTrusted
	return []Mutant{
		{Name: "signatures-ignored", Mistake: "no certificate's signature is checked",
			Must: insecure("", lost), May: misreported(lost)},
		{Name: "leaf-signature-ignored", Mistake: "the leaf's signature is not checked",
			Must: insecure("", lost), May: misreported(lost)},
		{Name: "upper-signatures-ignored", Mistake: "the signatures of intermediates are not checked",
			Must: insecure("", lost), May: misreported(lost)},
		{Name: "issuer-by-name", Mistake: "the anchor is found by its name, and its key not used",
			Must: insecure("", lost), May: misreported(lost)},
		{Name: "possession-ignored", Mistake: "the server need not prove that it holds the certificate's key",
			Must: insecure("", harness.BadPossession), May: misreported(harness.BadPossession)},
		{Name: "sha1-allowed", Mistake: "the policy allows signatures with SHA-1",
			Must: insecure("sha1", harness.BadHash), May: misreported(harness.BadHash)},
		{Name: "md5-allowed", Mistake: "the policy allows signatures with MD5",
			Must: insecure("md5", harness.BadHash), May: misreported(harness.BadHash)},
		{Name: "rsa-1024-allowed", Mistake: "the policy allows RSA keys of 1024 bits",
			Must: insecure("1024|2047", harness.BadKey), May: misreported(harness.BadKey)},
	}
}

func ofIssuers() []Mutant {
	lost := harness.NotTrusted
	issuers := "^(no-basic-constraints|ca-|pathlen-without|leaf-as-issuer|v1-intermediate|signed-by-self-signed|no-cert-sign)"
	return []Mutant{
		{Name: "basic-constraints-ignored", Mistake: "any certificate may issue others",
			Must: insecure(issuers, lost), May: append(misreported(lost), insecure("", lost)...)},
		{Name: "path-length-ignored", Mistake: "pathLenConstraint is not looked at",
			Must: insecure("^pathlen-too-small-", lost), May: misreported(lost)},
		{Name: "key-usage-ignored", Mistake: "keyUsage is not looked at",
			Must: insecure("^(no-cert-sign|key-usage)-", lost, harness.KeyUsage), May: misreported(lost, harness.KeyUsage)},
		{Name: "ext-key-usage-ignored", Mistake: "extendedKeyUsage is not looked at",
			Must: insecure("", harness.ExtKeyUsage), May: misreported(harness.ExtKeyUsage)},
		{Name: "critical-ignored", Mistake: "an unknown critical extension is passed over",
			Must: insecure("critical", harness.Malformed),
			// Extensions that must be critical, and that mbedTLS does not know.
			May: append(misreported(harness.Malformed), insecure("^(policy|constraint)-")...)},
	}
}

func ofAnchors() []Mutant {
	lost := harness.NotTrusted
	return []Mutant{
		{Name: "self-signed-trusted", Mistake: "a self-signed certificate passes",
			Must: insecure("self-signed", lost), May: misreported(lost)},
		{Name: "sent-root-trusted", Mistake: "a root that the server sends is an anchor",
			Must: insecure("root-sent|fake-root|self-signed", lost), May: misreported(lost)},
		{Name: "sent-chain-trusted", Mistake: "any certificate that the server sends above its own is an anchor",
			Must: insecure("", lost), May: misreported(lost)},
		{Name: "anchor-shared", Mistake: "the anchor that was loaded last counts in every context",
			Must: insecure("^load/beside-", lost), May: append(broken("^load/"), misreported(lost)...)},
		{Name: "anchors-accumulate", Mistake: "what any context ever trusted stays trusted",
			Must: insecure("", lost), May: misreported(lost)},
		{Name: "no-anchor-no-check", Mistake: "where no anchor was loaded nothing is verified",
			Must: insecure("", harness.NoAnchor), May: misreported(harness.NoAnchor)},
		{Name: "anchor-unused", Mistake: "an anchor in PEM loads as nothing, and nothing is verified with it",
			Must: insecure("^load/pem", lost), May: misreported(lost)},
	}
}

func ofProtocol() []Mutant {
	return []Mutant{
		{Name: "sni-not-sent", Mistake: "the ClientHello names no host",
			Must: append(misreported(), broken("^sni/")...)},
		{Name: "no-reassembly", Mistake: "a handshake message must come in one record, as in mbedTLS 3.6.2",
			// It breaks off with a code that is no rejection.
			Must: []Turn{{Names: "^protocol/(split|byte-by-byte)", To: harness.Inconclusive}}, May: broken("^(protocol|chain-)")},
		{Name: "alert-not-sent", Mistake: "the server is not told of a rejection", Unseen: true},
	}
}

// ofModule are mistakes of the module ssl, the wrapper in Python.
func ofModule() []Mutant {
	all := append(slices.Clone(flagged), harness.NoAnchor)
	const wrap = "            return self._tls.wrap_socket(\n                sock,\n"
	return []Mutant{
		{Name: "module-forgets-mode", Mistake: "the module keeps verify_mode as an attribute of its own, which nobody reads",
			Edits: []Edit{
				{"            return self._tls.verify_mode\n", "            return getattr(self, \"_mode\", 0)\n"},
				{"            self._tls.verify_mode = mode\n", "            self._mode = mode\n"},
			},
			Must: insecure("", all...), May: append(misreported(all...), insecure("^misuse/(mode-|hostname-)")...)},
		{Name: "module-swallows-error", Mistake: "the module takes the error of wrap_socket for an old firmware's, and tries again without verification",
			Edits: []Edit{{wrap, "            kw = {\"server_side\": server_side, \"server_hostname\": server_hostname}\n" +
				"            try:\n                return self._tls.wrap_socket(sock, **kw)\n" +
				"            except ValueError:\n                self._tls.verify_mode = tls.CERT_NONE\n" + wrap}},
			Must: insecure("^misuse/hostname-missing", harness.NoHostname), May: misreported()},
		{Name: "module-short-of-memory", Mistake: "the module leaves verification out where memory is short",
			Edits: []Edit{{wrap, "            import gc\n\n            if gc.mem_free() < 128 * 1024:\n" +
				"                self._tls.verify_mode = tls.CERT_NONE\n" + wrap}},
			Must: insecure("^short-of-memory/", all...), May: misreported()},
		{Name: "module-trusts-addresses", Mistake: "the module verifies names only: for an address it sets CERT_NONE",
			Edits: []Edit{{wrap, "            if server_hostname and server_hostname[0] in \"0123456789:\":\n" +
				"                self._tls.verify_mode = tls.CERT_NONE\n" + wrap}},
			Must: insecure("^ip-", all...), May: misreported()},
	}
}

// Variants returns every honest variant.
func Variants() []Variant {
	return []Variant{
		{Name: "honest-cipher-order", Is: "offers its cipher suites in the reverse order", Interposer: true},
		{Name: "honest-allocator", Is: "takes its memory from another allocator, which clears nothing", Interposer: true},
		{Name: "honest-texts", Is: "says in other words why it rejects", Interposer: true},
		{Name: "honest-codes", Is: "gives codes in place of texts", Interposer: true},
		{Name: "honest-slow", Is: "takes 20 ms longer to verify", Interposer: true},
		{Name: "honest-small-heap", Is: "has a heap of 512 KiB", Heap: 512 << 10},
	}
}
