package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"time"

	"trustrig/harness"
)

// A twoTier is a CA with one root and one intermediate under it.
type twoTier struct {
	recipe                 string // of the good chain
	keyType                string
	root, issuer           pkix.Name
	rootKey, issuerKey     algorithm
	rootAge, rootYears     int // years
	issuerAge, issuerYears int
	leafDays               int
	label                  string // of its URLs: label.i.example.org
	scts                   bool
}

// plain is the CA of most faults: small keys and no ornaments, so that a
// handshake is cheap on a board and every certificate has one role. It lies
// in no one's likeness.
var plain = []twoTier{
	{recipe: "plain-ecdsa", keyType: "ecdsa", rootKey: p256, issuerKey: p256, label: "plain-e",
		root:    pkix.Name{Country: []string{"US"}, Organization: []string{"Plain Example"}, CommonName: "Plain Root E"},
		issuer:  pkix.Name{Country: []string{"US"}, Organization: []string{"Plain Example"}, CommonName: "Plain Intermediate E"},
		rootAge: 5, rootYears: 20, issuerAge: 1, issuerYears: 3, leafDays: 90},
	{recipe: "plain-rsa", keyType: "rsa", rootKey: rsa2048, issuerKey: rsa2048, label: "plain-r",
		root:    pkix.Name{Country: []string{"US"}, Organization: []string{"Plain Example"}, CommonName: "Plain Root R"},
		issuer:  pkix.Name{Country: []string{"US"}, Organization: []string{"Plain Example"}, CommonName: "Plain Intermediate R"},
		rootAge: 5, rootYears: 20, issuerAge: 1, issuerYears: 3, leafDays: 90},
}

// otherCAs stand for those that the manual names beside Let's Encrypt: two
// tiers, the key types and lengths that they are known for, lifetimes of that
// order. Unlike the Let's Encrypt-like CA they follow no published profile.
var otherCAs = []twoTier{
	{recipe: "digicert-ecdsa", keyType: "ecdsa", rootKey: p384, issuerKey: p384, label: "digi-g3", scts: true,
		root:    pkix.Name{Country: []string{"US"}, Organization: []string{"DigiExample Inc"}, OrganizationalUnit: []string{"www.example.com"}, CommonName: "DigiExample Global Root G3"},
		issuer:  pkix.Name{Country: []string{"US"}, Organization: []string{"DigiExample Inc"}, CommonName: "DigiExample Global G3 TLS ECC SHA384 2020 CA1"},
		rootAge: 13, rootYears: 25, issuerAge: 5, issuerYears: 10, leafDays: 199},
	{recipe: "digicert-rsa", keyType: "rsa", rootKey: rsa2048, issuerKey: rsa2048, label: "digi-g2", scts: true,
		root:    pkix.Name{Country: []string{"US"}, Organization: []string{"DigiExample Inc"}, OrganizationalUnit: []string{"www.example.com"}, CommonName: "DigiExample Global Root G2"},
		issuer:  pkix.Name{Country: []string{"US"}, Organization: []string{"DigiExample Inc"}, CommonName: "DigiExample Global G2 TLS RSA SHA256 2020 CA1"},
		rootAge: 13, rootYears: 25, issuerAge: 5, issuerYears: 10, leafDays: 199},
	{recipe: "google-ecdsa", keyType: "ecdsa", rootKey: p384, issuerKey: p256, label: "gts-we1", scts: true,
		root:    pkix.Name{Country: []string{"US"}, Organization: []string{"Goo Trust Example LLC"}, CommonName: "GTX Root R4"},
		issuer:  pkix.Name{Country: []string{"US"}, Organization: []string{"Goo Trust Example"}, CommonName: "WE1"},
		rootAge: 10, rootYears: 20, issuerAge: 2, issuerYears: 5, leafDays: 90},
	{recipe: "google-rsa", keyType: "rsa", rootKey: rsa4096, issuerKey: rsa2048, label: "gts-wr2", scts: true,
		root:    pkix.Name{Country: []string{"US"}, Organization: []string{"Goo Trust Example LLC"}, CommonName: "GTX Root R1"},
		issuer:  pkix.Name{Country: []string{"US"}, Organization: []string{"Goo Trust Example"}, CommonName: "WR2"},
		rootAge: 10, rootYears: 20, issuerAge: 2, issuerYears: 5, leafDays: 90},
	{recipe: "amazon-ecdsa", keyType: "ecdsa", rootKey: p256, issuerKey: p256, label: "amx-e2m2", scts: true,
		root:    pkix.Name{Country: []string{"US"}, Organization: []string{"Amaxon"}, CommonName: "Amaxon Root CA 3"},
		issuer:  pkix.Name{Country: []string{"US"}, Organization: []string{"Amaxon"}, CommonName: "Amaxon ECDSA 256 M02"},
		rootAge: 11, rootYears: 25, issuerAge: 4, issuerYears: 8, leafDays: 198},
	{recipe: "amazon-rsa", keyType: "rsa", rootKey: rsa2048, issuerKey: rsa2048, label: "amx-r2m2", scts: true,
		root:    pkix.Name{Country: []string{"US"}, Organization: []string{"Amaxon"}, CommonName: "Amaxon Root CA 1"},
		issuer:  pkix.Name{Country: []string{"US"}, Organization: []string{"Amaxon"}, CommonName: "Amaxon RSA 2048 M02"},
		rootAge: 11, rootYears: 25, issuerAge: 4, issuerYears: 8, leafDays: 198},
	{recipe: "sectigo-ecdsa", keyType: "ecdsa", rootKey: p384, issuerKey: p256, label: "sect-e36", scts: true,
		root:    pkix.Name{Country: []string{"GB"}, Organization: []string{"Sectexa Limited"}, CommonName: "Sectexa Public Server Authentication Root E46"},
		issuer:  pkix.Name{Country: []string{"GB"}, Organization: []string{"Sectexa Limited"}, CommonName: "Sectexa Public Server Authentication CA DV E36"},
		rootAge: 5, rootYears: 25, issuerAge: 5, issuerYears: 15, leafDays: 199},
	{recipe: "sectigo-rsa", keyType: "rsa", rootKey: rsa4096, issuerKey: rsa3072, label: "sect-r36", scts: true,
		root:    pkix.Name{Country: []string{"GB"}, Organization: []string{"Sectexa Limited"}, CommonName: "Sectexa Public Server Authentication Root R46"},
		issuer:  pkix.Name{Country: []string{"GB"}, Organization: []string{"Sectexa Limited"}, CommonName: "Sectexa Public Server Authentication CA DV R36"},
		rootAge: 5, rootYears: 25, issuerAge: 5, issuerYears: 15, leafDays: 199},
}

// lay lays out the CA. Its certificates are "root/root", "issuer/root" and
// "leaf".
func (ca twoTier) lay(t0 time.Time, prefix string) *hierarchy {
	role := prefix + ca.recipe
	root := &entity{name: ca.root, key: keySpec{role + "-root", ca.rootKey}, keyID: sha1KeyID, label: ca.label + "-root"}
	issuer := &entity{name: ca.issuer, key: keySpec{role + "-issuer", ca.issuerKey}, keyID: sha1KeyID, label: ca.label}
	day0 := time.Date(t0.Year(), t0.Month(), t0.Day(), 0, 0, 0, 0, time.UTC)

	top := &cert{role: ca.recipe + "-root", subject: root, issuer: root, made: new(memo)}
	asRoot(&top.template)
	top.template.NotBefore, top.template.NotAfter = wholeYears(day0.AddDate(-ca.rootAge, 0, 0), ca.rootYears)

	sub := &cert{role: ca.recipe + "-issuer", subject: issuer, issuer: root, made: new(memo)}
	asIntermediate(x509.ExtKeyUsageServerAuth)(&sub.template)
	belowRoot(&sub.template, root.label)
	sub.template.NotBefore, sub.template.NotAfter = wholeYears(day0.AddDate(-ca.issuerAge, 0, 0), ca.issuerYears)

	h := &hierarchy{
		name:     role,
		prefix:   prefix,
		entities: map[string]*entity{"root": root, ca.label: issuer},
		certs:    map[string]*cert{"root/root": top, "issuer/root": sub},
	}
	leaf := h.leaf(t0, profile{ca.recipe, time.Duration(ca.leafDays) * day, true, classic.rsaUsage, 30 * day}, ca.keyType, ca.label, host)
	leaf.scts = ca.scts
	h.certs["leaf"] = leaf
	return h
}

// belowRoot adds what every CA certificate below a root has: where its
// issuer's certificate and revocation list are, and the policy.
func belowRoot(c *x509.Certificate, issuer string) {
	c.IssuingCertificateURL = []string{"http://" + issuer + ".i.example.org/"}
	c.CRLDistributionPoints = []string{"http://" + issuer + ".c.example.org/"}
	c.Policies = []x509.OID{domainValidated}
}

func twoTierRecipes() []Recipe {
	var rows []Recipe
	for _, ca := range plain {
		rows = append(rows, Recipe{
			Name: ca.recipe, Must: harness.Accepted, Source: "RFC 5280 6.1",
			Is: "leaf ← intermediate ← root, two certificates sent",
			Cases: append([]Case{
				accepted(Root, "the path ends at this anchor", "RFC 5280 6.1"),
				accepted(Intermediate, "an anchor is any key that the device is told to trust", "RFC 5280 6.1.1(d)"),
				untrusted(LookAlike, "an attacker's root of the same name has another key"),
				hostCase("API.EXAMPLE.COM", harness.Accepted, "letters of either case are the same", "RFC 9525 6.3, RFC 4343"),
			}, edgeCases("")...),
			good: func(w *world) *plan {
				p := ca.plan(w)
				p.anchors[LookAlike] = w.twoTier(ca, "look-alike-").certs["root/root"]
				return p
			},
		})
	}
	rows = append(rows, namelessRecipe())
	for _, ca := range otherCAs {
		rows = append(rows, Recipe{
			Name: ca.recipe, Must: harness.Accepted, Source: "RFC 5280 6.1",
			Is: "another CA's: leaf ← " + ca.issuer.CommonName + " ← " + ca.root.CommonName + ", two certificates sent",
			Cases: []Case{
				accepted(Root, "the path ends at this anchor", "RFC 5280 6.1"),
				accepted(Intermediate, "an anchor is any key that the device is told to trust", "RFC 5280 6.1.1(d)"),
				untrusted(Foreign, "the Let's Encrypt-like root anchors nothing here"),
				noAnchor(),
			},
			good: func(w *world) *plan {
				p := ca.plan(w)
				p.anchors[Foreign] = w.le.certs["x1/x1"]
				return p
			},
		})
	}
	return rows
}

func (ca twoTier) plan(w *world) *plan {
	h := w.twoTier(ca, "")
	return good(map[Anchor]*cert{Root: h.certs["root/root"], Intermediate: h.certs["issuer/root"]},
		h.certs["leaf"], h.certs["issuer/root"])
}

// namelessRecipe is the twin of most faults of names: no common name is left
// that a device might fall back to.
func namelessRecipe() Recipe {
	return Recipe{
		Name: "plain-nameless-ecdsa", Must: harness.Accepted, Source: "RFC 5280 6.1, 4.1.2.6",
		Is:    "leaf ← intermediate ← root, two certificates sent; the leaf has no subject, and a critical subjectAltName",
		Cases: []Case{accepted(Root, "the path ends at this anchor", "RFC 5280 6.1")},
		good: func(w *world) *plan {
			p := plain[0].plan(w)
			p.change(p.sent[0], func(c *cert) {
				e := *c.subject
				e.name = pkix.Name{}
				c.subject = &e
			})
			return p
		},
	}
}
