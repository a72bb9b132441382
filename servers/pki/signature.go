package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1"   // crypto.SHA1, which sha1WithRSA and the old key identifiers need
	_ "crypto/sha256" // crypto.SHA256
	_ "crypto/sha512" // crypto.SHA384 and crypto.SHA512
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// A signatureAlgorithm is what a certificate is signed with: the
// AlgorithmIdentifier's OID and how to compute the signature.
type signatureAlgorithm struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash // 0: the message itself is signed
	null bool        // parameters are NULL (RFC 4055 section 5), else absent
}

var (
	sha256WithRSA   = signatureAlgorithm{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, crypto.SHA256, true}
	sha384WithRSA   = signatureAlgorithm{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, crypto.SHA384, true}
	ecdsaWithSHA256 = signatureAlgorithm{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, crypto.SHA256, false}
	ecdsaWithSHA384 = signatureAlgorithm{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, crypto.SHA384, false}
	pureEd25519     = signatureAlgorithm{asn1.ObjectIdentifier{1, 3, 101, 112}, 0, false}
)

// identifier returns the AlgorithmIdentifier in DER.
func (a signatureAlgorithm) identifier() []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(a.oid)
		if a.null {
			b.AddASN1NULL()
		}
	})
	return b.BytesOrPanic() // the OIDs are this package's constants
}

// sign signs message with key.
func (a signatureAlgorithm) sign(key crypto.Signer, message []byte) ([]byte, error) {
	digest := message
	if a.hash != 0 {
		h := a.hash.New()
		h.Write(message)
		digest = h.Sum(nil)
	}
	return key.Sign(rand.Reader, digest, a.hash)
}

// usualAlgorithm is what a CA signs with that has such a key: SHA-256 with
// RSA and P-256, SHA-384 with P-384.
func usualAlgorithm(pub crypto.PublicKey) (signatureAlgorithm, error) {
	switch pub := pub.(type) {
	case *rsa.PublicKey:
		return sha256WithRSA, nil
	case *ecdsa.PublicKey:
		if pub.Curve.Params().BitSize > 256 {
			return ecdsaWithSHA384, nil
		}
		return ecdsaWithSHA256, nil
	case ed25519.PublicKey:
		return pureEd25519, nil
	}
	return signatureAlgorithm{}, fmt.Errorf("no signature algorithm for a %T", pub)
}
