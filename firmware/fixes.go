package firmware

import "golang.org/x/mod/semver"

// BoardMbedTLS is the mbedTLS of the boards' releases of today, OpenMV 4.7 to
// 5.0.0.
const BoardMbedTLS = "3.6.2"

// A Fix is an advisory's, as the ChangeLog of mbedTLS has it (CVE-2026-49300:
// its release notes of 3.6.7).
type Fix struct {
	CVE  string `json:"cve"`
	In   string `json:"in"` // the first version of 3.6 that has it
	What string `json:"what"`
}

// fixes are those after the boards' version that touch a camera that connects
// as a TLS client, loads an anchor and checks certificates.
var fixes = []Fix{
	{"CVE-2025-27809", "3.6.3", "a client that sets no host name checks none, and was not told"},
	{"CVE-2025-27810", "3.6.3", "Finished of TLS 1.2 is computed wrongly where memory runs out"},
	{"CVE-2025-49087", "3.6.4", "the time that PKCS#7 padding takes tells of the plaintext"},
	{"CVE-2025-52497", "3.6.4", "a malformed PEM key is read past its end"},
	{"CVE-2025-54764", "3.6.5", "the time of a modular inversion tells of an RSA key"},
	{"CVE-2025-59438", "3.6.5", "the time of CBC decryption tells of the plaintext"},
	{"CVE-2026-25833", "3.6.6", "a host name in the form of an IPv6 address is read before its beginning"},
	{"CVE-2026-25834", "3.6.6", "a TLS 1.2 client takes a signature algorithm that it did not offer"},
	{"CVE-2026-49300", "3.6.7", "a certificate without the CA bit issues others"},
}

// fixesBetween are those that came after the version old, up to the version
// new; those that are still to come after it where new is "".
func fixesBetween(old, new string) []Fix {
	var out []Fix
	for _, f := range fixes {
		if semver.Compare("v"+f.In, "v"+old) > 0 && (new == "" || semver.Compare("v"+f.In, "v"+new) <= 0) {
			out = append(out, f)
		}
	}
	return out
}
