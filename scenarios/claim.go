package scenarios

// A Claim is one statement of the manual that a device can confirm or
// refute.
type Claim struct {
	ID string
	// Sentence is the statement in this project's own words.
	Sentence string
	// Section is where on the manual's page it stands.
	Section string
	// Must is what safety or a standard requires of a device.
	Must string
	// Documented is what the page promises beyond Must, or other than it; ""
	// where the two are one.
	Documented string
	// Outdated is what has become of Documented since the page was written,
	// whatever a device does.
	Outdated string
	// Waits names the capability of the rig that its scenarios wait for, ""
	// where it has scenarios.
	Waits string
}

// Sections of the manual's page on verifying a public server.
const (
	sectionIntro  = "introduction"
	sectionGet    = "step 1, get the CA certificate"
	sectionDER    = "step 2, convert it to DER"
	sectionLoad   = "step 3, copy and load it"
	sectionTip    = "tip, the common-case shortcut"
	sectionTrade  = "which certificate you trust"
	sectionSingle = "note, one anchor at a time"
)

// The capability that the claims about choosing a root wait for.
const anchorTool = "the anchor tool, which finds, checks and deploys a root"

// Claims returns the manual's claims, by identifier.
func Claims() []Claim {
	return []Claim{
		{ID: "C01", Section: sectionIntro,
			Sentence: "A freshly flashed camera trusts no CA.",
			Must:     "CERT_REQUIRED with no anchor loaded rejects every server, a good one too."},
		{ID: "C02", Section: sectionIntro,
			Sentence:   "The default verifies nothing.",
			Must:       "Nothing: the default is recorded for each way to make a context.",
			Documented: "CERT_NONE is the default, and accepts a man in the middle."},
		{ID: "C03", Section: sectionIntro,
			Sentence: "CERT_REQUIRED stops a man in the middle.",
			Must:     "A chain of the right names and other keys is rejected as not trusted, and accepted under CERT_NONE."},
		{ID: "C04", Section: sectionGet,
			Sentence: "A server never sends its root, and nothing that a server sends is an anchor.",
			Must:     "An attacker who sends his own root along, or one of the trusted root's name, is rejected."},
		{ID: "C05", Section: sectionGet,
			Sentence:   "An ECDSA leaf leads through an intermediate to the root X1.",
			Must:       "Accepted with the root, in the manual's generation and in today's, of four certificates.",
			Documented: "Two certificates are sent.", Outdated: "Today's default chain sends four: leaf, intermediate and two cross-signed roots."},
		{ID: "C06", Section: sectionGet,
			Sentence:   "An RSA leaf leads through an intermediate to the root X1.",
			Must:       "Accepted with the same root, in the manual's generation and in today's, of three certificates.",
			Documented: "Two certificates are sent.", Outdated: "Today's default chain sends three: leaf, intermediate and a cross-signed root."},
		{ID: "C07", Section: sectionDER,
			Sentence:   "The anchor is loaded as DER.",
			Must:       "DER loads. PEM loads and verifies, or fails clearly before connecting; it never silently trusts.",
			Documented: "PEM does not load."},
		{ID: "C08", Section: sectionLoad,
			Sentence: "The anchor may lie on the file system or in ROMFS.",
			Must:     "Both paths load the same bytes."},
		{ID: "C09", Section: sectionLoad,
			Sentence: "The validity check needs the clock.",
			Must:     "With the power-on clock a good chain is rejected as not yet valid; after ntptime.settime() it is accepted."},
		{ID: "C10", Section: sectionLoad,
			Sentence: "CERT_REQUIRED must be set.",
			Must:     "What is set reads back. Other values either raise or are recorded for what they let through."},
		{ID: "C11", Section: sectionLoad,
			Sentence: "server_hostname is required.",
			Must:     "CERT_REQUIRED without it raises before any application data is sent."},
		{ID: "C12", Section: sectionLoad,
			Sentence: "server_hostname drives SNI.",
			Must:     "The server sees exactly that name, and one with several certificates presents the right one."},
		{ID: "C13", Section: sectionLoad,
			Sentence: "server_hostname is checked against subjectAltName.",
			Must:     "Another name, a CN beside a SAN, a CN alone, a wildcard one label too deep: a name mismatch. Exact, in another case, a wildcard of one label: accepted."},
		{ID: "C14", Section: sectionTip,
			Sentence: "One anchor, the root X1, serves both key types.",
			Must:     "Both are accepted with one stored file in one run."},
		{ID: "C15", Section: sectionTip,
			Sentence: "A server under another CA fails.",
			Must:     "Other CAs' chains are rejected as not trusted with this root, and accepted with their own."},
		{ID: "C16", Section: sectionSingle,
			Sentence:   "load_verify_locations takes a single certificate.",
			Must:       "Of two in one file: a clear error, or only the first is trusted; never neither.",
			Documented: "One anchor a context: a second load adds none, and a load that raises leaves trust as it was."},
		{ID: "C17", Section: sectionSingle,
			Sentence: "A context for each anchor reaches servers under different CAs.",
			Must:     "Two contexts alive at once: each accepts its own server and rejects the other's."},
		{ID: "C18", Section: sectionTrade,
			Sentence: "The root as anchor works where the server sends its intermediate.",
			Must:     "Accepted."},
		{ID: "C19", Section: sectionTrade,
			Sentence: "The root as anchor needs the intermediate from the server.",
			Must:     "Without it, or without the cross-signed roots, rejected as not trusted."},
		{ID: "C20", Section: sectionTrade,
			Sentence: "The intermediate as anchor works, sent by the server or not.",
			Must:     "Accepted both ways."},
		{ID: "C21", Section: sectionTrade,
			Sentence: "Intermediates are rotated.",
			Must:     "A leaf under the CA's next intermediate is rejected with the old one as anchor, accepted with the root."},
		{ID: "C22", Section: sectionTrade,
			Sentence:   "The leaf itself can be the anchor: pinning.",
			Must:       "Any other leaf for the name is rejected, the renewed one too.",
			Documented: "The pinned leaf is accepted, though a CA issued it."},
		{ID: "C23", Section: sectionTrade,
			Sentence: "A self-signed server works with its own certificate as anchor.",
			Must:     "Accepted, whether CA:FALSE or CA:TRUE. With CA:FALSE nothing that its key signs is trusted; with CA:TRUE what happens is recorded."},
		{ID: "C24", Section: sectionTrade,
			Sentence: "A self-signed server is rejected without that anchor.",
			Must:     "Rejected as not trusted."},
		{ID: "C25", Section: sectionSingle,
			Sentence:   "Anchors expire and are rotated.",
			Must:       "Expired leaf, expired intermediate: rejected as expired. A chain under the rotated root: rejected with the old one.",
			Documented: "The certificate on the device must be renewed."},
		{ID: "C26", Section: sectionGet, Waits: anchorTool,
			Sentence: "A root's fingerprint is checked before it is trusted.",
			Must:     "The tool refuses a root whose SHA-256 is not the published one."},
		{ID: "C27", Section: sectionGet, Waits: anchorTool,
			Sentence: "openssl s_client -showcerts shows each subject and issuer; the topmost issuer names the root.",
			Must:     "The tool prints the same lines for the same server and names the same root."},
		{ID: "C28", Section: sectionGet, Waits: anchorTool,
			Sentence: "Roots come from the CA or the Mozilla programme, never from the server.",
			Must:     "The tool finds the root in the Mozilla set, and says so where it is not there."},
		{ID: "C29", Section: sectionLoad, Waits: anchorTool,
			Sentence: "The file on the device is the one that was checked.",
			Must:     "Its SHA-256 on the device is the host's."},
	}
}
