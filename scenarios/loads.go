package scenarios

import (
	"trustrig/harness"
	"trustrig/servers/pki"
)

const (
	sourceDER    = `C07: DER loads; PEM loads and verifies or fails clearly before connecting, and never silently trusts`
	sourcePlaces = `the manual: copy ca.der "to the camera (filesystem or ROMFS)"`
	sourceSingle = `the manual: "load_verify_locations takes a single DER-encoded CA certificate"`
	sourceAlive  = `the manual: "use a separate SSLContext per anchor"`
	sourceNoCA   = `C01 and C07: what is no certificate anchors nothing`
)

// loadScenarios load anchors in other forms, by other ways, and more than one.
func loadScenarios() []harness.Scenario {
	rows := append(formRows(), secondRows()...)
	for i, s := range rows {
		s.Name = "load/" + s.Name
		if s.Load.Via == "romfs" {
			s.Needs = append(s.Needs, "vfs.VfsRom")
		}
		if len(s.Controls) == 0 {
			s.Controls = []harness.Control{
				{Name: goodScenario, Shows: "the same certificate in DER from memory is accepted"},
				{Name: goodRecipe + "/look-alike/CERT_REQUIRED", Shows: "the device verifies this chain at all"},
			}
		}
		rows[i] = complete(s)
	}
	return rows
}

// formRows put one anchor, or a bundle, into other forms. The forms are in
// form.go.
func formRows() []harness.Scenario {
	via := func(form, via string) harness.Load { return harness.Load{Form: form, Via: via} }
	pem := either(sourceDER, harness.AnchorInvalid)
	junk := rejectAny(sourceNoCA, harness.AnchorInvalid, harness.NoAnchor, harness.NotTrusted, harness.Malformed)
	noPEM := promise("C07", harness.Rejected, "PEM does not load.")
	one := promise("C16", harness.Rejected, "One anchor a context.")
	c07, c16 := []string{"C07"}, []string{"C16"}
	return []harness.Scenario{
		{Name: "der/cafile", Claims: []string{"C07", "C08"}, Load: via("", "cafile"), Expect: accept(sourcePlaces), Why: "the manual's cafile, on /flash"},
		{Name: "der/romfs", Claims: []string{"C08"}, Load: via("", "romfs"), Expect: accept(sourcePlaces), Why: "the same file in ROMFS"},
		{Name: "der/cafile/attacker", Claims: []string{"C03", "C08"}, Recipe: attackRecipe, Load: via("", "cafile"), Expect: reject("RFC 5280 6.1.3(a)(1)", harness.NotTrusted), Why: "a file as anchor, and an attacker",
			Controls: []harness.Control{{Name: "load/der/cafile", Shows: "the file anchors the right server"}, {Name: attackReachable, Shows: showsReachable}}},
		{Name: "pem/cadata", Claims: c07, Load: via("pem", ""), Expect: pem, Documented: noPEM, Why: "PEM from memory"},
		{Name: "pem/cafile", Claims: c07, Load: via("pem", "cafile"), Expect: pem, Documented: noPEM, Why: "PEM from a file"},
		{Name: "pem/romfs", Claims: c07, Load: via("pem", "romfs"), Expect: pem, Documented: noPEM, Why: "PEM from ROMFS"},
		{Name: "pem/cadata/attacker", Claims: c07, Recipe: attackRecipe, Load: via("pem", ""), Expect: rejectAny(sourceDER, harness.NotTrusted, harness.AnchorInvalid), Why: "PEM, if it loads, anchors nothing else",
			Controls: []harness.Control{{Name: goodScenario, Shows: "the same certificate in DER from memory is accepted"}, {Name: attackReachable, Shows: showsReachable}}},
		{Name: "pem-crlf", Claims: c07, Load: via("pem-crlf", ""), Expect: pem, Why: "PEM with the line ends of Windows"},
		{Name: "pem-no-newline", Claims: c07, Load: via("pem-no-newline", ""), Expect: pem, Why: "PEM without a last newline"},
		{Name: "pem-text", Claims: c07, Load: via("pem-text", ""), Expect: pem, Why: "PEM with openssl's text before it"},

		{Name: "empty", Claims: c07, Load: via("empty", ""), Expect: junk, Why: "no bytes at all"},
		{Name: "empty/cafile", Claims: c07, Load: via("empty", "cafile"), Expect: junk, Why: "an empty file, as a full flash leaves it"},
		{Name: "truncated", Claims: c07, Load: via("truncated", ""), Expect: junk, Why: "a copy that broke off"},
		{Name: "not-a-certificate", Claims: c07, Load: via("not-a-certificate", ""), Expect: junk, Why: "a web page saved in place of the certificate"},
		{Name: "oversized", Claims: c07, Load: via("oversized", ""), Expect: either(sourceDER, harness.AnchorInvalid), Why: "the right certificate with 20,000 bytes behind it"},

		{Name: "der-two/first", Claims: c16, Load: via("der-two", ""), Second: string(pki.Foreign), Expect: either(sourceSingle, harness.AnchorInvalid), Why: "two certificates in one DER file, ours the first"},
		{Name: "der-two/last", Claims: c16, Load: via("der-two-last", ""), Second: string(pki.Foreign), Expect: either(sourceSingle, harness.AnchorInvalid, harness.NotTrusted), Documented: one, Why: "two certificates in one DER file, ours the second"},
		{Name: "pem-two/first", Claims: c16, Load: via("pem-two", ""), Second: string(pki.Foreign), Expect: either(sourceSingle, harness.AnchorInvalid), Why: "a PEM bundle of two, ours the first"},
		{Name: "pem-two/last", Claims: c16, Load: via("pem-two-last", ""), Second: string(pki.Foreign), Expect: either(sourceSingle, harness.AnchorInvalid, harness.NotTrusted), Documented: one, Why: "a PEM bundle of two, ours the last"},
		{Name: "pem-bad-first", Claims: c16, Load: via("pem-bad-first", ""), Second: string(pki.Foreign), Expect: either(sourceSingle, harness.AnchorInvalid), Why: "a PEM bundle, a broken block before ours"},
		{Name: "pem-bad-middle", Claims: c16, Load: via("pem-bad-middle", ""), Second: string(pki.Foreign), Expect: either(sourceSingle, harness.AnchorInvalid), Why: "a PEM bundle, a broken block between another and ours"},
		{Name: "pem-bad-last", Claims: c16, Load: via("pem-bad-last", ""), Second: string(pki.Foreign), Expect: either(sourceSingle, harness.AnchorInvalid), Why: "a PEM bundle, a broken block behind ours"},
		{Name: "pem-mozilla", Claims: c16, Load: via("pem-mozilla", ""), Expect: either(sourceSingle, harness.AnchorInvalid), Why: "all of Mozilla's roots, and ours behind them"},
	}
}

// secondRows load two anchors, in one context or in two.
func secondRows() []harness.Scenario {
	foreign, root := string(pki.Foreign), string(pki.Root)
	c16, c17 := []string{"C16"}, []string{"C17"}
	twice := []harness.Control{{Name: goodRecipe + "/foreign/CERT_REQUIRED", Shows: "the other anchor alone does not reach the server"}}
	rows := []harness.Scenario{
		{Name: "twice/first", Variant: "twice", Claims: c16, Anchor: root, Second: foreign, Controls: twice,
			Expect: either(sourceSingle, harness.NotTrusted), Why: "a second load; the server is under the first anchor"},
		{Name: "twice/second", Variant: "twice", Claims: c16, Anchor: foreign, Second: root, Controls: twice,
			Expect:     either(sourceSingle, harness.NotTrusted),
			Documented: promise("C16", harness.Rejected, "One anchor a context: a second load adds none."), Why: "a second load; the server is under the second anchor"},
		{Name: "raises", Variant: "raises", Claims: c16, Anchor: foreign, Second: root, Load: harness.Load{Form: "then-pem-bad-last"}, Controls: twice,
			Expect:     either(sourceSingle, harness.NotTrusted),
			Documented: promise("C16", harness.Rejected, "A load that raises leaves trust as it was."), Why: "one anchor loaded, then a bundle of another and a broken block, which raises: is the other trusted?"},
		{Name: "ten", Variant: "ten", Claims: c17, Expect: accept(sourceAlive), Why: "ten contexts one after another, and no memory lost"},
	}
	for _, variant := range []string{"beside-earlier", "beside-later"} {
		own := harness.Control{Name: "load/" + variant + "/other", Shows: "the other context, alive at the same time, does not reach this server"}
		rows = append(rows,
			harness.Scenario{Name: variant + "/own", Variant: variant, Claims: c17, Anchor: root, Second: foreign, Controls: []harness.Control{own},
				Expect: accept(sourceAlive), Why: "two contexts alive at once: ours reaches its server"},
			harness.Scenario{Name: variant + "/other", Variant: variant, Claims: c17, Anchor: foreign, Second: root,
				Expect: reject(sourceAlive+"; RFC 5280 6.1.3(a)(1)", harness.NotTrusted), Why: "two contexts alive at once: the anchor of the other is not ours",
				Controls: []harness.Control{{Name: "load/" + variant + "/own", Shows: "the right context reaches the server"}}})
	}
	for i := range rows {
		rows[i].Client = "anchors"
	}
	return rows
}
