package pki

import (
	"crypto/x509/pkix"
	"time"
)

// Self-signed servers, as made by OpenSSL 3's
//
//	openssl req -x509 -days 365 -subj /CN=api.example.com \
//	  -addext subjectAltName=DNS:api.example.com -addext basicConstraints=critical,CA:FALSE
//
// and, as a recipe of its own, without the last option: then they are CAs.

func selfSigned(t0 time.Time, role, keyType string, isCA bool) *cert {
	e := &entity{name: pkix.Name{CommonName: host}, key: selfSignedKey(role, keyType), keyID: sha1KeyID}
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

func selfSignedKey(role, keyType string) keySpec {
	if keyType == "rsa" {
		return keySpec{role, rsa2048}
	}
	return keySpec{role, p256}
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
				Must:   Accepted,
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
	return rows
}

// selfSigned returns the certificate, the same one to all who ask for it.
func (w *world) selfSigned(role, keyType string, isCA bool) *cert {
	name := leafName{role, "self-signed", keyType, map[bool]string{true: "ca"}[isCA]}
	if w.leaves[name] == nil {
		w.leaves[name] = selfSigned(w.t0, role, keyType, isCA)
	}
	return w.leaves[name]
}
