package pki

import (
	"crypto"
	"encoding/asn1"
	"math/big"
	"time"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"trustrig/harness"
)

// Faults of signatures (RFC 5280 section 6.1.3(a)(1)).

// notVerified is what a device may give where the algorithm, not the
// signature, is at fault: its policy, or its not knowing it.
var notVerified = []harness.Reason{harness.BadHash, harness.BadAlgorithm, harness.NotTrusted, harness.Malformed, harness.Unsupported}

// passedOver adds what follows where a device passes over a certificate of an
// algorithm that it does not know: the next one stands for it.
var passedOver = append([]harness.Reason{harness.NameMismatch}, notVerified...)

// notASignature is what it may give for a signature that is not well formed.
var notASignature = []harness.Reason{harness.NotTrusted, harness.Malformed}

const (
	validSignature = "RFC 5280 6.1.3(a)(1)"
	strictDER      = "RFC 3279 2.2.3, X.690 10.1"
)

var signatureFaults = []fault{
	forgedLeaf("ecdsa", "broken-signature", "one bit of the leaf's signature is wrong", flipBit),
	forgedLeaf("rsa", "broken-signature", "one bit of the leaf's signature is wrong", flipBit),
	{name: "broken-signature-intermediate", is: "one bit of the intermediate's signature is wrong", source: validSignature,
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"intermediate/signatureValue"},
		change: onIntermediate(forge(flipBit))},
	{name: "broken-signature-intermediate", keyType: "rsa", is: "one bit of the intermediate's signature is wrong", source: validSignature,
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"intermediate/signatureValue"},
		change: onIntermediate(forge(flipBit))},
	{name: "broken-signature-anchor", is: "one bit of the signature on the root that the device holds is wrong", source: "RFC 5280 6.1.1(d)",
		must: harness.Accepted, differs: []string{"anchor root/signatureValue"}, change: onRoot(forge(flipBit))},
	{name: "signed-by-other-key", is: "the leaf is signed with another key than the intermediate's", source: validSignature,
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"leaf/signatureValue"},
		change: onLeaf(func(c *cert, _ time.Time) { c.signer = &keySpec{"other-issuer", p256} })},
	{name: "signed-by-other-key", keyType: "rsa", is: "the leaf is signed with another key than the intermediate's", source: validSignature,
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"leaf/signatureValue"},
		change: onLeaf(func(c *cert, _ time.Time) { c.signer = &keySpec{"other-issuer", rsa2048} })},
	{name: "signed-by-itself", is: "the leaf is signed with its own key, though it names the intermediate as its issuer", source: validSignature,
		reasons: []harness.Reason{harness.NotTrusted}, differs: []string{"leaf/signatureValue"},
		change: onLeaf(func(c *cert, _ time.Time) { c.signer = &c.subject.key })},
	algorithmFault("sha1-leaf", "ecdsa", 0, "the leaf is signed with SHA-1", "RFC 8446 4.4.2.4, RFC 9325 4.5", ecdsaWithSHA1),
	algorithmFault("sha1-leaf", "rsa", 0, "the leaf is signed with SHA-1", "RFC 8446 4.4.2.4, RFC 9325 4.5", sha1WithRSA),
	algorithmFault("sha1-intermediate", "rsa", 1, "the intermediate is signed with SHA-1", "RFC 8446 4.4.2.4, RFC 9325 4.5", sha1WithRSA),
	algorithmFault("md5-leaf", "rsa", 0, "the leaf is signed with MD5", "RFC 8446 4.4.2.4, RFC 6151 2", md5WithRSA),
	algorithmFault("md5-intermediate", "rsa", 1, "the intermediate is signed with MD5", "RFC 8446 4.4.2.4, RFC 6151 2", md5WithRSA),
	{name: "sha1-anchor", keyType: "rsa", is: "the root that the device holds is signed with SHA-1, by itself", source: "RFC 5280 6.1.1(d), RFC 8446 4.4.2.4",
		must: harness.Accepted, differs: []string{"anchor root/signatureAlgorithm", "anchor root/tbs.signature"},
		change: onRoot(signedWith(sha1WithRSA))},
	goodAlgorithm("sha384-leaf", "rsa", "the leaf is signed with SHA-384", sha384WithRSA),
	goodAlgorithm("sha512-leaf", "rsa", "the leaf is signed with SHA-512", sha512WithRSA),
	goodAlgorithm("sha384-leaf", "ecdsa", "the leaf is signed with SHA-384", ecdsaWithSHA384),
	goodAlgorithm("sha512-leaf", "ecdsa", "the leaf is signed with SHA-512", ecdsaWithSHA512),
	{name: "pss-leaf", keyType: "rsa", is: "the leaf is signed with RSASSA-PSS, which clients of TLS 1.2 need not know", source: "RFC 5246 7.4.1.4.1, RFC 8446 9.1",
		must: harness.Either, also: notVerified, fatal: true, neighbour: "plain", differs: algorithmDiffers("leaf"),
		change: onLeaf(signedWith(pssWithSHA256))},
	{name: "pss-intermediate", keyType: "rsa", is: "the intermediate is signed with RSASSA-PSS, which clients of TLS 1.2 need not know", source: "RFC 5246 7.4.1.4.1, RFC 8446 9.1",
		must: harness.Either, also: notVerified, fatal: true, neighbour: "plain", differs: algorithmDiffers("intermediate"),
		change: onIntermediate(signedWith(pssWithSHA256))},
	{name: "algorithms-differ", is: "the leaf says ecdsa-with-SHA256 inside, with which it is signed, and SHA-384 outside", source: "RFC 5280 4.1.1.2",
		also: notVerified, fatal: true, neighbour: "plain", differs: []string{"leaf/signatureAlgorithm"},
		change: onLeaf(func(c *cert, _ time.Time) { c.outer = ecdsaWithSHA384.identifier() })},
	{name: "algorithms-differ-inside", is: "the leaf says SHA-384 inside, and outside ecdsa-with-SHA256, with which it is signed", source: "RFC 5280 4.1.1.2",
		also: notVerified, fatal: true, neighbour: "plain", differs: []string{"leaf/tbs.signature"},
		change: onLeaf(encoded(func(t *tbs) error { t.algorithm = ecdsaWithSHA384.identifier(); return nil }))},
	{name: "algorithm-parameters-differ", keyType: "rsa", is: "the leaf's signature algorithm has the parameters NULL inside, and an empty OCTET STRING outside", source: "RFC 5280 4.1.1.2",
		also: notVerified, fatal: true, neighbour: "plain", differs: []string{"leaf/signatureAlgorithm"},
		change: onLeaf(func(c *cert, _ time.Time) {
			c.outer = wrap(cbasn1.SEQUENCE, objectIdentifier(sha256WithRSA.oid), wrap(cbasn1.OCTET_STRING))
		})},
	{name: "unknown-algorithm", is: "the leaf is signed with an algorithm of an OID that no one knows", source: validSignature,
		also:  append([]harness.Reason{harness.NameMismatch}, notVerified...), // who passes over the leaf takes the intermediate for it
		fatal: true, neighbour: "sha384-leaf", differs: algorithmDiffers("leaf"),
		change: onLeaf(func(c *cert, _ time.Time) {
			c.outer = wrap(cbasn1.SEQUENCE, objectIdentifier(oidUnknown))
			c.edit(func(t *tbs) error { t.algorithm = c.outer; return nil })
		})},
	{name: "signature-zero", is: "r and s of the leaf's signature are 0", source: "RFC 5280 6.1.3(a)(1), FIPS 186-5 6.4.2",
		also: notASignature, fatal: true, neighbour: "signature-mirrored", differs: []string{"leaf/signatureValue"},
		change: onLeaf(forge(func([]byte) []byte { return ecdsaValue(new(big.Int), new(big.Int)) }))},
	{name: "signature-order", is: "r and s of the leaf's signature are the order of the curve", source: "RFC 5280 6.1.3(a)(1), FIPS 186-5 6.4.2",
		also: notASignature, fatal: true, neighbour: "signature-mirrored", differs: []string{"leaf/signatureValue"},
		change: onLeaf(forge(func([]byte) []byte { return ecdsaValue(orderP256(), orderP256()) }))},
	{name: "signature-empty", is: "the leaf's signature has no octets", source: validSignature,
		also: notASignature, fatal: true, neighbour: "signature-mirrored", differs: []string{"leaf/signatureValue"}, change: onLeaf(forge(func([]byte) []byte { return nil }))},
	{name: "signature-mirrored", is: "s of the leaf's signature is replaced by n − s, which is as good", source: "RFC 5280 6.1.3(a)(1), FIPS 186-5 6.4.2",
		must: harness.Accepted, differs: []string{"leaf/signatureValue"}, change: onLeaf(forge(mirror))},
	encodedSignature("signature-padded", "r of the leaf's signature has a needless zero octet in front", padded),
	encodedSignature("signature-long-length", "the length of the leaf's signature is written in more octets than it needs", longLength),
	encodedSignature("signature-trailing", "two octets follow the leaf's signature inside the BIT STRING", func(sig []byte) []byte {
		return append(sig, 5, 0)
	}),
	{name: "pkcs1-garbage", keyType: "rsa", is: "the padding of the leaf's signature is cut short, and garbage follows the digest, as a forger of small exponents writes it", source: "RFC 5280 6.1.3(a)(1), RFC 8017 8.2.2",
		also: notASignature, fatal: true, neighbour: "plain", differs: []string{"leaf/signatureValue"},
		change: onLeaf(func(c *cert, _ time.Time) { a := sha256WithRSA; a.shortPadding = true; c.sign = &a })},
}

func forge(f func([]byte) []byte) func(*cert, time.Time) {
	return func(c *cert, _ time.Time) { c.forge = f }
}

func forgedLeaf(keyType, name, is string, f func([]byte) []byte) fault {
	return fault{name: name, keyType: keyType, is: is, source: validSignature, reasons: []harness.Reason{harness.NotTrusted},
		differs: []string{"leaf/signatureValue"}, change: onLeaf(forge(f))}
}

// encodedSignature: the numbers are right, their encoding is not DER.
func encodedSignature(name, is string, f func([]byte) []byte) fault {
	return fault{name: name, is: is, source: strictDER, must: harness.Either, also: notASignature,
		fatal: true, neighbour: "signature-mirrored", differs: []string{"leaf/signatureValue"}, change: onLeaf(forge(f))}
}

func signedWith(a signatureAlgorithm) func(*cert, time.Time) {
	return func(c *cert, _ time.Time) { c.sign = &a }
}

func algorithmDiffers(certificate string) []string {
	return []string{certificate + "/tbs.signature", certificate + "/signatureAlgorithm"}
}

// algorithmFault: a signature that is right, by an algorithm that must not be
// trusted any more.
func algorithmFault(name, keyType string, i int, is, source string, a signatureAlgorithm) fault {
	f := fault{name: name, keyType: keyType, is: is, source: source,
		differs: algorithmDiffers(certName(i)), change: changeSent(i, signedWith(a))}
	if a.hash == crypto.SHA1 { // which every device knows, for other uses
		f.reasons, f.also = []harness.Reason{harness.BadHash}, []harness.Reason{harness.NotTrusted}
	} else {
		f.also, f.fatal, f.neighbour = passedOver, true, "sha384-leaf"
	}
	return f
}

func goodAlgorithm(name, keyType, is string, a signatureAlgorithm) fault {
	return fault{name: name, keyType: keyType, is: is, source: "RFC 5280 6.1.3(a)(1), RFC 8446 4.2.3", must: harness.Accepted,
		differs: algorithmDiffers("leaf"), change: onLeaf(signedWith(a))}
}

// flipBit changes the last bit but eight: in ECDSA one of s, in RSA one of
// the number.
func flipBit(sig []byte) []byte {
	sig[len(sig)-2] ^= 1
	return sig
}

func orderP256() *big.Int {
	n, _ := new(big.Int).SetString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16) // FIPS 186-5, SP 800-186 3.2.1.3
	return n
}

func ecdsaValue(r, s *big.Int) []byte {
	der, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
	if err != nil {
		return nil // two numbers are always encodable
	}
	return der
}

func mirror(sig []byte) []byte {
	var v struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(sig, &v); err != nil {
		return nil
	}
	return ecdsaValue(v.R, v.S.Sub(orderP256(), v.S))
}

// padded puts a zero octet before r: 30 L 02 l r … becomes 30 L+1 02 l+1 00 r.
// If r has one already, a second one is as needless.
func padded(sig []byte) []byte {
	var v struct{ R, S asn1.RawValue }
	if _, err := asn1.Unmarshal(sig, &v); err != nil {
		return nil
	}
	return wrap(cbasn1.SEQUENCE, integer(append([]byte{0}, v.R.Bytes...)...), v.S.FullBytes)
}

// longLength writes 30 L as 30 81 L.
func longLength(sig []byte) []byte {
	return append([]byte{sig[0], 0x81}, sig[1:]...)
}

// More algorithms, for faults and for what a device must know.
var (
	sha512WithRSA   = signatureAlgorithm{oid: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, hash: crypto.SHA512, null: true}
	sha1WithRSA     = signatureAlgorithm{oid: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}, hash: crypto.SHA1, null: true}
	md5WithRSA      = signatureAlgorithm{oid: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 4}, hash: crypto.MD5, null: true}
	pssWithSHA256   = signatureAlgorithm{oid: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}, hash: crypto.SHA256, pss: true}
	ecdsaWithSHA1   = signatureAlgorithm{oid: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}, hash: crypto.SHA1}
	ecdsaWithSHA512 = signatureAlgorithm{oid: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, hash: crypto.SHA512}
)
