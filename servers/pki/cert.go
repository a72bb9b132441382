package pki

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// An entity is a name with a key: what a certificate certifies, and what
// signs certificates. A cross-signed root is one entity with two
// certificates.
type entity struct {
	name  pkix.Name
	key   keySpec
	keyID keyID
	idKey *keySpec // the key that keyID is computed from, if not key: a forgery
	label string   // host label of its URLs: http://LABEL.i.example.org/
}

// A keyID computes a subject key identifier from the subjectPublicKey's bits.
type keyID func(bits []byte) []byte

// keyIDs as the CAs compute them. No identifier is no extension.
func sha1KeyID(bits []byte) []byte   { h := sha1.Sum(bits); return h[:] }        // RFC 5280 section 4.2.1.2(1)
func sha256KeyID(bits []byte) []byte { h := sha256.Sum256(bits); return h[:20] } // RFC 7093 section 2(1)
func noKeyID([]byte) []byte          { return nil }

// A cert is a certificate before it is made. Certs are shared between plans:
// whoever changes one changes a clone.
type cert struct {
	role     string // what it is, and what its serial number is derived from
	subject  *entity
	issuer   *entity
	template x509.Certificate // all but names, keys, key identifiers and serial number
	shape    serialShape
	scts     bool // the certificate carries an SCT list
	namesOwn bool // a self-issued certificate with an authority key identifier
	sign     *signatureAlgorithm
	edits    []func(*tbs) error // changes below what x509 can express
	signer   *keySpec           // who signs, if not the issuer's key: a forgery
	outer    []byte             // signatureAlgorithm, if not the one in the TBSCertificate

	forge      func(signature []byte) []byte // changes the signature value
	afterwards func(der []byte) []byte       // changes the whole

	made *memo
}

type memo struct {
	once sync.Once
	der  []byte
	err  error
}

func (c *cert) clone() *cert {
	d := *c
	d.made = new(memo)
	return &d
}

// edit adds a change of the encoded TBSCertificate.
func (c *cert) edit(f func(*tbs) error) { c.edits = append(slices.Clip(c.edits), f) }

// der makes the certificate, once.
func (c *cert) der(m *Maker) ([]byte, error) {
	c.made.once.Do(func() {
		c.made.der, c.made.err = c.encode(m)
		if c.made.err != nil {
			c.made.err = fmt.Errorf("making certificate %s: %w", c.role, c.made.err)
		}
	})
	return c.made.der, c.made.err
}

func (c *cert) encode(m *Maker) ([]byte, error) {
	issuerKey, alg, err := c.signature(m)
	if err != nil {
		return nil, err
	}
	t, err := c.tbs(m)
	if err != nil {
		return nil, err
	}
	t.algorithm = alg.identifier()
	for _, edit := range c.edits {
		if err := edit(t); err != nil {
			return nil, err
		}
	}
	if c.scts {
		if err := addSCTs(m, t, c); err != nil {
			return nil, err
		}
	}
	signature, err := alg.sign(issuerKey, t.der())
	if err != nil {
		return nil, err
	}
	if c.forge != nil {
		signature = c.forge(signature)
	}
	outer := alg.identifier()
	if c.outer != nil {
		outer = c.outer
	}
	der := wrap(cbasn1.SEQUENCE, t.der(), outer, bitString(signature))
	if c.afterwards != nil {
		der = c.afterwards(der)
	}
	return der, nil
}

// signature returns who signs, and how: the issuer as usual, unless the
// certificate says otherwise.
func (c *cert) signature(m *Maker) (crypto.Signer, signatureAlgorithm, error) {
	signer := c.issuer.key
	if c.signer != nil {
		signer = *c.signer
	}
	key, err := m.keys.get(signer)
	if err != nil {
		return nil, signatureAlgorithm{}, err
	}
	if c.sign != nil {
		return key, *c.sign, nil
	}
	alg, err := usualAlgorithm(key.Public())
	return key, alg, err
}

// tbs encodes the template. x509.CreateCertificate serves as the encoder: it
// signs with a key of no meaning, and only the TBSCertificate is kept.
func (c *cert) tbs(m *Maker) (*tbs, error) {
	subject, err := m.publicKey(c.subject)
	if err != nil {
		return nil, err
	}
	issuer, err := m.publicKey(c.issuer)
	if err != nil {
		return nil, err
	}
	encoder, err := m.encoder()
	if err != nil {
		return nil, err
	}
	template := c.template
	template.SerialNumber = c.serial(m.t0)
	template.Subject = c.subject.name
	template.SubjectKeyId = subject.id
	if c.namesOwn {
		template.AuthorityKeyId = issuer.id
	}
	parent := &x509.Certificate{Subject: c.issuer.name, SubjectKeyId: issuer.id}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, encoder.Public(), encoder)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	t, err := parseTBS(cert.RawTBSCertificate)
	if err != nil {
		return nil, err
	}
	t.spki = subject.spki
	return t, nil
}

// A serialShape is how a CA's serial numbers look: how many octets, and
// which prefix they have.
type serialShape struct {
	octets int
	first  func(random byte) byte // of the first octet; nil for any
}

var (
	authoritySerial = serialShape{16, nil}
	// leafSerial: 05 or 06, which tells the CA's instance, and 17 more.
	leafSerial = serialShape{18, func(random byte) byte { return 5 + random&1 }}
	// opensslSerial: 159 bits, as "openssl req -x509" draws them.
	opensslSerial = serialShape{20, func(random byte) byte { return random & 0x7f }}
)

// serial derives the serial number from role and T0.
func (c *cert) serial(t0 time.Time) *big.Int {
	sum := sha256.Sum256(fmt.Appendf(nil, "serial number of %s at %s", c.role, t0.UTC().Format(time.RFC3339)))
	shape := c.shape
	if shape.octets == 0 {
		shape = authoritySerial
	}
	if shape.first != nil {
		sum[0] = shape.first(sum[0])
	}
	return new(big.Int).SetBytes(sum[:shape.octets])
}

// A publicKey is an entity's key as certificates show it.
type publicKey struct {
	spki []byte
	id   []byte // subject key identifier
}

func (m *Maker) publicKey(e *entity) (publicKey, error) {
	key, err := m.keys.get(e.key)
	if err != nil {
		return publicKey{}, err
	}
	spki, bits, err := encodeSPKI(key.Public())
	if err != nil {
		return publicKey{}, err
	}
	if e.idKey != nil {
		other, err := m.publicKey(&entity{key: *e.idKey, keyID: e.keyID})
		return publicKey{spki: spki, id: other.id}, err
	}
	return publicKey{spki: spki, id: e.keyID(bits)}, nil
}

// encodeSPKI returns the SubjectPublicKeyInfo and the bits of its key.
func encodeSPKI(pub crypto.PublicKey) (spki, bits []byte, err error) {
	if odd, ok := pub.(*curvePublicKey); ok {
		spki, bits = odd.spki()
		return spki, bits, nil
	}
	spki, err = x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, nil, err
	}
	in := cryptobyte.String(spki)
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.SkipASN1(cbasn1.SEQUENCE) || !seq.ReadASN1BitStringAsBytes(&bits) {
		return nil, nil, errors.New("malformed SubjectPublicKeyInfo")
	}
	return spki, bits, nil
}

func bitString(b []byte) []byte {
	return wrap(cbasn1.BIT_STRING, []byte{0}, b)
}
