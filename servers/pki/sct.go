package pki

import (
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
)

// backdate is how long before its issuance a Let's Encrypt leaf becomes
// valid. The SCTs' timestamps show the issuance.
const backdate = 58*time.Minute + 30*time.Second

// ctLogs are the two logs whose SCTs a leaf carries: one of RFC 6962's, and
// one of the static kind, which puts the entry's index into the extensions
// (c2sp.org/static-ct-api, "SCT Extension": type 0, length 5, 40-bit index).
var ctLogs = []struct {
	key        keySpec
	extensions []byte
}{
	{keySpec{"ct-log-rfc6962", p256}, nil},
	{keySpec{"ct-log-static", p256}, []byte{0, 0, 5, 0x00, 0x2a, 0x5c, 0x81, 0x37}},
}

// addSCTs appends the SCT list (RFC 6962 section 3.3) as the last extension,
// signed over the TBSCertificate as it is without it.
func addSCTs(m *Maker, t *tbs, c *cert) error {
	issuer, err := m.publicKey(c.issuer)
	if err != nil {
		return err
	}
	issuerHash := sha256.Sum256(issuer.spki)
	stamp := uint64(c.template.NotBefore.Add(backdate).UnixMilli())
	var list cryptobyte.Builder
	precert := t.der()
	for i, log := range ctLogs {
		pub, err := m.publicKey(&entity{key: log.key, keyID: noKeyID})
		if err != nil {
			return err
		}
		key, err := m.keys.get(log.key)
		if err != nil {
			return err
		}
		stamp := stamp + uint64(137*(i+1)) // logs answer one after the other
		signature, err := ecdsaWithSHA256.sign(key, signedEntry(stamp, issuerHash, precert, log.extensions))
		if err != nil {
			return fmt.Errorf("signing SCT: %w", err)
		}
		list.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			id := sha256.Sum256(pub.spki)
			b.AddUint8(0) // version v1
			b.AddBytes(id[:])
			b.AddUint64(stamp)
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(log.extensions) })
			b.AddBytes([]byte{4, 3}) // sha256, ecdsa
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(signature) })
		})
	}
	var value cryptobyte.Builder
	value.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(list.BytesOrPanic()) })
	der, err := asn1.Marshal(value.BytesOrPanic())
	if err != nil {
		return fmt.Errorf("encoding SCT list: %w", err)
	}
	t.extensions = append(t.extensions, extension(oidSCTList, false, der))
	return nil
}

// signedEntry is what a log signs for a precertificate (RFC 6962 section 3.2).
func signedEntry(stamp uint64, issuerHash [32]byte, precert, extensions []byte) []byte {
	var b cryptobyte.Builder
	b.AddUint8(0) // version v1
	b.AddUint8(0) // certificate_timestamp
	b.AddUint64(stamp)
	b.AddUint16(1) // precert_entry
	b.AddBytes(issuerHash[:])
	b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(precert) })
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(extensions) })
	return b.BytesOrPanic() // no certificate of this package nears 2^24 bytes
}
