package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"trustrig/harness"
)

// Faults of the profile (RFC 5280 sections 4.1.2.4 to 4.2.2): fields and
// extensions that a CA must write otherwise, or that a device must bear.

// refusesUnknown is the clause by which a device that does not know an
// extension refuses it where it is critical, though one that knows it need not.
const refusesUnknown = "RFC 5280 4.2"

// criticalFault marks an extension of the leaf critical that must not be.
func criticalFault(name, extension string, oid asn1.ObjectIdentifier) fault {
	return fault{name: name, is: "the leaf's " + extension + " is critical, which devices need not know", source: refusesUnknown,
		must: harness.Either, also: unreadable, fatal: true, neighbour: "plain", differs: []string{"leaf/" + extension},
		change: onLeaf(encoded(markExtension(oid, true)))}
}

var profileFaults = []fault{
	criticalFault("critical-key-id", "authorityKeyIdentifier", oidAuthorityKeyID),
	criticalFault("critical-authority-info", "authorityInfoAccess", oidAuthorityInfo),
	criticalFault("critical-crl-points", "crlDistributionPoints", oidCRLPoints),
	{name: "critical-policies", is: "the leaf's certificatePolicies is critical", source: "RFC 5280 4.2.1.4",
		must: harness.Either, also: unreadable, fatal: true, neighbour: "plain", differs: []string{"leaf/certificatePolicies"},
		change: onLeaf(encoded(markExtension(oidPolicies, true)))},
	{name: "no-policies", is: "the leaf has no certificatePolicies, which nobody asks for", source: "RFC 5280 6.1.2(d), (e)",
		must: harness.Accepted, differs: []string{"leaf/certificatePolicies"}, change: onLeaf(encoded(removeExtension(oidPolicies)))},
	{name: "policy-required-kept", is: "the intermediate's policyConstraints, critical, demands a policy of all below it, and the leaf has one", source: refusesUnknown,
		must: harness.Either, also: append([]harness.Reason{harness.NotTrusted, harness.OtherReason}, unreadable...), fatal: true, neighbour: "plain",
		differs: []string{"intermediate/" + oidPolicyConstraint.String()}, change: onIntermediate(encoded(addExtension(requirePolicy())))},
	{name: "policy-required-violated", is: "the intermediate's policyConstraints, critical, demands a policy of all below it, and the leaf has none", source: "RFC 5280 4.2.1.11, 6.1.5(g)",
		also: append([]harness.Reason{harness.NotTrusted, harness.OtherReason}, unreadable...), fatal: true, neighbour: "no-policies",
		differs: []string{"intermediate/" + oidPolicyConstraint.String(), "leaf/certificatePolicies"},
		change: func(w *world, p *plan) {
			onIntermediate(encoded(addExtension(requirePolicy())))(w, p)
			onLeaf(encoded(removeExtension(oidPolicies)))(w, p)
		}},
	{name: "inhibit-any-policy", is: "the intermediate's inhibitAnyPolicy, critical, forbids what no certificate below it says", source: refusesUnknown,
		must: harness.Either, also: unreadable, fatal: true, neighbour: "plain",
		differs: []string{"intermediate/" + oidInhibitAnyPolicy.String()},
		change:  onIntermediate(encoded(addExtension(extension(oidInhibitAnyPolicy, true, integer(0)))))},
	{name: "no-subject-key-id", is: "the intermediate has no subjectKeyIdentifier, which path validation does not use", source: "RFC 5280 4.2.1.2, 6.1",
		must: harness.Accepted, differs: []string{"intermediate/subjectKeyIdentifier"},
		change: onIntermediate(encoded(removeExtension(oidSubjectKeyID)))},
	{name: "san-not-critical", twin: "plain-nameless", is: "the leaf has no subject, and its subjectAltName is not critical, which validation does not ask", source: "RFC 5280 6.1.5",
		must: harness.Accepted, differs: []string{"leaf/subjectAltName"},
		change: onLeaf(encoded(markExtension(oidSubjectAltName, false)))},
	{name: "unique-ids", is: "the leaf has an issuerUniqueID and a subjectUniqueID", source: "RFC 5280 4.1.2.8",
		must: harness.Either, also: unreadable, fatal: true, neighbour: "plain", differs: []string{"leaf/unique"},
		change: onLeaf(encoded(func(t *tbs) error {
			t.unique = append(wrap(tagIssuerID, []byte{0, 1}), wrap(tagSubjectID, []byte{0, 2})...)
			return nil
		}))},
	{name: "name-attributes", is: "the intermediate's name, and the leaf's issuer's, has all the attributes that devices must be prepared to receive", source: "RFC 5280 4.1.2.4",
		must: harness.Accepted, differs: []string{"intermediate/subject", "leaf/issuer"}, change: manyAttributes},
}

// requirePolicy encodes policyConstraints whose requireExplicitPolicy is 0.
func requirePolicy() []byte {
	return extension(oidPolicyConstraint, true, wrap(cbasn1.SEQUENCE, wrap(cbasn1.Tag(0).ContextSpecific(), []byte{0})))
}

// manyAttributes: country, organization, organizational unit, distinguished
// name qualifier, state or province, common name, serial number, domain
// component.
func manyAttributes(_ *world, p *plan) {
	e := *p.sent[1].subject
	e.name.OrganizationalUnit, e.name.Province, e.name.SerialNumber = []string{"Unit"}, []string{"Province"}, "17"
	e.name.ExtraNames = []pkix.AttributeTypeAndValue{
		{Type: asn1.ObjectIdentifier{2, 5, 4, 46}, Value: "Qualifier"},
		{Type: asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 25},
			Value: asn1.RawValue{Tag: asn1.TagIA5String, Bytes: []byte("example")}},
	}
	p.change(p.sent[1], func(c *cert) { c.subject = &e })
	p.change(p.sent[0], func(c *cert) { c.issuer = &e })
}
