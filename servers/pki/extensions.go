package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Extension values that x509 does not write.

// basicConstraints encodes the extension around any contents.
func basicConstraints(contents ...[]byte) []byte {
	return extension(oidBasicConstraints, true, wrap(cbasn1.SEQUENCE, contents...))
}

func boolean(b byte) []byte { return wrap(cbasn1.BOOLEAN, []byte{b}) }

func integer(b ...byte) []byte { return wrap(cbasn1.INTEGER, b) }

// keyUsage encodes the extension. The bits are numbered from the left as in
// RFC 5280 section 4.2.1.3.
func keyUsage(bits ...int) []byte {
	var value uint16
	last := 0
	for _, b := range bits {
		value |= 1 << (15 - b)
		last = max(last, b)
	}
	octets := []byte{byte(value >> 8), byte(value)}[:last/8+1]
	return extension(oidKeyUsage, true, wrap(cbasn1.BIT_STRING, append([]byte{byte(7 - last%8)}, octets...)))
}

// noUsage encodes a keyUsage without a bit.
func noUsage() []byte {
	return extension(oidKeyUsage, true, wrap(cbasn1.BIT_STRING, []byte{0}))
}

// Bits of keyUsage.
const (
	bitDigitalSignature = 0
	bitKeyEncipherment  = 2
	bitDataEncipherment = 3
	bitCRLSign          = 6
)

// extKeyUsage encodes the extension.
func extKeyUsage(purposes ...asn1.ObjectIdentifier) []byte {
	var contents [][]byte
	for _, p := range purposes {
		contents = append(contents, objectIdentifier(p))
	}
	return extension(oidExtKeyUsage, false, wrap(cbasn1.SEQUENCE, contents...))
}

func objectIdentifier(oid asn1.ObjectIdentifier) []byte {
	der, err := asn1.Marshal(oid)
	if err != nil {
		return nil // no constant of this package
	}
	return der
}

// Purposes, RFC 5280 section 4.2.1.12.
var (
	purposeClientAuth  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2}
	purposeCodeSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 3}
	purposeAny         = asn1.ObjectIdentifier{2, 5, 29, 37, 0}
)

// oidUnknown lies under the arc that RFC 5612 keeps for examples.
var oidUnknown = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1, 1}

func unknownExtension(critical bool, size int) []byte {
	return extension(oidUnknown, critical, wrap(cbasn1.OCTET_STRING, make([]byte, size)))
}

// addExtension appends, replaceExtension replaces by OID, removeExtension
// removes.
func addExtension(e []byte) func(*tbs) error {
	return func(t *tbs) error {
		t.extensions = append(t.extensions, e)
		return nil
	}
}

func replaceExtension(e []byte) func(*tbs) error {
	return func(t *tbs) error { return t.replace(e) }
}

func removeExtension(oid asn1.ObjectIdentifier) func(*tbs) error {
	return func(t *tbs) error { return t.remove(oid) }
}

// markExtension sets or clears an extension's critical flag.
func markExtension(oid asn1.ObjectIdentifier, critical bool) func(*tbs) error {
	return func(t *tbs) error {
		i := t.find(oid)
		if i < 0 {
			return fmt.Errorf("no extension %v to mark", oid)
		}
		var e pkix.Extension
		if _, err := asn1.Unmarshal(t.extensions[i], &e); err != nil {
			return fmt.Errorf("extension %v: %w", oid, err)
		}
		t.extensions[i] = extension(oid, critical, e.Value)
		return nil
	}
}
