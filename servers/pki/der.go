package pki

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// A tbs is a TBSCertificate (RFC 5280 section 4.1) taken apart. Each field is
// one whole DER element, so that a fault can put anything in its place, well
// formed or not. A nil field is left out.
type tbs struct {
	version    []byte // [0] EXPLICIT, nil in a version 1 certificate
	serial     []byte
	algorithm  []byte
	issuer     []byte
	validity   []byte
	subject    []byte
	spki       []byte
	unique     []byte   // issuerUniqueID and subjectUniqueID
	extensions [][]byte // each an Extension; none leaves out the [3]
}

var (
	tagVersion    = cbasn1.Tag(0).Constructed().ContextSpecific()
	tagIssuerID   = cbasn1.Tag(1).ContextSpecific()
	tagSubjectID  = cbasn1.Tag(2).ContextSpecific()
	tagExtensions = cbasn1.Tag(3).Constructed().ContextSpecific()
)

// parseTBS takes apart a TBSCertificate as crypto/x509 encodes it.
func parseTBS(der []byte) (*tbs, error) {
	in := cryptobyte.String(der)
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return nil, errors.New("TBSCertificate: no SEQUENCE")
	}
	t := new(tbs)
	if seq.PeekASN1Tag(tagVersion) {
		t.version = element(&seq)
	}
	for _, f := range []*[]byte{&t.serial, &t.algorithm, &t.issuer, &t.validity, &t.subject, &t.spki} {
		if *f = element(&seq); *f == nil {
			return nil, errors.New("TBSCertificate: a field is missing")
		}
	}
	for _, tag := range []cbasn1.Tag{tagIssuerID, tagSubjectID} {
		if seq.PeekASN1Tag(tag) {
			t.unique = append(t.unique, element(&seq)...)
		}
	}
	if !seq.PeekASN1Tag(tagExtensions) {
		return t, nil
	}
	var outer, list cryptobyte.String
	if !seq.ReadASN1(&outer, tagExtensions) || !outer.ReadASN1(&list, cbasn1.SEQUENCE) {
		return nil, errors.New("TBSCertificate: malformed extensions")
	}
	for !list.Empty() {
		e := element(&list)
		if e == nil {
			return nil, errors.New("TBSCertificate: malformed extension")
		}
		t.extensions = append(t.extensions, e)
	}
	return t, nil
}

// element reads one DER element, header included; nil if there is none.
func element(s *cryptobyte.String) []byte {
	var out cryptobyte.String
	if !s.ReadAnyASN1Element(&out, nil) {
		return nil
	}
	return slices.Clone(out)
}

// der puts the fields together again.
func (t *tbs) der() []byte {
	body := slices.Concat(t.version, t.serial, t.algorithm, t.issuer, t.validity, t.subject, t.spki, t.unique)
	if len(t.extensions) > 0 {
		body = append(body, wrap(tagExtensions, wrap(cbasn1.SEQUENCE, t.extensions...))...)
	}
	return wrap(cbasn1.SEQUENCE, body)
}

// wrap encodes one element with the given tag around contents.
func wrap(tag cbasn1.Tag, contents ...[]byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag, func(b *cryptobyte.Builder) {
		for _, c := range contents {
			b.AddBytes(c)
		}
	})
	return b.BytesOrPanic() // cannot fail: contents of any length are encodable
}

// extension encodes one Extension. DER leaves out critical where it is FALSE.
func extension(oid asn1.ObjectIdentifier, critical bool, value []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		if critical {
			b.AddASN1Boolean(true)
		}
		b.AddASN1OctetString(value)
	})
	return b.BytesOrPanic() // the OIDs are this package's constants
}

// extensionOID returns the OID of an encoded Extension, or nil.
func extensionOID(der []byte) asn1.ObjectIdentifier {
	in, seq := cryptobyte.String(der), cryptobyte.String(nil)
	var oid asn1.ObjectIdentifier
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1ObjectIdentifier(&oid) {
		return nil
	}
	return oid
}

// find returns the index of the first extension with the OID, or -1.
func (t *tbs) find(oid asn1.ObjectIdentifier) int {
	return slices.IndexFunc(t.extensions, func(e []byte) bool { return extensionOID(e).Equal(oid) })
}

// replace puts e in the place of the extension that has its OID.
func (t *tbs) replace(e []byte) error {
	i := t.find(extensionOID(e))
	if i < 0 {
		return fmt.Errorf("no extension %v to replace", extensionOID(e))
	}
	t.extensions[i] = e
	return nil
}

// arrange orders the extensions as the OIDs are listed; all must be there.
func (t *tbs) arrange(oids ...asn1.ObjectIdentifier) error {
	var out [][]byte
	for _, oid := range oids {
		i := t.find(oid)
		if i < 0 {
			return fmt.Errorf("no extension %v to arrange", oid)
		}
		out = append(out, t.extensions[i])
	}
	if len(out) != len(t.extensions) {
		return fmt.Errorf("%d extensions, %d arranged", len(t.extensions), len(out))
	}
	t.extensions = out
	return nil
}

// remove takes out the extension with the OID.
func (t *tbs) remove(oid asn1.ObjectIdentifier) error {
	i := t.find(oid)
	if i < 0 {
		return fmt.Errorf("no extension %v to remove", oid)
	}
	t.extensions = slices.Delete(t.extensions, i, i+1)
	return nil
}

// extensions' OIDs, RFC 5280 section 4.2 and RFC 6962 section 3.3.
var (
	oidSubjectKeyID     = asn1.ObjectIdentifier{2, 5, 29, 14}
	oidKeyUsage         = asn1.ObjectIdentifier{2, 5, 29, 15}
	oidSubjectAltName   = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidNameConstraints  = asn1.ObjectIdentifier{2, 5, 29, 30}
	oidCRLPoints        = asn1.ObjectIdentifier{2, 5, 29, 31}
	oidPolicies         = asn1.ObjectIdentifier{2, 5, 29, 32}
	oidPolicyConstraint = asn1.ObjectIdentifier{2, 5, 29, 36}
	oidInhibitAnyPolicy = asn1.ObjectIdentifier{2, 5, 29, 54}
	oidAuthorityInfo    = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1}
	oidBasicConstraints = asn1.ObjectIdentifier{2, 5, 29, 19}
	oidAuthorityKeyID   = asn1.ObjectIdentifier{2, 5, 29, 35}
	oidExtKeyUsage      = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidSCTList          = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}
)
