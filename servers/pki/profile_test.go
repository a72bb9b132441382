package pki

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A documented certificate is one of the real CA's, as its website and
// boulder's source have it in 2026, in words: letsencrypt/website
// static/certs (May 2026) for CA certificates, boulder issuance/cert.go and
// test/config-next/ca.json (July 2026) for leaves. Names and hosts are those
// of this package.
type documented struct {
	name   string
	recipe string
	sent   int    // which certificate, or
	anchor Anchor // which anchor
	fields []string
}

// Parts that several certificates have in common.
const (
	version    = "version 3"
	printable  = "DN order C, O, CN, one RDN each, PrintableString"
	rsaSigned  = "signature sha256WithRSAEncryption, parameters NULL"
	ecSigned   = "signature ecdsa-with-SHA384, no parameters"
	serial16   = "serial 16 octets"
	leafNumber = "serial 18 octets, first 05 or 06"
	utc        = "UTCTime"
	rootUsage  = "keyUsage! certSign, crlSign"
	subUsage   = "keyUsage! digitalSignature, certSign, crlSign"
	anyDepth   = "basicConstraints! CA"
	depthZero  = "basicConstraints! CA, pathlen 0"
	noCA       = "basicConstraints! empty"
	sha1ID     = "subjectKeyIdentifier SHA-1 of key"
	sha256ID   = "subjectKeyIdentifier SHA-256/160 of key"
	issuerID   = "authorityKeyIdentifier key id only, the issuer's"
	policies   = "certificatePolicies 2.23.140.1.2.1, no qualifier"
	serverOnly = "extKeyUsage serverAuth"
	bothUses   = "extKeyUsage clientAuth, serverAuth"
	sctList    = "signedCertificateTimestamps 2: RFC 6962; static-CT, 8 octets of extensions; value of 249 to 255 octets"
	esrg       = "C=US, O=Example Security Research Group, CN=ESRG Root "
	group      = "C=US, O=ESRG, CN=Root "
	le         = "C=US, O=Let's Example, CN="
)

func access(issuer string) string {
	return "authorityInfoAccess caIssuers http://" + issuer + ".i.example.org/"
}

func revocation(issuer string) string {
	return "crlDistributionPoints http://" + issuer + ".c.example.org/"
}

func shards(issuer string) string { return revocation(issuer) + "N.crl, N = serial mod 128 + 1" }

var documentedCerts = []documented{
	{name: "X1", recipe: "letsencrypt-rsa", sent: -1, anchor: Root, fields: []string{version, serial16, rsaSigned, printable,
		"issuer " + esrg + "X1", "subject " + esrg + "X1", utc, "length 20 years", "key RSA 4096, parameters NULL",
		rootUsage, anyDepth, sha1ID}},
	{name: "X2", recipe: "letsencrypt-ecdsa", sent: -1, anchor: RootX2, fields: []string{version, serial16, ecSigned, printable,
		"issuer " + esrg + "X2", "subject " + esrg + "X2", utc, "length 20 years 13 days 16 hours", "key P-384",
		rootUsage, anyDepth, sha1ID}},
	{name: "YR by X1", recipe: "letsencrypt-rsa", sent: 2, fields: []string{version, serial16, rsaSigned, printable,
		"issuer " + esrg + "X1", "subject " + group + "YR", utc, "whole days", "key RSA 4096, parameters NULL",
		rootUsage, serverOnly, anyDepth, sha256ID, issuerID, access("x1"), policies, revocation("x1")}},
	{name: "YE by X2", recipe: "letsencrypt-ecdsa", sent: 2, fields: []string{version, serial16, ecSigned, printable,
		"issuer " + esrg + "X2", "subject " + group + "YE", utc, "whole days", "key P-384",
		rootUsage, serverOnly, anyDepth, sha256ID, issuerID, access("x2"), policies, revocation("x2")}},
	{name: "X2 by X1", recipe: "letsencrypt-ecdsa", sent: 3, fields: []string{version, serial16, rsaSigned, printable,
		"issuer " + esrg + "X1", "subject " + esrg + "X2", utc, "whole days", "key P-384",
		rootUsage, "extKeyUsage serverAuth, clientAuth", anyDepth, sha1ID, issuerID, access("x1"), policies, revocation("x1")}},
	{name: "YR1", recipe: "letsencrypt-rsa", sent: 1, fields: []string{version, serial16, rsaSigned, printable,
		"issuer " + group + "YR", "subject " + le + "YR1", utc, "length 3 years, whole days", "key RSA 2048, parameters NULL",
		subUsage, serverOnly, depthZero, sha256ID, issuerID, access("yr"), policies, revocation("yr")}},
	{name: "YE1", recipe: "letsencrypt-ecdsa", sent: 1, fields: []string{version, serial16, ecSigned, printable,
		"issuer " + group + "YE", "subject " + le + "YE1", utc, "length 3 years, whole days", "key P-384",
		subUsage, serverOnly, depthZero, sha256ID, issuerID, access("ye"), policies, revocation("ye")}},
	{name: "R12", recipe: "letsencrypt-2025-rsa", sent: 1, fields: []string{version, serial16, rsaSigned, printable,
		"issuer " + esrg + "X1", "subject " + le + "R12", utc, "length 3 years, whole days", "key RSA 2048, parameters NULL",
		subUsage, bothUses, depthZero, sha256ID, issuerID, access("x1"), policies, revocation("x1")}},
	{name: "E8 by X1", recipe: "letsencrypt-2025-ecdsa", sent: 1, fields: []string{version, serial16, rsaSigned, printable,
		"issuer " + esrg + "X1", "subject " + le + "E8", utc, "length 3 years, whole days", "key P-384",
		subUsage, bothUses, depthZero, sha256ID, issuerID, access("x1"), policies, revocation("x1")}},
	{name: "E8 by X2", recipe: "letsencrypt-2025-to-x2-ecdsa", sent: 1, fields: []string{version, serial16, ecSigned, printable,
		"issuer " + esrg + "X2", "subject " + le + "E8", utc, "length 3 years, whole days", "key P-384",
		subUsage, bothUses, depthZero, sha256ID, issuerID, access("x2"), policies, revocation("x2")}},
	{name: "YR", recipe: "letsencrypt-rsa", sent: -1, anchor: RootYR, fields: []string{version, serial16, rsaSigned, printable,
		"issuer " + group + "YR", "subject " + group + "YR", utc, "length 20 years, whole days", "key RSA 4096, parameters NULL",
		rootUsage, anyDepth, sha256ID}},
	{name: "YE", recipe: "letsencrypt-ecdsa", sent: -1, anchor: RootYE, fields: []string{version, serial16, ecSigned, printable,
		"issuer " + group + "YE", "subject " + group + "YE", utc, "length 20 years, whole days", "key P-384",
		rootUsage, anyDepth, sha256ID}},
	{name: "classic leaf, RSA", recipe: "letsencrypt-rsa", fields: []string{version, leafNumber, rsaSigned, printable,
		"issuer " + le + "YR1", "subject CN=api.example.com", utc, "length 90 days", "key RSA 2048, parameters NULL",
		"keyUsage! digitalSignature, keyEncipherment", serverOnly, noCA, sha256ID, issuerID, access("yr1"),
		"subjectAltName DNS:api.example.com", policies, shards("yr1"), sctList}},
	{name: "classic leaf, ECDSA", recipe: "letsencrypt-ecdsa", fields: []string{version, leafNumber, ecSigned, printable,
		"issuer " + le + "YE1", "subject CN=api.example.com", utc, "length 90 days", "key P-256",
		"keyUsage! digitalSignature", serverOnly, noCA, sha256ID, issuerID, access("ye1"),
		"subjectAltName DNS:api.example.com", policies, shards("ye1"), sctList}},
	{name: "tlsserver leaf, RSA", recipe: "letsencrypt-tlsserver-rsa", fields: nameless(rsaSigned, "yr1", "45 days", "key RSA 2048, parameters NULL")},
	{name: "tlsserver leaf, ECDSA", recipe: "letsencrypt-tlsserver-ecdsa", fields: nameless(ecSigned, "ye1", "45 days", "key P-256")},
	{name: "shortlived leaf, RSA", recipe: "letsencrypt-shortlived-rsa", fields: nameless(rsaSigned, "yr1", "6 days 16 hours", "key RSA 2048, parameters NULL")},
	{name: "shortlived leaf, ECDSA", recipe: "letsencrypt-shortlived-ecdsa", fields: nameless(ecSigned, "ye1", "6 days 16 hours", "key P-256")},
}

// nameless are the fields of the profiles whose leaves have no subject.
func nameless(signed, issuer, length, key string) []string {
	return []string{version, leafNumber, signed, printable,
		"issuer " + le + strings.ToUpper(issuer), "subject", utc, "length " + length, key,
		"keyUsage! digitalSignature", serverOnly, noCA, issuerID, access(issuer),
		"subjectAltName! DNS:api.example.com", policies, shards(issuer), sctList}
}

// TestProfile holds every certificate of the Let's Encrypt-like CA against
// the documented one, field by field and in order.
func TestProfile(t *testing.T) {
	maker := New(testT0, testKeys(t))
	for _, d := range documentedCerts {
		t.Run(d.name, func(t *testing.T) {
			chain := mustChain(t, maker, d.recipe)
			der := chain.Anchors[d.anchor]
			if d.sent >= 0 {
				der = chain.Sent[d.sent]
			}
			issuer := der // of a root
			if d.sent >= 0 && d.sent+1 < len(chain.Sent) {
				issuer = chain.Sent[d.sent+1]
			} else if d.sent >= 0 {
				issuer = chain.Anchors[map[string]Anchor{"letsencrypt-2025-to-x2-ecdsa": RootX2}[d.recipe]]
				if issuer == nil {
					issuer = chain.Anchors[Root]
				}
			}
			got := describe(t, der, issuer)
			sideBySide(t, d.fields, got)
			if diff := cmp.Diff(d.fields, got); diff != "" {
				t.Errorf("documented (-) and made (+):\n%s", diff)
			}
		})
	}
}

func sideBySide(t *testing.T, documented, made []string) {
	t.Helper()
	for i := range max(len(documented), len(made)) {
		var d, m string
		if i < len(documented) {
			d = documented[i]
		}
		if i < len(made) {
			m = made[i]
		}
		t.Logf("%-62s | %s", d, m)
	}
}
