package pki

// Choice returns what leaves the result to the device, by the Source of a
// case that must be either: the clause's own words in quotation marks where it
// has such, else what it binds others to. It is "" for a source that leaves
// nothing open.
func Choice(source string) string { return choices[source] }

// furtherLimit is RFC 5280's leave to be stricter than its algorithm.
const furtherLimit = `6.1: "an application MAY augment this algorithm to further limit the set of valid paths"`

// onlyWriters ends the sentence where a clause demands an encoding of those
// who write it, and none says what a reader does with another.
const onlyWriters = " binds who encodes; what a device does with another encoding that it can read, no clause says; " + furtherLimit

var choices = map[string]string{
	// The anchor.
	"RFC 5280 6.1.1(d)": `6.1: "this self-signed certificate is not included as part of the prospective certification path"; ` +
		`6.1.1(d) takes of it a name and a key; ` + furtherLimit,
	"RFC 5280 6.1.1(d), RFC 5937 3": `RFC 5280 6.1: "this self-signed certificate is not included as part of the prospective certification path"; ` +
		`RFC 5937 adds the anchor's constraints to the inputs, for those who implement it`,

	// The path.
	"RFC 5280 6.1": furtherLimit + "; no clause says how long a path a device has to walk",
	orderIsOpen: `RFC 5246 7.4.2: "Each following certificate MUST directly certify the one preceding it"; ` +
		`RFC 8446 4.4.2: "all implementations SHOULD be prepared to handle potentially extraneous certificates and arbitrary orderings from any TLS version"`,
	"RFC 5280 6.1, " + orderIsOpen: `RFC 5280 6.1: "The procedure performed to obtain this sequence of certificates is outside the scope of this specification"; ` +
		`RFC 8446 4.4.2: "all implementations SHOULD be prepared to handle potentially extraneous certificates and arbitrary orderings from any TLS version"`,
	"RFC 5280 6.1, 4.2.1.1": `4.2.1.2: "Applications are not required to verify that key identifiers match when performing certification path validation"`,
	"RFC 5280 4.1.2.4":      `"The issuer field MUST contain a non-empty distinguished name (DN)"` + onlyWriters,
	"RFC 5280 4.2.1.9":      `"Usually, the last certificate is an end entity certificate, but it can be a CA certificate"; ` + furtherLimit,
	"RFC 5280 4.2.1.12": `"Applications that require the presence of a particular purpose MAY reject certificates that include the anyExtendedKeyUsage OID but not the particular OID expected for the application"; ` +
		`of CA certificates no more than "In general, this extension will appear only in end entity certificates"`,

	// Names.
	"RFC 5280 4.1.2.6(c)":              `"Certificate users SHOULD be prepared to receive certificates with these types"`,
	"RFC 5280 4.2.1.6, RFC 1034 3.5":   `the "preferred name syntax", which has no dot at the end,` + onlyWriters,
	"RFC 5280 4.2.1.6 (empty names)":   `"The behavior of clients that encounter such a certificate when processing a certification path is not defined by this profile"`,
	"RFC 9525 7.1":                     `"Protection against a wildcard that identifies a public suffix [...] is beyond the scope of this document"`,
	"RFC 5280 4.2.1.10":                `"then the application MUST either process the constraint or reject the certificate"`,
	"RFC 5280 4.1.2.8":                 `"Applications conforming to this profile SHOULD be capable of parsing certificates that include unique identifiers"`,
	"RFC 5280 4.2":                     `"A certificate-using system MUST reject the certificate if it encounters a critical extension it does not recognize or a critical extension that contains information that it cannot process"; that it is wrongly critical, no clause makes it look at`,
	"RFC 5280 4.2.1.4":                 `"the path validation software MUST be able to interpret this extension (including the optional qualifier), or MUST reject the certificate"`,
	"RFC 7633, RFC 5280 4.2":           `RFC 5280 4.2: "A non-critical extension MAY be ignored if it is not recognized"`,
	"RFC 5280 4.1.2.5.1":               `"UTCTime values MUST be expressed in Greenwich Mean Time (Zulu) and MUST include seconds"` + onlyWriters,
	"RFC 5280 4.1.2.5.2":               `"GeneralizedTime values MUST be expressed in Greenwich Mean Time (Zulu) and MUST include seconds", and "MUST NOT include fractional seconds",` + onlyWriters,
	"RFC 5280 4.1.2.1":                 `"Implementations SHOULD be prepared to accept any version certificate"; version 2 with extensions` + onlyWriters,
	"RFC 5280 4.1.2.2":                 `"Certificate users SHOULD be prepared to gracefully handle such certificates", and "MUST be able to handle serialNumber values up to 20 octets"`,
	"RFC 5280 4.1.2.2, X.690 8.3.1":    `that an INTEGER has an octet` + onlyWriters,
	"RFC 5280 4.1, X.690 10.1":         `DER's shortest length` + onlyWriters,
	"RFC 5280 4.1, RFC 8446 4.4.2":     `that a certificate fills its place in the message` + onlyWriters,
	"RFC 5280 4.2.1.9, X.690 11.1":     `DER's TRUE, which is FF,` + onlyWriters,
	"RFC 3279 2.2.3, X.690 10.1":       `the DER of an ECDSA signature's two numbers` + onlyWriters,
	"RFC 5246 6.2.1, RFC 8446 5.1":     `RFC 8446 5.1: "Handshake messages MAY be coalesced into a single TLSPlaintext record or fragmented across several records"; how long a message a device can hold, no clause says`,
	"RFC 8017 3.1":                     `a modulus is a product of primes of no bounded size; how large a one a device can compute with, no clause says`,
	"RFC 5246 7.4.1.4.1, RFC 8446 9.1": `RFC 5246 knows no RSASSA-PSS; only of a client of TLS 1.3, RFC 8446 9.1 demands "rsa_pss_rsae_sha256 (for CertificateVerify and certificates)"`,
	"RFC 8446 9.1":                     `"A TLS-compliant application MUST support digital signatures with rsa_pkcs1_sha256 (for certificates), [...] and ecdsa_secp256r1_sha256": Ed25519 is not among them`,
	anyCurve:                           `RFC 8446 9.1: "A TLS-compliant application MUST support digital signatures with [...] ecdsa_secp256r1_sha256": no other curve is among them`,
}
