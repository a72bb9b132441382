package harness

import (
	"slices"
	"strings"
)

// A Reason is why a certificate was refused, independent of the words or
// numbers in which a particular TLS library says so.
type Reason string

const (
	Expired          Reason = "expired"           // RFC 5280 6.1.3(a)(2), after notAfter
	NotYetValid      Reason = "not-yet-valid"     // RFC 5280 6.1.3(a)(2), before notBefore
	NameMismatch     Reason = "name-mismatch"     // RFC 9525 section 6
	NotTrusted       Reason = "not-trusted"       // no path of right signatures to the anchor
	KeyUsage         Reason = "key-usage"         // RFC 5280 4.2.1.3
	ExtKeyUsage      Reason = "ext-key-usage"     // RFC 5280 4.2.1.12
	NetscapeType     Reason = "ns-cert-type"      // the Netscape certificate type
	BadHash          Reason = "bad-hash"          // signed with a hash that the policy refuses
	BadAlgorithm     Reason = "bad-algorithm"     // signed with an algorithm that the policy refuses
	BadKey           Reason = "bad-key"           // a key that the policy refuses
	Malformed        Reason = "malformed"         // does not parse, or an unknown critical extension
	Unsupported      Reason = "unsupported"       // parses, but holds a kind of key the device can not use
	ChainTooLong     Reason = "chain-too-long"    // more certificates than the device will walk
	BadPossession    Reason = "bad-possession"    // the server did not prove that it holds the key
	MessageTooBig    Reason = "message-too-large" // a handshake message over the device's limit
	NoAnchor         Reason = "no-anchor"         // nothing loaded to trust
	AnchorInvalid    Reason = "anchor-invalid"    // the anchor itself does not load
	NoHostname       Reason = "no-hostname"       // no server_hostname to check against
	OtherReason      Reason = "other"             // the library's own "other"
	UsageUnspecified Reason = "usage"             // a code that says usage, and not which
)

// Texts that mbedTLS 3.6 gives for the flags of a failed verification, from
// MBEDTLS_X509_CRT_ERROR_INFO_LIST in include/mbedtls/x509.h. Matching is by
// a fragment, for versions differ in punctuation.
var verifyTexts = []struct {
	text   string
	reason Reason
}{
	{"certificate validity has expired", Expired},
	{"does not match with the expected CN", NameMismatch},
	{"not correctly signed by the trusted CA", NotTrusted},
	{"Other reason", OtherReason},
	{"certificate validity starts in the future", NotYetValid},
	{"does not match the keyUsage", KeyUsage},
	{"does not match the extendedKeyUsage", ExtKeyUsage},
	{"does not match the nsCertType", NetscapeType},
	{"signed with an unacceptable hash", BadHash},
	{"signed with an unacceptable PK alg", BadAlgorithm},
	{"signed with an unacceptable key", BadKey},
	{"requires server_hostname", NoHostname},
	{"invalid cert", AnchorInvalid},
}

// Error codes of mbedTLS that name one reason by themselves, from the
// headers of 3.6. The low seven bits of an X.509 code may hold an ASN.1
// error added to it.
var verifyCodes = map[int]Reason{
	0x7A00: UsageUnspecified, // SSL_BAD_CERTIFICATE: raised where only KU or EKU is wrong
	0x3000: ChainTooLong,     // X509_FATAL_ERROR: more than MBEDTLS_X509_MAX_INTERMEDIATE_CA
	0x7680: NoAnchor,         // SSL_CA_CHAIN_REQUIRED
	0x7100: MessageTooBig,    // SSL_BAD_INPUT_DATA: a message over MBEDTLS_SSL_IN_CONTENT_LEN
	0x7300: Malformed,        // SSL_DECODE_ERROR
	0x3C80: Unsupported,      // PK_UNKNOWN_PK_ALG
	0x3D00: Unsupported,      // PK_KEY_INVALID_FORMAT (2.x: PK_INVALID_PUBKEY is 0x3B00)
	0x3B00: Unsupported,      // PK_INVALID_PUBKEY
	0x3A00: Unsupported,      // PK_INVALID_ALG
	0x3A80: Unsupported,      // PK_UNKNOWN_NAMED_CURVE
}

const (
	codeFatalAlert   = 0x7780 // SSL_FATAL_ALERT_MESSAGE: the server sent one
	codeVerifyFailed = 0x2700 // X509_CERT_VERIFY_FAILED
)

// enomem is POSIX's, the same on every port.
const enomem = 12

// memoryCodes are what the modules of mbedTLS call a lack of memory: the high
// part of a code, and the low part that may be added to another's.
var (
	memoryCodes = map[int]bool{
		0x1180: true, // PEM_ALLOC_FAILED
		0x2880: true, // X509_ALLOC_FAILED
		0x3F80: true, // PK_ALLOC_FAILED
		0x4D80: true, // ECP_ALLOC_FAILED
		0x5180: true, // MD_ALLOC_FAILED
		0x6180: true, // CIPHER_ALLOC_FAILED
		0x7F00: true, // SSL_ALLOC_FAILED
	}
	memoryLowCodes = map[int]bool{
		0x10: true, // MPI_ALLOC_FAILED
		0x6A: true, // ASN1_ALLOC_FAILED
	}
)

// outOfMemory reports whether an exception is about memory, which says nothing
// of verification. Firmware without mbedTLS's texts gives the number alone.
func outOfMemory(exception, text string, errno int) bool {
	switch code := -errno; {
	case exception == "MemoryError", strings.Contains(strings.ToLower(text), "alloc"):
		return true
	case exception != "OSError":
		return false
	case code > 0x7F:
		return memoryCodes[code&^0x7F] || memoryLowCodes[code&0x7F]
	}
	return errno == enomem
}

// classification is what an exception says about verification.
type classification struct {
	reasons  []Reason
	codeOnly bool // a verification failed and the number does not say why
}

// rejects reports whether the exception speaks of verification at all.
func (c classification) rejects() bool { return len(c.reasons) > 0 || c.codeOnly }

// classify reads an exception as MicroPython raises it. A reset, a timeout,
// an EOF or a lack of memory gives no reason: none of them is a rejection.
func classify(phase Phase, exception, text string, errno int) classification {
	var c classification
	if outOfMemory(exception, text, errno) {
		return c
	}
	for _, t := range verifyTexts {
		reason := t.reason
		if reason == AnchorInvalid && phase == PhaseHandshake {
			reason = Malformed // the same words for a certificate that the server sent
		}
		if strings.Contains(text, t.text) && !slices.Contains(c.reasons, reason) {
			c.reasons = append(c.reasons, reason)
		}
	}
	if len(c.reasons) == 0 && exception == "ValueError" && phase == PhaseHandshake {
		// modtls raises ValueError from a handshake for a verification that
		// failed, with the library's words for why. Words that are not known
		// here say no more than a bare code: the alert must.
		c.codeOnly = true
	}
	if len(c.reasons) > 0 || exception != "OSError" {
		return c
	}
	switch code := -errno; {
	case code == codeVerifyFailed:
		c.codeOnly = true
	case verifyCodes[code] != "":
		c.reasons = []Reason{verifyCodes[code]}
	case code >= 0x2080 && code < 0x2900 && phase == PhaseAnchor:
		c.reasons = []Reason{AnchorInvalid}
	case code >= 0x2080 && code < 0x2900:
		// The X.509 module's codes, an ASN.1 error possibly added.
		c.reasons = []Reason{Malformed}
	case phase == PhaseHandshake && strayASN1[errno]:
		c.reasons = []Reason{Malformed}
	}
	return c
}

// strayASN1 holds errno values that are ASN.1 errors of mbedTLS in disguise:
// extmod/modtls_mbedtls.c turns any code below 256 into an errno. 0x68
// (INVALID_DATA) is left out, for as errno 104 it is ECONNRESET, which must
// never count as a rejection.
var strayASN1 = map[int]bool{
	0x60: true, // OUT_OF_DATA
	0x62: true, // UNEXPECTED_TAG
	0x66: true, // LENGTH_MISMATCH
}

// Explain fills Result, Reason, Reasons and CodeOnly of an outcome whose
// client code raised an exception: rejected where the exception names a
// reason of verification, failed otherwise.
func (o *Outcome) Explain() {
	c := classify(o.Phase, o.Exception, o.Detail, o.Errno)
	o.Result = Failed
	if c.rejects() {
		o.Result = Rejected
	}
	o.Reasons, o.CodeOnly = c.reasons, c.codeOnly
	if len(o.Reasons) > 0 {
		o.Reason = o.Reasons[0]
	}
}

// brokeOff reports whether the TLS library ended the handshake with an error
// of its own that is no matter of memory. Sockets' errors are small numbers.
func (o Outcome) brokeOff() bool {
	return o.Result == Failed && o.Phase == PhaseHandshake && o.Exception == "OSError" && -o.Errno >= 0x1000 &&
		!outOfMemory(o.Exception, o.Detail, o.Errno)
}

// connectionErrors are the numbers of a socket's errors, Linux's and lwIP's
// and newlib's: EAGAIN, EPIPE, ECONNABORTED, ECONNRESET, ETIMEDOUT (twice),
// ECONNREFUSED, EHOSTUNREACH (twice).
var connectionErrors = []int{11, 32, 103, 104, 110, 116, 111, 113, 118}

// unconnected reports whether the network failed rather than the client code.
func (o Outcome) unconnected() bool {
	return o.Exception == "OSError" && (o.Phase == PhaseConnect || slices.Contains(connectionErrors, o.Errno))
}

// fits reports whether the device's reasons are exactly those expected:
// all of e.Reasons, nothing besides but e.Also.
func (e Expect) fits(got []Reason) bool {
	for _, want := range e.Reasons {
		if !slices.ContainsFunc(got, func(g Reason) bool { return same(g, want) }) {
			return false
		}
	}
	for _, g := range got {
		if !slices.ContainsFunc(slices.Concat(e.Reasons, e.Also), func(w Reason) bool { return same(g, w) }) {
			return false
		}
	}
	return true
}

// same compares reasons, knowing that one code stands for either usage.
func same(got, want Reason) bool {
	return got == want || got == UsageUnspecified && (want == KeyUsage || want == ExtKeyUsage)
}
