package pki

import (
	"bytes"
	"crypto"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// TestDiffers takes every faulty chain apart beside its twin's: what is
// different must be what the recipe says, no less and no more.
func TestDiffers(t *testing.T) {
	maker := New(testT0, testKeys(t))
	for _, r := range Recipes() {
		if r.Twin == "" {
			continue
		}
		t.Run(r.Name, func(t *testing.T) {
			got := differences(t, mustChain(t, maker, r.Twin), mustChain(t, maker, r.Name))
			byText := cmpopts.SortSlices(func(a, b string) bool { return a < b })
			if d := cmp.Diff(r.Differs, got, byText); d != "" {
				t.Errorf("differences from %s (-declared +found):\n%s", r.Twin, d)
			}
		})
	}
}

func mustChain(t *testing.T, maker *Maker, recipe string) *Chain {
	t.Helper()
	c, err := maker.Chain(recipe)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// differences names what sets c apart from its twin.
func differences(t *testing.T, twin, c *Chain) []string {
	var out []string
	if c.Host != twin.Host {
		out = append(out, "host")
	}
	if !twin.Key.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal(c.Key.Public()) {
		out = append(out, "key")
	}
	if len(c.Sent) != len(twin.Sent) || reordered(twin.Sent, c.Sent) {
		if n := strangers(twin, c); n > 0 {
			out = append(out, fmt.Sprintf("sent+%d", n))
		} else {
			out = append(out, "sent")
		}
	} else {
		for i := range c.Sent {
			for _, field := range certDifferences(t, twin.Sent[i], c.Sent[i]) {
				out = append(out, certName(i)+"/"+field)
			}
		}
	}
	for a, der := range c.Anchors {
		old, ok := twin.Anchors[a]
		i := slices.IndexFunc(c.Sent, func(s []byte) bool { return bytes.Equal(s, der) })
		if !ok || i >= 0 && i < len(twin.Sent) && bytes.Equal(twin.Sent[i], old) {
			continue // an anchor that only this chain has, or that is a certificate sent
		}
		for _, field := range certDifferences(t, old, der) {
			out = append(out, fmt.Sprintf("anchor %s/%s", a, field))
		}
	}
	return out
}

// strangers counts the certificates sent that are none of the twin's.
func strangers(twin, c *Chain) (n int) {
	own := slices.Concat(twin.Sent, slices.Collect(maps.Values(twin.Anchors)))
	for _, der := range c.Sent {
		if !slices.ContainsFunc(own, func(o []byte) bool { return bytes.Equal(o, der) }) {
			n++
		}
	}
	return n
}

// reordered reports whether the same certificates come in another order.
func reordered(a, b [][]byte) bool {
	same := slices.EqualFunc(a, b, bytes.Equal)
	sorted := func(s [][]byte) [][]byte { s = slices.Clone(s); slices.SortFunc(s, bytes.Compare); return s }
	return !same && slices.EqualFunc(sorted(a), sorted(b), bytes.Equal)
}

// A parted is a certificate taken apart.
type parted struct {
	tbs                  *tbs
	algorithm, signature []byte
	rest                 []byte
}

func part(der []byte) (p parted, err error) {
	in := cryptobyte.String(der)
	var seq, inner cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1Element(&inner, cbasn1.SEQUENCE) {
		return p, fmt.Errorf("no certificate")
	}
	if p.tbs, err = parseTBS(inner); err != nil {
		return p, err
	}
	p.algorithm, p.signature, p.rest = element(&seq), element(&seq), slices.Concat(seq, in)
	if !bytes.Equal(p.tbs.der(), inner) {
		return p, fmt.Errorf("the parts do not make up the whole")
	}
	return p, nil
}

func certDifferences(t *testing.T, a, b []byte) []string {
	t.Helper()
	if bytes.Equal(a, b) {
		return nil
	}
	x, err := part(a)
	if err != nil {
		t.Fatalf("twin: %v", err)
	}
	y, err := part(b)
	if err != nil {
		return []string{"der"}
	}
	var out []string
	for _, f := range []struct {
		name string
		x, y []byte
	}{
		{"version", x.tbs.version, y.tbs.version}, {"serial", x.tbs.serial, y.tbs.serial},
		{"tbs.signature", x.tbs.algorithm, y.tbs.algorithm}, {"issuer", x.tbs.issuer, y.tbs.issuer},
		{"validity", x.tbs.validity, y.tbs.validity}, {"subject", x.tbs.subject, y.tbs.subject},
		{"spki", x.tbs.spki, y.tbs.spki}, {"unique", x.tbs.unique, y.tbs.unique},
		{"signatureAlgorithm", x.algorithm, y.algorithm}, {"rest", x.rest, y.rest},
	} {
		if !bytes.Equal(f.x, f.y) {
			out = append(out, f.name)
		}
	}
	out = append(out, extensionDifferences(x.tbs.extensions, y.tbs.extensions)...)
	if len(out) == 0 {
		out = append(out, "signatureValue")
	}
	return out
}

// extensionDifferences names the extensions that only one side has or that
// differ. What logs sign follows from the rest, so that SCTs count as equal
// if all but their timestamps and signatures is.
func extensionDifferences(a, b [][]byte) []string {
	var out []string
	names := func(list [][]byte) (names []string) {
		for _, e := range list {
			names = append(names, extensionName(e))
		}
		return names
	}
	x, y := names(a), names(b)
	both := slices.Concat(x, y)
	slices.Sort(both)
	for _, name := range slices.Compact(both) {
		i, j := slices.Index(x, name), slices.Index(y, name)
		if count(x, name) != count(y, name) || !bytes.Equal(comparable(a[i]), comparable(b[j])) {
			out = append(out, name)
		}
	}
	if len(out) == 0 && !slices.Equal(x, y) {
		out = append(out, "extension order")
	}
	return out
}

func count(list []string, name string) (n int) {
	for _, s := range list {
		if s == name {
			n++
		}
	}
	return n
}

// comparable cuts an SCT list down to what does not follow from the rest.
func comparable(e []byte) []byte {
	if !extensionOID(e).Equal(oidSCTList) {
		return e
	}
	scts, err := parseSCTs(e)
	if err != nil {
		return e
	}
	var out []byte
	for _, s := range scts {
		out = slices.Concat(out, s.logID, s.extensions)
	}
	return out
}

var extensionNames = map[string]string{
	"2.5.29.14": "subjectKeyIdentifier", "2.5.29.15": "keyUsage", "2.5.29.17": "subjectAltName",
	"2.5.29.19": "basicConstraints", "2.5.29.30": "nameConstraints", "2.5.29.31": "crlDistributionPoints",
	"2.5.29.32": "certificatePolicies", "2.5.29.35": "authorityKeyIdentifier", "2.5.29.37": "extKeyUsage",
	"1.3.6.1.5.5.7.1.1": "authorityInfoAccess", "1.3.6.1.5.5.7.1.24": "tlsFeature",
	"1.3.6.1.4.1.11129.2.4.2": "signedCertificateTimestamps",
}

func extensionName(e []byte) string {
	oid := extensionOID(e).String()
	if name, ok := extensionNames[oid]; ok {
		return name
	}
	return oid
}

type parsedSCT struct {
	logID, extensions, signature []byte
	version                      uint8
	timestamp                    uint64
	hash, algorithm              uint8
}

func parseSCTs(e []byte) (out []parsedSCT, err error) {
	in := cryptobyte.String(e)
	var seq, octets, list cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.SkipASN1(cbasn1.OBJECT_IDENTIFIER) ||
		!seq.ReadASN1(&octets, cbasn1.OCTET_STRING) || !octets.ReadASN1(&octets, cbasn1.OCTET_STRING) ||
		!octets.ReadUint16LengthPrefixed(&list) || !octets.Empty() {
		return nil, fmt.Errorf("malformed SCT list")
	}
	for !list.Empty() {
		var s parsedSCT
		var one, extensions, signature cryptobyte.String
		if !list.ReadUint16LengthPrefixed(&one) || !one.ReadUint8(&s.version) || !one.ReadBytes(&s.logID, 32) ||
			!one.ReadUint64(&s.timestamp) || !one.ReadUint16LengthPrefixed(&extensions) ||
			!one.ReadUint8(&s.hash) || !one.ReadUint8(&s.algorithm) ||
			!one.ReadUint16LengthPrefixed(&signature) || !one.Empty() {
			return nil, fmt.Errorf("malformed SCT")
		}
		s.extensions, s.signature = extensions, signature
		out = append(out, s)
	}
	return out, nil
}
