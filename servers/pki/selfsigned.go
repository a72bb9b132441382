package pki

import (
	"crypto/x509/pkix"
	"time"

	"trustrig/harness"
)

// Self-signed servers, as made by OpenSSL 3's
//
//	openssl req -x509 -days 365 -subj /CN=api.example.com \
//	  -addext subjectAltName=DNS:api.example.com -addext basicConstraints=critical,CA:FALSE
//
// and, as a recipe of its own, without the last option: then they are CAs.

func selfSigned(t0 time.Time, role, keyType string, isCA bool) *cert {
	e := &entity{name: pkix.Name{CommonName: host}, key: leafKey(role, keyType), keyID: sha1KeyID}
	c := &cert{role: "self-signed", subject: e, issuer: e, shape: opensslSerial, namesOwn: true, made: new(memo)}
	t := &c.template
	t.NotBefore = t0.Add(-30 * day)
	t.NotAfter = t.NotBefore.Add(365 * day)
	t.DNSNames = []string{host}
	t.BasicConstraintsValid, t.IsCA, t.MaxPathLen = true, isCA, -1
	c.edit(func(t *tbs) error { // OpenSSL's order
		return t.arrange(oidSubjectKeyID, oidAuthorityKeyID, oidBasicConstraints, oidSubjectAltName)
	})
	return c
}

func selfSignedRecipes() []Recipe {
	var rows []Recipe
	for _, kind := range []struct {
		recipe, is string
		isCA       bool
	}{
		{"self-signed-", "the server's certificate signed itself; CA:FALSE, one certificate sent", false},
		{"self-signed-ca-", "the server's certificate signed itself; CA:TRUE, as OpenSSL makes by default", true},
	} {
		for _, keyType := range keyTypes {
			rows = append(rows, Recipe{
				Name:   kind.recipe + keyType,
				Is:     kind.is,
				Source: "RFC 5280 6.1.1(d)",
				Must:   harness.Accepted,
				Cases: []Case{
					accepted(SelfSigned, "the server's own certificate is the anchor", "RFC 5280 6.1.1(d)"),
					untrusted(LookAlike, "a certificate of the same name has another key"),
					untrusted(Foreign, "a CA's root anchors nothing here"),
					noAnchor(),
				},
				good: func(w *world) *plan {
					own := w.selfSigned("self-signed", keyType, kind.isCA)
					return good(map[Anchor]*cert{
						SelfSigned: own,
						LookAlike:  w.selfSigned("look-alike-self-signed", keyType, kind.isCA),
						Foreign:    w.le.certs["x1/x1"],
					}, own)
				},
			})
		}
	}
	return append(rows, signedBySelfSigned()...)
}

// selfSigned returns the certificate, the same one to all who ask for it.
func (w *world) selfSigned(role, keyType string, isCA bool) *cert {
	name := leafName{role, "self-signed", keyType, map[bool]string{true: "ca"}[isCA]}
	if w.leaves[name] == nil {
		w.leaves[name] = selfSigned(w.t0, role, keyType, isCA)
	}
	return w.leaves[name]
}

// signedBySelfSigned: whose key signed itself may sign others, and a device
// that has the certificate as its anchor must not fall for them. Where the
// certificate says CA:TRUE the "pin" is a CA, and what happens is recorded.
func signedBySelfSigned() []Recipe {
	var rows []Recipe
	for _, isCA := range []bool{false, true} {
		for _, keyType := range keyTypes {
			r := Recipe{
				Name: "signed-by-self-signed-" + keyType, Twin: "self-signed-" + keyType, Family: "attacker",
				Is:     "another server's certificate, signed with the key of the anchor, which is no CA",
				Source: "RFC 5280 6.1.4(k)", Must: harness.Rejected, Reasons: []harness.Reason{harness.NotTrusted},
				Differs: []string{"sent+1", "key", "host"},
				fault: func(w *world, p *plan) {
					own := p.sent[0]
					leaf := w.signedBy(own, keyType)
					p.sent, p.key, p.host = []*cert{leaf, own}, leaf.subject.key, leaf.template.DNSNames[0]
				},
			}
			if isCA {
				r.Name, r.Twin = "signed-by-self-signed-ca-"+keyType, "self-signed-ca-"+keyType
				r.Is = "another server's certificate, signed with the key of the anchor, which says that it is a CA"
				r.Source, r.Must, r.Reasons = "RFC 5280 6.1.1(d)", harness.Either, nil
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// signedBy returns a leaf for another host under a self-signed certificate.
func (w *world) signedBy(issuer *cert, keyType string) *cert {
	name := pkix.Name{CommonName: "other.example.com"}
	c := &cert{
		role:    "signed-by-self-signed",
		subject: &entity{name: name, key: leafKey("signed-by-self-signed", keyType), keyID: sha1KeyID},
		issuer:  issuer.subject,
		shape:   opensslSerial,
		made:    new(memo),
	}
	c.template = issuer.template
	c.template.IsCA = false
	c.template.DNSNames = []string{name.CommonName}
	return c
}
