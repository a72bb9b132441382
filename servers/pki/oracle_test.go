package pki

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"trustrig/harness"
)

// A question is a case put to an oracle.
type question struct {
	chain  *Chain
	anchor []byte // nil for none
	host   string
	at     time.Time
}

// An answer is an oracle's. Reasons are empty if it accepted.
type answer struct {
	reasons []harness.Reason
	detail  string
}

func (a answer) result() harness.Result {
	if len(a.reasons) > 0 {
		return harness.Rejected
	}
	return harness.Accepted
}

// An oracle is an independent verifier.
type oracle struct {
	name string
	ask  func(*testing.T, question) answer
}

func oracles(t *testing.T) []oracle {
	return []oracle{{"go", askGo}, {"openssl", opensslOracle(t)}}
}

// askGo judges with crypto/x509.
func askGo(_ *testing.T, q question) answer {
	opts := x509.VerifyOptions{
		DNSName:       q.host,
		CurrentTime:   q.at,
		Roots:         x509.NewCertPool(),
		Intermediates: x509.NewCertPool(),
	}
	if net.ParseIP(q.host) != nil {
		opts.DNSName = "[" + q.host + "]"
	}
	if q.anchor != nil {
		anchor, err := x509.ParseCertificate(q.anchor)
		if err != nil {
			return answer{[]harness.Reason{harness.AnchorInvalid}, err.Error()}
		}
		opts.Roots.AddCert(anchor)
	}
	var leaf *x509.Certificate
	for i, der := range q.chain.Sent {
		c, err := x509.ParseCertificate(der)
		switch {
		case err != nil:
			return answer{[]harness.Reason{harness.Malformed}, err.Error()}
		case i == 0:
			leaf = c
		default:
			opts.Intermediates.AddCert(c)
		}
	}
	if leaf == nil {
		return answer{[]harness.Reason{harness.Malformed}, "no certificate"}
	}
	_, err := leaf.Verify(opts)
	if err == nil {
		return answer{}
	}
	return answer{[]harness.Reason{goReason(err)}, err.Error()}
}

func goReason(err error) harness.Reason {
	var (
		invalid x509.CertificateInvalidError
		host    x509.HostnameError
		unknown x509.UnknownAuthorityError
		ext     x509.UnhandledCriticalExtension
	)
	switch {
	case errors.As(err, &host):
		return harness.NameMismatch
	case errors.As(err, &unknown):
		return harness.NotTrusted
	case errors.As(err, &ext):
		return harness.Malformed
	case !errors.As(err, &invalid):
		return harness.OtherReason
	}
	switch invalid.Reason {
	case x509.Expired:
		if bytes.Contains([]byte(err.Error()), []byte("is before")) {
			return harness.NotYetValid
		}
		return harness.Expired
	case x509.IncompatibleUsage:
		return harness.ExtKeyUsage
	case x509.NotAuthorizedToSign, x509.TooManyIntermediates, x509.NameMismatch,
		x509.CANotAuthorizedForThisName, x509.NameConstraintsWithoutSANs, x509.UnconstrainedName:
		return harness.NotTrusted
	}
	return harness.OtherReason
}

// opensslOracle judges with "openssl verify" at security level 2, which
// Debian's TLS clients have.
func opensslOracle(t *testing.T) func(*testing.T, question) answer {
	t.Helper()
	path := findOpenSSL(t)
	return func(t *testing.T, q question) answer { return askOpenSSL(t, path, "2", q) }
}

func findOpenSSL(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("openssl is missing, and CI must have it: make deps")
		}
		t.Skip("openssl is missing, so there is no second oracle: make deps installs it")
	}
	return path
}

func askOpenSSL(t *testing.T, path, level string, q question) answer {
	t.Helper()
	dir := t.TempDir()
	file := func(name string, certs ...[]byte) string {
		var text []byte
		for _, der := range certs {
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
		}
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	args := []string{"verify", "-no-CAfile", "-no-CApath", "-no-CAstore", "-purpose", "sslserver", "-auth_level", level,
		"-attime", strconv.FormatInt(q.at.Unix(), 10)}
	if net.ParseIP(q.host) != nil {
		args = append(args, "-verify_ip", q.host)
	} else {
		args = append(args, "-verify_hostname", q.host)
	}
	if q.anchor != nil {
		args = append(args, "-trusted", file("anchor.pem", q.anchor))
		if !selfIssued(q.anchor) {
			args = append(args, "-partial_chain")
		}
	}
	if len(q.chain.Sent) == 0 {
		return answer{[]harness.Reason{harness.Malformed}, "no certificate"}
	}
	if len(q.chain.Sent) > 1 {
		args = append(args, "-untrusted", file("untrusted.pem", q.chain.Sent[1:]...))
	}
	args = append(args, file("leaf.pem", q.chain.Sent[0]))

	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	output, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
	if err == nil {
		return answer{}
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("running openssl: %v", err)
	}
	reasons := opensslReasons(output)
	if len(reasons) == 0 {
		t.Fatalf("openssl failed and gave no reason: %s", output)
	}
	return answer{reasons, string(bytes.ReplaceAll(bytes.TrimSpace(output), []byte("\n"), []byte("; ")))}
}

// selfIssued reports whether subject and issuer are the same name: an anchor
// that is no root needs -partial_chain.
func selfIssued(der []byte) bool {
	c, err := x509.ParseCertificate(der)
	return err == nil && bytes.Equal(c.RawIssuer, c.RawSubject)
}

var opensslError = regexp.MustCompile(`(?m)^error (\d+) at \d+ depth lookup|^(Unable to load certificate|Could not read )`)

// opensslCodes are X509_V_ERR_* of include/openssl/x509_vfy.h, version 3.0.
var opensslCodes = map[int]harness.Reason{
	2:  harness.NotTrusted, // UNABLE_TO_GET_ISSUER_CERT
	6:  harness.Malformed,  // UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY
	7:  harness.NotTrusted, // CERT_SIGNATURE_FAILURE
	9:  harness.NotYetValid,
	10: harness.Expired,
	13: harness.Malformed,        // ERROR_IN_CERT_NOT_BEFORE_FIELD
	14: harness.Malformed,        // ERROR_IN_CERT_NOT_AFTER_FIELD
	18: harness.NotTrusted,       // DEPTH_ZERO_SELF_SIGNED_CERT
	19: harness.NotTrusted,       // SELF_SIGNED_CERT_IN_CHAIN
	20: harness.NotTrusted,       // UNABLE_TO_GET_ISSUER_CERT_LOCALLY
	21: harness.NotTrusted,       // UNABLE_TO_VERIFY_LEAF_SIGNATURE
	24: harness.NotTrusted,       // INVALID_CA
	25: harness.NotTrusted,       // PATH_LENGTH_EXCEEDED
	26: harness.UsageUnspecified, // INVALID_PURPOSE, from either usage
	30: harness.NotTrusted,       // AKID_SKID_MISMATCH
	32: harness.NotTrusted,       // KEYUSAGE_NO_CERTSIGN
	34: harness.Malformed,        // UNHANDLED_CRITICAL_EXTENSION
	41: harness.Malformed,        // INVALID_EXTENSION
	47: harness.NotTrusted,       // PERMITTED_VIOLATION
	48: harness.NotTrusted,       // EXCLUDED_VIOLATION
	53: harness.NotTrusted,       // UNSUPPORTED_NAME_SYNTAX
	62: harness.NameMismatch,
	79: harness.NotTrusted,   // INVALID_CA, which error 26 follows
	64: harness.NameMismatch, // IP_ADDRESS_MISMATCH
	66: harness.BadKey,       // EE_KEY_TOO_SMALL
	67: harness.BadKey,       // CA_KEY_TOO_SMALL
	68: harness.BadHash,      // CA_MD_TOO_WEAK
}

func opensslReasons(output []byte) []harness.Reason {
	var reasons []harness.Reason
	if bytes.Contains(output, []byte("error 79 ")) {
		output = bytes.ReplaceAll(output, []byte("error 26 "), nil)
	}
	for _, m := range opensslError.FindAllSubmatch(output, -1) {
		reason := harness.Malformed // a file that does not load
		if len(m[1]) > 0 {
			code, _ := strconv.Atoi(string(m[1]))
			reason = harness.OtherReason
			if known, ok := opensslCodes[code]; ok {
				reason = known
			}
		}
		if !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	return reasons
}
