package pki

import (
	"cmp"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"time"
)

// An Authority is a CA's name with a key.
type Authority struct {
	Label              string // tells it from others
	Organization, Name string
	// Key names its key in the key folder; "" stands for Label.
	Key string
	// RSA is the length of its RSA key in bits, 2048 or 4096; 0 is for a
	// key on P-384.
	RSA int
	// SHA1 is whether its key identifier is the one of RFC 5280 section
	// 4.2.1.2(1), as all were before RFC 7093's.
	SHA1 bool
}

// An AuthorityCertificate is what one authority says of another, or of itself.
type AuthorityCertificate struct {
	Subject, Issuer string // labels; the same in a root
	// NotBefore and NotAfter are the first and the last second, in UTC.
	NotBefore, NotAfter time.Time
	// Issues is whether the subject issues leaves, and therefore no other
	// authority may be below it.
	Issues bool
}

// ID is how a chain names the certificate: "subject/issuer".
func (c AuthorityCertificate) ID() string { return c.Subject + "/" + c.Issuer }

// A CA is a certification authority like Let's Encrypt whose certificates
// have the dates that it was given, whatever T0 is. Their form is that of
// generation Y. It is not for concurrent use.
type CA struct {
	maker *Maker
	h     *hierarchy
}

// NewCA returns a CA with these authorities and certificates.
func (m *Maker) NewCA(authorities []Authority, certificates []AuthorityCertificate) (*CA, error) {
	h := &hierarchy{name: "dated", entities: make(map[string]*entity), certs: make(map[string]*cert)}
	for _, a := range authorities {
		e, err := a.entity()
		if err != nil {
			return nil, err
		}
		h.entities[a.Label] = e
	}
	for _, c := range certificates {
		subject, issuer := h.entities[c.Subject], h.entities[c.Issuer]
		if subject == nil || issuer == nil {
			return nil, fmt.Errorf("certificate %s is of or by an authority that is not in the table", c.ID())
		}
		made := &cert{role: "dated " + c.ID(), subject: subject, issuer: issuer, made: new(memo)}
		made.template.NotBefore, made.template.NotAfter = c.NotBefore, c.NotAfter
		switch {
		case c.Subject == c.Issuer:
			asRoot(&made.template)
		case c.Issues:
			asIntermediate(x509.ExtKeyUsageServerAuth)(&made.template)
		default:
			asCrossSign(x509.ExtKeyUsageServerAuth)(&made.template)
		}
		if c.Subject != c.Issuer {
			belowRoot(&made.template, c.Issuer)
		}
		h.certs[c.ID()] = made
	}
	return &CA{maker: m, h: h}, nil
}

func (a Authority) entity() (*entity, error) {
	e := &entity{
		name:  pkix.Name{Country: []string{"US"}, Organization: []string{a.Organization}, CommonName: a.Name},
		keyID: sha256KeyID,
		label: a.Label,
	}
	if a.SHA1 {
		e.keyID = sha1KeyID
	}
	algo, ok := map[int]algorithm{0: p384, 2048: rsa2048, 4096: rsa4096}[a.RSA]
	if !ok {
		return nil, fmt.Errorf("authority %s: no CA has RSA keys of %d bits", a.Label, a.RSA)
	}
	e.key = keySpec{"letsencrypt-" + cmp.Or(a.Key, a.Label), algo}
	return e, nil
}

// Certificate returns a certificate of the CA's own in DER.
func (ca *CA) Certificate(id string) ([]byte, error) {
	c := ca.h.certs[id]
	if c == nil {
		return nil, fmt.Errorf("the CA has no certificate %s", id)
	}
	return c.der(ca.maker)
}

// An Order is what a server asks of a CA: a leaf of profile classic.
type Order struct {
	KeyType string // "ecdsa" or "rsa"
	Issuer  string // label
	// Issued is the moment of issuance. The leaf's validity begins 58 min
	// 30 s before it and lasts for Length, the last second included.
	Issued time.Time
	Length time.Duration
	// Renewal counts the server's leaves. Each has another key than the one
	// before; keys of RSA are costly, and the next but one has it again.
	Renewal int
}

// Issue returns the ordered leaf's chain, in which the leaf is followed by
// the CA's certificates of these IDs. It has no anchors; its T0 is the moment
// of issuance.
func (ca *CA) Issue(o Order, above ...string) (*Chain, error) {
	if ca.h.entities[o.Issuer] == nil {
		return nil, fmt.Errorf("the CA has no authority %s", o.Issuer)
	}
	p := classic
	p.length, p.issuedAgo = o.Length, 0
	role := [...]string{"leaf", "renewed-leaf"}[o.Renewal%2]
	leaf := ca.h.leafOf(o.Issued, p, role, o.KeyType, o.Issuer, host)
	leaf.role = fmt.Sprintf("leaf-%s number %d of %s", o.KeyType, o.Renewal, o.Issued.UTC().Format(time.RFC3339))
	leaf.template.CRLDistributionPoints = leaf.crlShard(ca.maker.t0)
	der, err := leaf.der(ca.maker)
	if err != nil {
		return nil, err
	}
	chain := &Chain{Recipe: "dated", Sent: [][]byte{der}, Host: host, Anchors: map[Anchor][]byte{}, T0: o.Issued}
	for _, id := range above {
		der, err := ca.Certificate(id)
		if err != nil {
			return nil, err
		}
		chain.Sent = append(chain.Sent, der)
	}
	chain.Key, err = ca.maker.keys.get(leaf.subject.key)
	if err != nil {
		return nil, fmt.Errorf("the server's key: %w", err)
	}
	return chain, nil
}
