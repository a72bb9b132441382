package pki

import (
	"encoding/asn1"
	"fmt"
	"slices"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"trustrig/harness"
)

// Faults of keys: too short, on curves that a device may not know, or not in
// the server's hands.

// badKey is what a device may give for a key that it refuses or can not read.
var badKey = []harness.Reason{harness.BadKey, harness.BadAlgorithm, harness.Unsupported, harness.Malformed, harness.NotTrusted}

const (
	shortKey = "RFC 9325 4.5"
	anyCurve = "RFC 8422 5.1.1, RFC 8446 9.1"
)

var keyFaults = []fault{
	leafKeyFault("rsa-1024-leaf", "rsa", rsa1024, harness.Rejected, shortKey),
	leafKeyFault("rsa-2047-leaf", "rsa", rsa2047, harness.Rejected, shortKey),
	leafKeyFault("rsa-3072-leaf", "rsa", rsa3072, harness.Accepted, shortKey),
	leafKeyFault("rsa-4096-leaf", "rsa", rsa4096, harness.Accepted, shortKey),
	leafKeyFault("rsa-8192-leaf", "rsa", rsa8192, harness.Either, "RFC 8017 3.1"),
	leafKeyFault("rsa-exponent-3-leaf", "rsa", rsa2048e3, harness.Accepted, "RFC 8017 3.1"),
	issuerKeyFault("rsa-1024-intermediate", "rsa", rsa1024, harness.Rejected, shortKey),
	issuerKeyFault("rsa-2047-intermediate", "rsa", rsa2047, harness.Rejected, shortKey),
	issuerKeyFault("rsa-4096-intermediate", "rsa", rsa4096, harness.Accepted, shortKey),
	issuerKeyFault("rsa-8192-intermediate", "rsa", rsa8192, harness.Either, "RFC 8017 3.1"),
	issuerKeyFault("rsa-exponent-3-intermediate", "rsa", rsa2048e3, harness.Accepted, "RFC 8017 3.1"),
	leafKeyFault("p-384-leaf", "ecdsa", p384, harness.Accepted, anyCurve),
	leafKeyFault("p-521-leaf", "ecdsa", p521, harness.Either, anyCurve),
	// Leaves of P-192, P-224 and Ed25519 are not here: crypto/tls presents
	// neither of the first, and the last only to a device that offers it.
	issuerKeyFault("p-192-intermediate", "ecdsa", p192, harness.Rejected, shortKey),
	issuerKeyFault("p-224-intermediate", "ecdsa", p224, harness.Either, anyCurve),
	issuerKeyFault("p-384-intermediate", "ecdsa", p384, harness.Accepted, anyCurve),
	issuerKeyFault("p-521-intermediate", "ecdsa", p521, harness.Either, anyCurve),
	issuerKeyFault("secp256k1-intermediate", "ecdsa", secp256k1, harness.Either, anyCurve),
	issuerKeyFault("brainpool-intermediate", "ecdsa", brainpoolP256, harness.Either, anyCurve),
	issuerKeyFault("ed25519-intermediate", "ecdsa", ed25519Key, harness.Either, "RFC 8446 9.1"),
	issuerKeyFault("rsa-intermediate", "ecdsa", rsa2048, harness.Accepted, "RFC 5280 6.1"),
	issuerKeyFault("p-256-intermediate", "rsa", p256, harness.Accepted, "RFC 5280 6.1"),
	pointFault("empty-point", "has no octets", func([]byte) []byte { return nil }),
	pointFault("point-off-curve", "lies not on the curve", func(point []byte) []byte { point[len(point)-1] ^= 1; return point }),
	notHeld("ecdsa", p256), notHeld("rsa", rsa2048),
}

// pointFault changes the leaf's public key itself, so that nobody can hold the
// private one.
func pointFault(name, is string, f func(point []byte) []byte) fault {
	return fault{name: name, is: "the point that is the leaf's public key " + is, source: "RFC 5480 2.2, RFC 8422 5.11",
		also: append([]harness.Reason{harness.BadPossession}, badKey...), fatal: true, neighbour: "plain", differs: []string{"leaf/spki"},
		change: onLeaf(encoded(func(t *tbs) error {
			var key struct {
				Algorithm asn1.RawValue
				Point     asn1.BitString
			}
			if _, err := asn1.Unmarshal(t.spki, &key); err != nil {
				return fmt.Errorf("the leaf's public key: %w", err)
			}
			t.spki = wrap(cbasn1.SEQUENCE, key.Algorithm.FullBytes, bitString(f(slices.Clone(key.Point.Bytes))))
			return nil
		}))}
}

// leafKeyFault gives the leaf another kind of key, which the server holds.
func leafKeyFault(name, keyType string, algo algorithm, must harness.Result, source string) fault {
	f := keyFault(name, keyType, "leaf", algo, must, source)
	f.differs = []string{"key", "leaf/spki", "leaf/subjectKeyIdentifier"}
	f.change = func(_ *world, p *plan) {
		p.change(p.sent[0], func(c *cert) { c.subject = rekeyed(c.subject, algo) })
		p.key = p.sent[0].subject.key
	}
	return f
}

// issuerKeyFault gives the intermediate another kind of key, and the leaf a
// signature by it.
func issuerKeyFault(name, keyType string, algo algorithm, must harness.Result, source string) fault {
	f := keyFault(name, keyType, "intermediate", algo, must, source)
	f.differs = []string{"intermediate/spki", "intermediate/subjectKeyIdentifier", "leaf/authorityKeyIdentifier"}
	if otherSignature(keyType, algo) {
		f.differs = append(f.differs, algorithmDiffers("leaf")...)
	}
	f.change = func(_ *world, p *plan) {
		e := rekeyed(p.sent[1].subject, algo)
		p.change(p.sent[1], func(c *cert) { c.subject = e })
		p.change(p.sent[0], func(c *cert) { c.issuer = e })
	}
	return f
}

func keyFault(name, keyType, certificate string, algo algorithm, must harness.Result, source string) fault {
	f := fault{name: name, keyType: keyType, must: must, source: source,
		is: fmt.Sprintf("the %s's key is %s", certificate, algo)}
	switch must {
	case harness.Rejected: // for its length, which every device can read
		f.reasons = []harness.Reason{harness.BadKey}
	case harness.Either: // perhaps for its kind, and then it does not parse
		f.also, f.fatal, f.neighbour = badKey, true, "plain"
	}
	if _, odd := curves[algo]; odd {
		f.reasons, f.also, f.fatal, f.neighbour = nil, badKey, true, "plain"
	}
	return f
}

// otherSignature reports whether such an issuer's usual algorithm is another
// than the twin's, which has SHA-256 and the leaf's type of key.
func otherSignature(keyType string, algo algorithm) bool {
	switch algo {
	case rsa1024, rsa2047, rsa2048, rsa2048e3, rsa4096, rsa8192:
		return keyType != "rsa"
	case p192, p224, p256, secp256k1, brainpoolP256:
		return keyType != "ecdsa"
	}
	return true
}

func rekeyed(e *entity, algo algorithm) *entity {
	f := *e
	f.key.algo = algo
	f.key.role += "-other"
	return &f
}

// notHeld: everyone can send a public certificate.
func notHeld(keyType string, algo algorithm) fault {
	return fault{name: "key-not-held", keyType: keyType, is: "the server sends a good chain, and signs the handshake with a key that is not the leaf's",
		source: "RFC 5246 7.4.3, RFC 8446 4.4.3", reasons: []harness.Reason{harness.BadPossession},
		fatal: true, neighbour: "plain", onWire: true, differs: []string{"key"},
		change: func(_ *world, p *plan) { p.key = keySpec{"key-not-held", algo} }}
}
