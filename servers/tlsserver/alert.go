package tlsserver

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
)

const (
	alertLevelFatal  = 2
	alertCloseNotify = 0

	// alertEncrypted stands for an alert that came encrypted and that
	// crypto/tls did not tell of.
	alertEncrypted = "encrypted"
)

// alertNames are the alerts of the TLS registry by their names in RFC 8446
// section 6, and where that has dropped them in RFC 5246 section 7.2 and
// RFC 6066 section 9.
var alertNames = map[uint8]string{
	0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed",
	22: "record_overflow", 30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate",
	42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked",
	45: "certificate_expired", 46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca",
	49: "access_denied", 50: "decode_error", 51: "decrypt_error", 60: "export_restriction",
	70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
	86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation",
	109: "missing_extension", 110: "unsupported_extension", 111: "certificate_unobtainable",
	112: "unrecognized_name", 113: "bad_certificate_status_response", 114: "bad_certificate_hash_value",
	115: "unknown_psk_identity", 116: "certificate_required", 120: "no_application_protocol",
	121: "ech_required",
}

func alertName(code uint8) string {
	if name, ok := alertNames[code]; ok {
		return name
	}
	return fmt.Sprintf("alert(%d)", code)
}

// remoteAlert returns the name of the fatal alert that crypto/tls says it has
// received, or "". crypto/tls keeps the code to itself but words it as
// [tls.AlertError] does.
func remoteAlert(err error) string {
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "remote error" {
		return ""
	}
	for code := range 256 {
		if tls.AlertError(code).Error() == op.Err.Error() {
			return alertName(uint8(code))
		}
	}
	return alertEncrypted
}
