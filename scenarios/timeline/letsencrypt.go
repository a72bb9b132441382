package timeline

import (
	"time"

	"trustrig/servers/pki"
)

// What Let's Encrypt has made known, with the days on which it did. Names are
// of its example twin; dates are the real ones, from the certificates
// themselves (letsencrypt.org/certificates) and from these posts:
//
//	2020-12-21 Extending Android Device Compatibility (signed on 2021-01-20)
//	2023-07-10 Shortening the Let's Encrypt Chain of Trust
//	2024-03-19 New Intermediate Certificates
//	2024-04-11 Deploying Let's Encrypt's New Issuance Chains
//	2025-11-24 New "Generation Y" Hierarchy
//	2025-12-02 Decreasing Certificate Lifetimes to 45 Days
//	2025-12-15 Upcoming Changes to Let's Encrypt Certificates (community forum)

// yearlyKnown is when the CA said that it will change its intermediates every
// year.
var yearlyKnown = day(2024, 4, 11)

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

// lastSecond is the end of a day.
func lastSecond(year int, month time.Month, d int) time.Time {
	return day(year, month, d+1).Add(-time.Second)
}

func clock(d time.Time, hour, minute, second int) time.Time {
	return d.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second)
}

const (
	group = "Example Security Research Group"
	short = "ESRG"
	lets  = "Let's Example"
)

var authorities = []pki.Authority{
	{Label: "dst", Organization: "Digital Signature Example Co.", Name: "DSE Root CA X3", RSA: 2048, SHA1: true},
	{Label: "x1", Organization: group, Name: "ESRG Root X1", RSA: 4096, SHA1: true},
	{Label: "x2", Organization: group, Name: "ESRG Root X2", SHA1: true},
	{Label: "yr", Organization: short, Name: "Root YR", RSA: 4096},
	{Label: "ye", Organization: short, Name: "Root YE"},
	{Label: "r3", Organization: lets, Name: "R3", RSA: 2048, SHA1: true},
	{Label: "r10", Organization: lets, Name: "R10", RSA: 2048},
	{Label: "r11", Organization: lets, Name: "R11", RSA: 2048},
	{Label: "r12", Organization: lets, Name: "R12", RSA: 2048},
	{Label: "r13", Organization: lets, Name: "R13", RSA: 2048},
	{Label: "e5", Organization: lets, Name: "E5"},
	{Label: "e6", Organization: lets, Name: "E6"},
	{Label: "e7", Organization: lets, Name: "E7"},
	{Label: "e8", Organization: lets, Name: "E8"},
	{Label: "yr1", Organization: lets, Name: "YR1", RSA: 2048},
	{Label: "yr2", Organization: lets, Name: "YR2", RSA: 2048},
	{Label: "ye1", Organization: lets, Name: "YE1"},
	{Label: "ye2", Organization: lets, Name: "YE2"},
}

var certificates = []certificate{
	self("dst", clock(day(2000, 9, 30), 21, 12, 19), clock(day(2021, 9, 30), 14, 1, 15)),
	self("x1", clock(day(2015, 6, 4), 11, 4, 38), clock(day(2035, 6, 4), 11, 4, 38)),
	self("x2", day(2020, 9, 4), clock(day(2040, 9, 17), 16, 0, 0)),
	self("yr", day(2025, 9, 3), lastSecond(2045, 9, 2)),
	self("ye", day(2025, 9, 3), lastSecond(2045, 9, 2)),

	cross("x1", "dst", clock(day(2021, 1, 20), 19, 14, 3), clock(day(2024, 9, 30), 18, 14, 3), day(2021, 1, 20)),
	cross("yr", "x1", day(2025, 9, 3), lastSecond(2032, 9, 2), day(2025, 11, 24)),
	cross("ye", "x2", day(2025, 9, 3), lastSecond(2032, 9, 2), day(2025, 11, 24)),
	cross("x2", "x1", day(2025, 9, 3), lastSecond(2032, 9, 2), day(2025, 11, 24)),
	// The cross-signed certificates lacked extKeyUsage; these took their places.
	cross("yr", "x1", day(2026, 5, 13), lastSecond(2032, 9, 2), day(2026, 5, 13)),
	cross("ye", "x2", day(2026, 5, 13), lastSecond(2032, 9, 2), day(2026, 5, 13)),
	cross("x2", "x1", day(2026, 5, 13), lastSecond(2032, 9, 2), day(2026, 5, 13)),

	issuing("r3", "x1", day(2020, 9, 4), clock(day(2025, 9, 15), 16, 0, 0), day(2020, 9, 17)),
	issuing("r10", "x1", day(2024, 3, 13), lastSecond(2027, 3, 12), day(2024, 3, 19)),
	issuing("r11", "x1", day(2024, 3, 13), lastSecond(2027, 3, 12), day(2024, 3, 19)),
	issuing("r12", "x1", day(2024, 3, 13), lastSecond(2027, 3, 12), day(2024, 3, 19)),
	issuing("r13", "x1", day(2024, 3, 13), lastSecond(2027, 3, 12), day(2024, 3, 19)),
	issuing("e5", "x1", day(2024, 3, 13), lastSecond(2027, 3, 12), day(2024, 3, 19)),
	issuing("e6", "x1", day(2024, 3, 13), lastSecond(2027, 3, 12), day(2024, 3, 19)),
	issuing("e7", "x1", day(2024, 3, 13), lastSecond(2027, 3, 12), day(2024, 3, 19)),
	issuing("e8", "x1", day(2024, 3, 13), lastSecond(2027, 3, 12), day(2024, 3, 19)),
	issuing("yr1", "yr", day(2025, 9, 3), lastSecond(2028, 9, 2), day(2025, 11, 24)),
	issuing("yr2", "yr", day(2025, 9, 3), lastSecond(2028, 9, 2), day(2025, 11, 24)),
	issuing("ye1", "ye", day(2025, 9, 3), lastSecond(2028, 9, 2), day(2025, 11, 24)),
	issuing("ye2", "ye", day(2025, 9, 3), lastSecond(2028, 9, 2), day(2025, 11, 24)),
}

// self is a root, known from its first day.
func self(label string, from, to time.Time) certificate {
	return certificate{AuthorityCertificate: pki.AuthorityCertificate{Subject: label, Issuer: label, NotBefore: from, NotAfter: to}, known: from}
}

func cross(subject, issuer string, from, to, known time.Time) certificate {
	return certificate{AuthorityCertificate: pki.AuthorityCertificate{Subject: subject, Issuer: issuer, NotBefore: from, NotAfter: to}, known: known}
}

func issuing(subject, issuer string, from, to, known time.Time) certificate {
	c := cross(subject, issuer, from, to, known)
	c.Issues = true
	return c
}

var (
	everyKey = []string{"ecdsa", "rsa"}
	everyone = []Practice{Default, Longest, ByHand}
)

// phases overlap in nothing: of those that fit a server, the last to begin
// counts.
var phases = []phase{
	{name: "r3 over dst", what: "the default chain ends at the cross-signed ESRG Root X1", keyTypes: everyKey, practice: everyone,
		from: day(2021, 5, 4), known: day(2021, 1, 20), issuers: []string{"r3"}, parent: "x1", above: []string{"x1/dst"}},
	{name: "r3", what: "the cross-signed ESRG Root X1 leaves the default chain", keyTypes: everyKey, practice: []Practice{Default},
		from: day(2024, 2, 8), known: day(2023, 7, 10), issuers: []string{"r3"}, parent: "x1"},
	{name: "r3, no longest", what: "the chain with the cross-signed ESRG Root X1 is offered no more", keyTypes: everyKey, practice: []Practice{Longest},
		from: day(2024, 6, 6), known: day(2023, 7, 10), issuers: []string{"r3"}, parent: "x1"},
	{name: "2024 ecdsa", what: "E5 and E6 take R3's place", keyTypes: []string{"ecdsa"}, practice: []Practice{Default},
		from: day(2024, 6, 6), known: day(2024, 4, 11), issuers: []string{"e5", "e6"}, parent: "x1"},
	{name: "2024 ecdsa, no longest", what: "E5 and E6 take R3's place, and the chain with the cross-signed ESRG Root X1 is offered no more", keyTypes: []string{"ecdsa"}, practice: []Practice{Longest},
		from: day(2024, 6, 6), known: day(2024, 4, 11), issuers: []string{"e5", "e6"}, parent: "x1"},
	{name: "2024 rsa", what: "R10 and R11 take R3's place", keyTypes: []string{"rsa"}, practice: []Practice{Default},
		from: day(2024, 6, 6), known: day(2024, 4, 11), issuers: []string{"r10", "r11"}, parent: "x1"},
	{name: "2024 rsa, no longest", what: "R10 and R11 take R3's place, and the chain with the cross-signed ESRG Root X1 is offered no more", keyTypes: []string{"rsa"}, practice: []Practice{Longest},
		from: day(2024, 6, 6), known: day(2024, 4, 11), issuers: []string{"r10", "r11"}, parent: "x1"},
	{name: "2024 ecdsa by hand", what: "E5 and E6 take R3's place", keyTypes: []string{"ecdsa"}, practice: []Practice{ByHand},
		from: day(2024, 6, 6), known: day(2024, 4, 11), issuers: []string{"e5", "e6"}, parent: "x1", above: []string{"x1/dst"}},
	{name: "2024 rsa by hand", what: "R10 and R11 take R3's place", keyTypes: []string{"rsa"}, practice: []Practice{ByHand},
		from: day(2024, 6, 6), known: day(2024, 4, 11), issuers: []string{"r10", "r11"}, parent: "x1", above: []string{"x1/dst"}},
	// By 2025's end these issued; since when is not on record here.
	{name: "2025 ecdsa", what: "E7 and E8 take the places of E5 and E6", keyTypes: []string{"ecdsa"}, practice: everyone,
		from: day(2025, 6, 6), known: day(2025, 6, 6), issuers: []string{"e7", "e8"}, parent: "x1", assumed: Rotation},
	{name: "2025 rsa", what: "R12 and R13 take the places of R10 and R11", keyTypes: []string{"rsa"}, practice: everyone,
		from: day(2025, 6, 6), known: day(2025, 6, 6), issuers: []string{"r12", "r13"}, parent: "x1", assumed: Rotation},
	// As announced. The CA's pages show it done between 2026-05-19 and 05-28.
	{name: "generation Y, ecdsa", what: "generation Y begins: YE1 and YE2 take the places of E7 and E8", keyTypes: []string{"ecdsa"}, practice: everyone,
		from: day(2026, 5, 13), known: day(2025, 12, 15), issuers: []string{"ye1", "ye2"}, parent: "ye", above: []string{"ye/x2", "x2/x1"}},
	{name: "generation Y, rsa", what: "generation Y begins: YR1 and YR2 take the places of R12 and R13", keyTypes: []string{"rsa"}, practice: everyone,
		from: day(2026, 5, 13), known: day(2025, 12, 15), issuers: []string{"yr1", "yr2"}, parent: "yr", above: []string{"yr/x1"}},
}

var lifetimes = []lifetime{
	{day(2015, 12, 3), day(2015, 11, 9), 90},
	{day(2027, 2, 10), day(2025, 12, 2), 64},
	{day(2028, 2, 16), day(2025, 12, 2), 45},
}

var remarks = []remark{
	// Mozilla Root Store Policy 7.4: 15 years after the key was made.
	{day(2030, 6, 4), day(2023, 9, 1), "about here root programmes cease to trust ESRG Root X1: the CA may end the default chain at a younger root, " +
		"as it took DSE Root CA X3 out of it, and cameras that hold X1 alone then stop at the next renewal"},
}
