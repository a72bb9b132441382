package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"
)

// The Let's Encrypt-like CA, in the two generations that cameras meet. The
// form is that of the certificates that the real CA published in May 2026
// (letsencrypt/website, static/certs) and of its profiles (boulder,
// issuance/cert.go of July 2026).
//
//	generation Y, from 2026:   leaf ← YR1 ← Root YR ← X1        (RSA)
//	                           leaf ← YE1 ← Root YE ← X2 ← X1   (ECDSA)
//	generation X, the manual's: leaf ← R12 ← X1, leaf ← E8 ← X1

// authorities are the CA's names and keys.
var authorities = []struct {
	label, organization, name string
	algo                      algorithm
	keyID                     keyID
}{
	{"x1", "Example Security Research Group", "ESRG Root X1", rsa4096, sha1KeyID},
	{"x2", "Example Security Research Group", "ESRG Root X2", p384, sha1KeyID},
	{"x3", "Example Security Research Group", "ESRG Root X3", rsa4096, sha1KeyID}, // X1's imagined successor
	{"yr", "ESRG", "Root YR", rsa4096, sha256KeyID},
	{"ye", "ESRG", "Root YE", p384, sha256KeyID},
	{"yr1", "Let's Example", "YR1", rsa2048, sha256KeyID},
	{"yr2", "Let's Example", "YR2", rsa2048, sha256KeyID},
	{"ye1", "Let's Example", "YE1", p384, sha256KeyID},
	{"ye2", "Let's Example", "YE2", p384, sha256KeyID},
	{"r12", "Let's Example", "R12", rsa2048, sha256KeyID},
	{"r13", "Let's Example", "R13", rsa2048, sha256KeyID},
	{"e7", "Let's Example", "E7", p384, sha256KeyID},
	{"e8", "Let's Example", "E8", p384, sha256KeyID},
}

// A validity is a period relative to T0.
type validity func(t0 time.Time) (notBefore, notAfter time.Time)

// authorityCertificates are the certificates that the CA has given to itself:
// subject by issuer.
var authorityCertificates = []struct {
	subject, issuer string
	valid           validity
	form            func(*x509.Certificate)
}{
	{"x1", "x1", rootX1, asRoot},
	{"x2", "x2", rootX2, asRoot},
	{"x3", "x3", rootX1, asRoot},
	{"yr", "yr", rootY, asRoot},
	{"ye", "ye", rootY, asRoot},
	{"x2", "x1", crossSign, asCrossSign(x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth)},
	{"x2", "x3", crossSign, asCrossSign(x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth)},
	{"yr", "x1", crossSign, asCrossSign(x509.ExtKeyUsageServerAuth)},
	{"yr", "x3", crossSign, asCrossSign(x509.ExtKeyUsageServerAuth)},
	{"ye", "x2", crossSign, asCrossSign(x509.ExtKeyUsageServerAuth)},
	{"yr1", "yr", intermediateY, asIntermediate(x509.ExtKeyUsageServerAuth)},
	{"yr2", "yr", intermediateY, asIntermediate(x509.ExtKeyUsageServerAuth)},
	{"ye1", "ye", intermediateY, asIntermediate(x509.ExtKeyUsageServerAuth)},
	{"ye2", "ye", intermediateY, asIntermediate(x509.ExtKeyUsageServerAuth)},
	{"r12", "x1", intermediateX, asIntermediate(x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth)},
	{"r13", "x1", intermediateX, asIntermediate(x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth)},
	{"e7", "x1", intermediateX, asIntermediate(x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth)},
	{"e8", "x1", intermediateX, asIntermediate(x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth)},
	{"e8", "x2", intermediateX, asIntermediate(x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth)},
}

// generationY is the day on which generation Y began, in a world whose now is
// t0: a year ago, as 2025-09 is for late 2026.
func generationY(t0 time.Time) time.Time {
	return time.Date(t0.Year()-1, t0.Month(), t0.Day(), 0, 0, 0, 0, time.UTC)
}

func rootX1(t0 time.Time) (time.Time, time.Time) { // 20 years to the second
	from := generationY(t0).AddDate(-10, 0, 0).Add(11*time.Hour + 4*time.Minute + 38*time.Second)
	return from, from.AddDate(20, 0, 0)
}

func rootX2(t0 time.Time) (time.Time, time.Time) { // 20 years, 13 days, 16 hours
	from := generationY(t0).AddDate(-5, 0, 0)
	return from, from.AddDate(20, 0, 13).Add(16 * time.Hour)
}

func rootY(t0 time.Time) (time.Time, time.Time) { return wholeYears(generationY(t0), 20) }

func intermediateY(t0 time.Time) (time.Time, time.Time) { return wholeYears(generationY(t0), 3) }

func intermediateX(t0 time.Time) (time.Time, time.Time) {
	return wholeYears(generationY(t0).AddDate(-1, -6, 0), 3)
}

// crossSign: reissued eight months into the generation, and over seven years
// after its beginning.
func crossSign(t0 time.Time) (time.Time, time.Time) {
	_, end := wholeYears(generationY(t0), 7)
	return generationY(t0).AddDate(0, 8, 0), end
}

// wholeYears is from 00:00:00 to 23:59:59.
func wholeYears(from time.Time, years int) (time.Time, time.Time) {
	return from, from.AddDate(years, 0, 0).Add(-time.Second)
}

func asRoot(c *x509.Certificate) {
	c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	c.BasicConstraintsValid, c.IsCA = true, true
	c.MaxPathLen = -1
}

func asCrossSign(usages ...x509.ExtKeyUsage) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		asRoot(c)
		c.ExtKeyUsage = usages
	}
}

func asIntermediate(usages ...x509.ExtKeyUsage) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		asRoot(c)
		c.KeyUsage |= x509.KeyUsageDigitalSignature
		c.MaxPathLen, c.MaxPathLenZero = 0, true
		c.ExtKeyUsage = usages
	}
}

// domainValidated is the CA/Browser Forum's policy, in every certificate
// below a root.
var domainValidated = mustOID(2, 23, 140, 1, 2, 1)

func mustOID(ints ...uint64) x509.OID {
	oid, err := x509.OIDFromInts(ints)
	if err != nil {
		panic(err) // a constant of this package
	}
	return oid
}

// A hierarchy is a CA: its names and keys, and its own certificates, named
// "subject/issuer".
type hierarchy struct {
	name     string
	prefix   string // of its keys' roles
	entities map[string]*entity
	certs    map[string]*cert
}

// letsEncrypt lays out the CA. Hierarchies with different prefixes differ in
// their keys, and in what follows from keys, only.
func letsEncrypt(t0 time.Time, name, prefix string) *hierarchy {
	h := &hierarchy{name: name, prefix: prefix, entities: make(map[string]*entity), certs: make(map[string]*cert)}
	for _, a := range authorities {
		h.entities[a.label] = &entity{
			name:  pkix.Name{Country: []string{"US"}, Organization: []string{a.organization}, CommonName: a.name},
			key:   keySpec{prefix + "letsencrypt-" + a.label, a.algo},
			keyID: a.keyID,
			label: a.label,
		}
	}
	for _, a := range authorityCertificates {
		role := a.subject + "/" + a.issuer
		c := &cert{role: role, subject: h.entities[a.subject], issuer: h.entities[a.issuer], made: new(memo)}
		c.template.NotBefore, c.template.NotAfter = a.valid(t0)
		a.form(&c.template)
		if a.subject != a.issuer {
			belowRoot(&c.template, a.issuer)
		}
		h.certs[role] = c
	}
	return h
}

// A profile is one of the CA's kinds of leaf.
type profile struct {
	name      string
	length    time.Duration
	withName  bool // subject common name and subject key identifier
	rsaUsage  x509.KeyUsage
	issuedAgo time.Duration // before T0
}

var (
	classic    = profile{"classic", 90 * day, true, x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, 30 * day}
	tlsServer  = profile{"tlsserver", 45 * day, false, x509.KeyUsageDigitalSignature, 15 * day}
	shortLived = profile{"shortlived", 160 * time.Hour, false, x509.KeyUsageDigitalSignature, 60 * time.Hour}
)

const day = 24 * time.Hour

// leaf returns the certificate that the CA gives to the host's key of the
// given type ("ecdsa", "rsa"), issued by one of its intermediates.
func (h *hierarchy) leaf(t0 time.Time, p profile, keyType, issuer string, names ...string) *cert {
	return h.leafOf(t0, p, "leaf", keyType, issuer, names...)
}

// leafOf is leaf for the key and serial number of another role.
func (h *hierarchy) leafOf(t0 time.Time, p profile, role, keyType, issuer string, names ...string) *cert {
	c := &cert{
		role:    role + "-" + keyType,
		subject: &entity{key: leafKey(h.prefix+role, keyType), keyID: noKeyID},
		issuer:  h.entities[issuer],
		shape:   leafSerial,
		scts:    true,
		made:    new(memo),
	}
	t := &c.template
	t.NotBefore = t0.Add(-p.issuedAgo - backdate)
	t.NotAfter = t.NotBefore.Add(p.length - time.Second)
	t.KeyUsage = x509.KeyUsageDigitalSignature
	if keyType == "rsa" {
		t.KeyUsage = p.rsaUsage
	}
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	t.BasicConstraintsValid = true
	t.MaxPathLen = -1
	t.DNSNames = names
	t.IssuingCertificateURL = []string{"http://" + issuer + ".i.example.org/"}
	t.Policies = []x509.OID{domainValidated}
	t.CRLDistributionPoints = c.crlShard(t0)
	if p.withName {
		c.subject.name.CommonName = names[0]
		c.subject.keyID = sha256KeyID
	}
	return c
}

// crlShard is where the CA lists a leaf if it revokes it: one of 128 lists, by
// serial number.
func (c *cert) crlShard(t0 time.Time) []string {
	shard := new(big.Int).Mod(c.serial(t0), big.NewInt(128)).Int64() + 1
	return []string{fmt.Sprintf("http://%s.c.example.org/%d.crl", c.issuer.label, shard)}
}

func leafKey(role, keyType string) keySpec {
	if keyType == "rsa" {
		return keySpec{role, rsa2048}
	}
	return keySpec{role, p256}
}
