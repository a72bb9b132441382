package harness

import "slices"

// alertsFor lists the alerts by which a client may tell a server of each
// reason: RFC 8446 section 6.2 and RFC 5246 section 7.2.2. Where those
// define an alert for the very reason, only that one fits; certificate_unknown
// ("some other, unspecified issue") fits where they define none.
var alertsFor = map[Reason][]string{
	Expired:          {"certificate_expired"},
	NotYetValid:      {"certificate_expired", "certificate_unknown"}, // "has expired or is not currently valid"
	NameMismatch:     {"bad_certificate", "certificate_unknown"},
	NotTrusted:       {"unknown_ca", "bad_certificate", "decrypt_error"},
	KeyUsage:         {"unsupported_certificate", "bad_certificate", "certificate_unknown"},
	ExtKeyUsage:      {"unsupported_certificate", "bad_certificate", "certificate_unknown"},
	UsageUnspecified: {"unsupported_certificate", "bad_certificate", "certificate_unknown"},
	NetscapeType:     {"unsupported_certificate", "bad_certificate", "certificate_unknown"},
	BadHash:          {"unsupported_certificate", "bad_certificate", "certificate_unknown", "insufficient_security"},
	BadAlgorithm:     {"unsupported_certificate", "bad_certificate", "certificate_unknown", "insufficient_security"},
	BadKey:           {"unsupported_certificate", "bad_certificate", "certificate_unknown", "insufficient_security"},
	Malformed:        {"bad_certificate", "decode_error", "unsupported_certificate", "certificate_unknown"},
	Unsupported:      {"unsupported_certificate", "bad_certificate", "certificate_unknown"},
	ChainTooLong:     {"unknown_ca", "bad_certificate", "certificate_unknown", "unsupported_certificate", "access_denied"}, // a limit is the device's own policy
	BadPossession:    {"decrypt_error", "illegal_parameter", "handshake_failure", "bad_certificate"},
	MessageTooBig:    {"record_overflow", "decode_error", "illegal_parameter", "internal_error", "bad_certificate"},
	NoAnchor:         {"unknown_ca", "certificate_unknown", "internal_error"},
	OtherReason:      {"certificate_unknown", "bad_certificate"},
}

// alertUnseen reports whether the server could read no alert. Sending one is
// a SHOULD, so that alone contradicts nothing.
func alertUnseen(alert string) bool { return alert == "" || alert == "encrypted" }

// alertFits reports whether the alert is one by which a client may report
// any of the reasons.
func alertFits(alert string, reasons []Reason) bool {
	return slices.ContainsFunc(reasons, func(r Reason) bool {
		return slices.Contains(alertsFor[r], alert)
	})
}
