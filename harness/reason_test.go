package harness_test

import (
	"slices"
	"testing"

	"trustrig/harness"
)

// TestExplain reads the exceptions of mbedTLS's texts and codes: flags and
// texts as include/mbedtls/x509.h of 3.6 defines them, numbers as its error
// headers do.
func TestExplain(t *testing.T) {
	tests := []struct {
		name            string
		phase           harness.Phase
		exception, text string
		errno           int
		want            []harness.Reason
		codeOnly        bool
	}{
		{"one text", harness.PhaseHandshake, "ValueError", "\nThe certificate validity has expired", 0, []harness.Reason{harness.Expired}, false},
		{"two texts", harness.PhaseHandshake, "ValueError", "\nThe certificate validity has expired\nThe certificate is not correctly signed by the trusted CA", 0, []harness.Reason{harness.Expired, harness.NotTrusted}, false},
		{"future", harness.PhaseHandshake, "ValueError", "\nThe certificate validity starts in the future", 0, []harness.Reason{harness.NotYetValid}, false},
		{"name", harness.PhaseHandshake, "ValueError", "\nThe certificate Common Name (CN) does not match with the expected CN", 0, []harness.Reason{harness.NameMismatch}, false},
		{"key usage", harness.PhaseHandshake, "ValueError", "\nUsage does not match the keyUsage extension", 0, []harness.Reason{harness.KeyUsage}, false},
		{"extended key usage", harness.PhaseHandshake, "ValueError", "\nUsage does not match the extendedKeyUsage extension", 0, []harness.Reason{harness.ExtKeyUsage}, false},
		{"hash", harness.PhaseHandshake, "ValueError", "\nThe certificate is signed with an unacceptable hash.", 0, []harness.Reason{harness.BadHash}, false},
		{"algorithm", harness.PhaseHandshake, "ValueError", "\nThe certificate is signed with an unacceptable PK alg (eg RSA vs ECDSA).", 0, []harness.Reason{harness.BadAlgorithm}, false},
		{"key", harness.PhaseHandshake, "ValueError", "\nThe certificate is signed with an unacceptable key (eg bad curve, RSA too short).", 0, []harness.Reason{harness.BadKey}, false},
		{"host name missing", harness.PhaseHandshake, "ValueError", "CERT_REQUIRED requires server_hostname", 0, []harness.Reason{harness.NoHostname}, false},
		{"anchor", harness.PhaseAnchor, "ValueError", "invalid cert", 0, []harness.Reason{harness.AnchorInvalid}, false},
		{"a certificate sent, in an anchor's words", harness.PhaseHandshake, "ValueError", "invalid cert", 0, []harness.Reason{harness.Malformed}, false},
		{"verify failed, no reason", harness.PhaseHandshake, "OSError", "", -0x2700, nil, true},
		{"verify failed, in other words", harness.PhaseHandshake, "ValueError", "\ncert: too old", 0, nil, true},
		{"a value that no handshake gave", harness.PhaseContext, "ValueError", "invalid key", 0, nil, false},
		{"bad certificate", harness.PhaseHandshake, "OSError", "", -0x7A00, []harness.Reason{harness.UsageUnspecified}, false},
		{"no anchor", harness.PhaseHandshake, "OSError", "", -0x7680, []harness.Reason{harness.NoAnchor}, false},
		{"too many intermediates", harness.PhaseHandshake, "OSError", "", -0x3000, []harness.Reason{harness.ChainTooLong}, false},
		{"extensions, unexpected tag", harness.PhaseHandshake, "OSError", "", -(0x2500 + 0x62), []harness.Reason{harness.Malformed}, false},
		{"message over the limit", harness.PhaseHandshake, "OSError", "", -0x7100, []harness.Reason{harness.MessageTooBig}, false},
		{"message that does not decode", harness.PhaseHandshake, "OSError", "", -0x7300, []harness.Reason{harness.Malformed}, false},
		{"naked ASN.1 error", harness.PhaseHandshake, "OSError", "", 0x62, []harness.Reason{harness.Malformed}, false},

		{"naked ASN.1 number, connecting", harness.PhaseConnect, "OSError", "", 0x62, nil, false},
		{"connection reset", harness.PhaseHandshake, "OSError", "[Errno 104] ECONNRESET", 104, nil, false},
		{"memory of the interpreter", harness.PhaseHandshake, "MemoryError", "memory allocation failed, allocating 16384 bytes", 0, nil, false},
		{"memory of mbedTLS", harness.PhaseHandshake, "OSError", "", -(0x2880 + 0x6A), nil, false},
		{"memory of mbedTLS's SSL module, the number alone", harness.PhaseHandshake, "OSError", "-32512", -0x7F00, nil, false},
		{"memory of its bignums, below another module's code", harness.PhaseHandshake, "OSError", "", -(0x2480 + 0x10), nil, false},
		{"anchor, in numbers", harness.PhaseAnchor, "OSError", "", -(0x2180 + 0x60), []harness.Reason{harness.AnchorInvalid}, false},
		{"no memory, ENOMEM", harness.PhaseHandshake, "OSError", "[Errno 12] ENOMEM", 12, nil, false},
		{"some other error", harness.PhaseHandshake, "TypeError", "object with buffer protocol required", 0, nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := harness.Outcome{Phase: tt.phase, Exception: tt.exception, Detail: tt.text, Errno: tt.errno}
			o.Explain()
			if !slices.Equal(o.Reasons, tt.want) || o.CodeOnly != tt.codeOnly {
				t.Errorf("reasons %v, code only %v; want %v, %v", o.Reasons, o.CodeOnly, tt.want, tt.codeOnly)
			}
			wantResult := harness.Failed
			if len(tt.want) > 0 || tt.codeOnly {
				wantResult = harness.Rejected
			}
			if o.Result != wantResult {
				t.Errorf("result %s, want %s", o.Result, wantResult)
			}
		})
	}
}
