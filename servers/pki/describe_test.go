package pki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// describe puts a certificate into the words of the documented ones.
func describe(t *testing.T, der, issuerDER []byte) []string {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := x509.ParseCertificate(issuerDER)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckSignatureFrom(issuer); err != nil {
		t.Errorf("signature: %v", err)
	}
	p, err := part(der)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{
		fmt.Sprintf("version %d", c.Version), describeSerial(c), describeSignature(t, p), describeNames(t, c),
		"issuer " + dn(t, c.RawIssuer), strings.TrimSpace("subject " + dn(t, c.RawSubject)),
		describeTimes(t, p), describeLength(c), describeKey(t, c, p),
	}
	for _, e := range c.Extensions {
		mark := ""
		if e.Critical {
			mark = "!"
		}
		name := extensionNames[e.Id.String()]
		out = append(out, name+mark+" "+describeExtension(t, c, issuer, name, e.Value))
	}
	return out
}

func describeSerial(c *x509.Certificate) string {
	b := c.SerialNumber.Bytes()
	if len(b) == 18 && (b[0] == 5 || b[0] == 6) {
		return leafNumber
	}
	return fmt.Sprintf("serial %d octets", len(b))
}

func describeSignature(t *testing.T, p parted) string {
	if !bytes.Equal(p.algorithm, p.tbs.algorithm) {
		return "signature algorithms differ"
	}
	return "signature " + algorithmText(t, p.algorithm)
}

func algorithmText(t *testing.T, der []byte) string {
	t.Helper()
	var a struct {
		OID        asn1.ObjectIdentifier
		Parameters asn1.RawValue `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(der, &a); err != nil {
		t.Fatal(err)
	}
	name := map[string]string{
		"1.2.840.113549.1.1.11": "sha256WithRSAEncryption", "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
		"1.2.840.10045.4.3.2": "ecdsa-with-SHA256", "1.2.840.113549.1.1.1": "RSA",
	}[a.OID.String()]
	switch {
	case len(a.Parameters.FullBytes) == 0:
		return name + ", no parameters"
	case bytes.Equal(a.Parameters.FullBytes, asn1.NullBytes):
		return name + ", parameters NULL"
	}
	return fmt.Sprintf("%s, parameters %x", name, a.Parameters.FullBytes)
}

type rawAttribute struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

// rawName parses a Name, keeping string types.
func rawName(t *testing.T, der []byte) (out []rawAttribute) {
	t.Helper()
	var rdns []asn1.RawValue
	if _, err := asn1.Unmarshal(der, &rdns); err != nil {
		t.Fatal(err)
	}
	for _, rdn := range rdns {
		var set []rawAttribute
		if _, err := asn1.UnmarshalWithParams(rdn.FullBytes, &set, "set"); err != nil || len(set) != 1 {
			t.Fatalf("RDN of %d attributes, %v", len(set), err)
		}
		out = append(out, set...)
	}
	return out
}

var attributeNames = map[string]string{"2.5.4.6": "C", "2.5.4.10": "O", "2.5.4.3": "CN"}

func dn(t *testing.T, der []byte) string {
	var parts []string
	for _, a := range rawName(t, der) {
		parts = append(parts, attributeNames[a.Type.String()]+"="+string(a.Value.Bytes))
	}
	return strings.Join(parts, ", ")
}

func describeNames(t *testing.T, c *x509.Certificate) string {
	order := []string{"2.5.4.6", "2.5.4.10", "2.5.4.3"}
	for _, name := range [][]byte{c.RawIssuer, c.RawSubject} {
		last := -1
		for _, a := range rawName(t, name) {
			i := slices.Index(order, a.Type.String())
			if i <= last || a.Value.Tag != asn1.TagPrintableString {
				return fmt.Sprintf("DN with %v of tag %d", a.Type, a.Value.Tag)
			}
			last = i
		}
	}
	return printable
}

func describeTimes(t *testing.T, p parted) string {
	var v struct{ NotBefore, NotAfter asn1.RawValue }
	if _, err := asn1.Unmarshal(p.tbs.validity, &v); err != nil {
		t.Fatal(err)
	}
	if v.NotBefore.Tag == asn1.TagUTCTime && v.NotAfter.Tag == asn1.TagUTCTime {
		return utc
	}
	return "not both UTCTime"
}

// describeLength: notAfter belongs to a validity (RFC 5280 section 4.1.2.5),
// which the CA counts in and openssl did not when X1 was made.
func describeLength(c *x509.Certificate) string {
	const clock = "15:04:05"
	whole := c.NotBefore.Format(clock) == "00:00:00" && c.NotAfter.Format(clock) == "23:59:59"
	end := c.NotAfter
	if !c.IsCA || whole {
		end = end.Add(time.Second)
	}
	years := end.Year() - c.NotBefore.Year()
	rest := end.Sub(c.NotBefore.AddDate(years, 0, 0))
	if rest < 0 {
		years--
		rest = end.Sub(c.NotBefore.AddDate(years, 0, 0))
	}
	var parts []string
	for _, u := range []struct {
		n    int
		unit string
	}{{years, "years"}, {int(rest.Hours()) / 24, "days"}, {int(rest.Hours()) % 24, "hours"}, {int(rest.Seconds()) % 3600, "seconds"}} {
		if u.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", u.n, u.unit))
		}
	}
	length := "length " + strings.Join(parts, " ")
	switch {
	case whole && rest == 0:
		return length + ", whole days"
	case whole:
		return "whole days"
	}
	return length
}

func describeKey(t *testing.T, c *x509.Certificate, p parted) string {
	var spki struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(p.tbs.spki, &spki); err != nil {
		t.Fatal(err)
	}
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("key RSA %d%s", k.N.BitLen(), strings.TrimPrefix(algorithmText(t, spki.Algorithm.FullBytes), "RSA"))
	case *ecdsa.PublicKey:
		return "key " + k.Curve.Params().Name
	}
	return fmt.Sprintf("key %T", c.PublicKey)
}

func describeExtension(t *testing.T, c, issuer *x509.Certificate, name string, value []byte) string {
	switch name {
	case "keyUsage":
		return describeUsage(c.KeyUsage)
	case "extKeyUsage":
		return describeExtUsage(c.ExtKeyUsage)
	case "basicConstraints":
		switch {
		case !c.IsCA && bytes.Equal(value, []byte{0x30, 0}):
			return "empty"
		case c.MaxPathLen > 0 || c.MaxPathLenZero:
			return fmt.Sprintf("CA, pathlen %d", c.MaxPathLen)
		}
		return map[bool]string{true: "CA"}[c.IsCA]
	case "subjectKeyIdentifier":
		return describeKeyID(t, c)
	case "authorityKeyIdentifier":
		want := slices.Concat([]byte{0x30, 22, 0x80, 20}, issuer.SubjectKeyId)
		if bytes.Equal(value, want) {
			return "key id only, the issuer's"
		}
		return hex.EncodeToString(value)
	case "authorityInfoAccess":
		if len(c.OCSPServer) == 0 && len(c.IssuingCertificateURL) == 1 {
			return "caIssuers " + c.IssuingCertificateURL[0]
		}
	case "subjectAltName":
		if len(c.IPAddresses)+len(c.EmailAddresses)+len(c.URIs) == 0 {
			return "DNS:" + strings.Join(c.DNSNames, ", DNS:")
		}
	case "certificatePolicies":
		if bytes.Equal(value, []byte{0x30, 10, 0x30, 8, 6, 6, 0x67, 0x81, 0x0c, 1, 2, 1}) {
			return "2.23.140.1.2.1, no qualifier"
		}
	case "crlDistributionPoints":
		return describeCRL(c)
	case "signedCertificateTimestamps":
		return describeSCTs(t, c, value)
	}
	return hex.EncodeToString(value)
}

func describeUsage(u x509.KeyUsage) string {
	var parts []string
	for _, k := range []struct {
		bit  x509.KeyUsage
		name string
	}{
		{x509.KeyUsageDigitalSignature, "digitalSignature"}, {x509.KeyUsageKeyEncipherment, "keyEncipherment"},
		{x509.KeyUsageCertSign, "certSign"}, {x509.KeyUsageCRLSign, "crlSign"},
	} {
		if u&k.bit != 0 {
			parts = append(parts, k.name)
			u &^= k.bit
		}
	}
	if u != 0 {
		parts = append(parts, fmt.Sprintf("%b", u))
	}
	return strings.Join(parts, ", ")
}

func describeExtUsage(usages []x509.ExtKeyUsage) string {
	var parts []string
	for _, u := range usages {
		parts = append(parts, map[x509.ExtKeyUsage]string{
			x509.ExtKeyUsageServerAuth: "serverAuth", x509.ExtKeyUsageClientAuth: "clientAuth"}[u])
	}
	return strings.Join(parts, ", ")
}

func describeKeyID(t *testing.T, c *x509.Certificate) string {
	var spki struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(c.RawSubjectPublicKeyInfo, &spki); err != nil {
		t.Fatal(err)
	}
	old, short := sha1.Sum(spki.Key.Bytes), sha256.Sum256(spki.Key.Bytes)
	switch {
	case bytes.Equal(c.SubjectKeyId, old[:]):
		return "SHA-1 of key"
	case bytes.Equal(c.SubjectKeyId, short[:20]):
		return "SHA-256/160 of key"
	}
	return hex.EncodeToString(c.SubjectKeyId)
}

func describeCRL(c *x509.Certificate) string {
	if len(c.CRLDistributionPoints) != 1 {
		return fmt.Sprint(c.CRLDistributionPoints)
	}
	url := c.CRLDistributionPoints[0]
	sum := 0
	for _, b := range c.SerialNumber.Bytes() {
		sum = (sum*256 + int(b)) % 128
	}
	if rest, ok := strings.CutSuffix(url, fmt.Sprintf("/%d.crl", sum+1)); ok {
		return rest + "/N.crl, N = serial mod 128 + 1"
	}
	return url
}

func describeSCTs(t *testing.T, c *x509.Certificate, value []byte) string {
	scts, err := parseSCTs(extension(oidSCTList, false, value))
	if err != nil {
		t.Fatal(err)
	}
	issued := c.NotBefore.Add(58*time.Minute + 30*time.Second)
	var kinds []string
	for _, s := range scts {
		kind := "RFC 6962"
		if n := len(s.extensions); n > 0 {
			kind = fmt.Sprintf("static-CT, %d octets of extensions", n)
		}
		at := time.UnixMilli(int64(s.timestamp))
		if s.version != 0 || s.hash != 4 || s.algorithm != 3 || at.Before(issued) || at.After(issued.Add(time.Second)) {
			kind += fmt.Sprintf(" (odd: %+v at %v)", s, at)
		}
		kinds = append(kinds, kind)
	}
	size := fmt.Sprintf("%d", len(value))
	if len(value) >= 249 && len(value) <= 255 {
		size = "249 to 255"
	}
	return fmt.Sprintf("%d: %s; value of %s octets", len(scts), strings.Join(kinds, "; "), size)
}
