package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	_ "crypto/md5" // crypto.MD5, for a fault
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1"   // crypto.SHA1, for faults
	_ "crypto/sha256" // crypto.SHA256
	_ "crypto/sha512" // crypto.SHA384 and crypto.SHA512
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// A signatureAlgorithm is what a certificate is signed with: the
// AlgorithmIdentifier's OID and how to compute the signature.
type signatureAlgorithm struct {
	oid  asn1.ObjectIdentifier
	hash crypto.Hash // 0: the message itself is signed
	null bool        // parameters are NULL (RFC 4055 section 5), else absent
	pss  bool        // RSASSA-PSS, with its parameters

	// shortPadding makes a forger's RSA signature: eight octets of padding,
	// then the digest, then garbage.
	shortPadding bool
}

var (
	sha256WithRSA   = signatureAlgorithm{oid: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, hash: crypto.SHA256, null: true}
	sha384WithRSA   = signatureAlgorithm{oid: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, hash: crypto.SHA384, null: true}
	ecdsaWithSHA256 = signatureAlgorithm{oid: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, hash: crypto.SHA256}
	ecdsaWithSHA384 = signatureAlgorithm{oid: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, hash: crypto.SHA384}
	pureEd25519     = signatureAlgorithm{oid: asn1.ObjectIdentifier{1, 3, 101, 112}}
)

// identifier returns the AlgorithmIdentifier in DER.
func (a signatureAlgorithm) identifier() []byte {
	switch {
	case a.pss:
		return wrap(cbasn1.SEQUENCE, objectIdentifier(a.oid), pssSHA256Parameters())
	case a.null:
		return wrap(cbasn1.SEQUENCE, objectIdentifier(a.oid), asn1.NullBytes)
	}
	return wrap(cbasn1.SEQUENCE, objectIdentifier(a.oid))
}

// pssSHA256Parameters are RSASSA-PSS-params (RFC 4055 section 3.1) with
// SHA-256 in both places and a salt of 32 octets.
func pssSHA256Parameters() []byte {
	sha256 := wrap(cbasn1.SEQUENCE, objectIdentifier(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}), asn1.NullBytes)
	mgf1 := wrap(cbasn1.SEQUENCE, objectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}), sha256)
	explicit := func(tag uint8, contents []byte) []byte {
		return wrap(cbasn1.Tag(tag).ContextSpecific().Constructed(), contents)
	}
	return wrap(cbasn1.SEQUENCE, explicit(0, sha256), explicit(1, mgf1), explicit(2, integer(32)))
}

// sign signs message with key.
func (a signatureAlgorithm) sign(key crypto.Signer, message []byte) ([]byte, error) {
	digest := message
	if a.hash != 0 {
		h := a.hash.New()
		h.Write(message)
		digest = h.Sum(nil)
	}
	if a.shortPadding {
		return signShortPadding(key, digest)
	}
	if a.pss {
		return key.Sign(rand.Reader, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: a.hash})
	}
	return key.Sign(rand.Reader, digest, a.hash)
}

// signShortPadding signs a SHA-256 digest as RSASSA-PKCS1-v1_5 forbids
// (RFC 8017 section 9.2): 00 01, eight FF, 00, DigestInfo, garbage.
func signShortPadding(key crypto.Signer, digest []byte) ([]byte, error) {
	k, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("PKCS #1 padding with a %T", key)
	}
	info := wrap(cbasn1.SEQUENCE,
		wrap(cbasn1.SEQUENCE, objectIdentifier(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}), asn1.NullBytes),
		wrap(cbasn1.OCTET_STRING, digest))
	message := slices.Concat([]byte{0, 1}, bytes.Repeat([]byte{0xff}, 8), []byte{0}, info)
	block := bytes.Repeat([]byte{0xa5}, k.Size())
	copy(block, message)
	return new(big.Int).Exp(new(big.Int).SetBytes(block), k.D, k.N).FillBytes(make([]byte, k.Size())), nil
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
	case *curvePublicKey:
		return ecdsaWithSHA256, nil
	case ed25519.PublicKey:
		return pureEd25519, nil
	}
	return signatureAlgorithm{}, fmt.Errorf("no signature algorithm for a %T", pub)
}
