package relay

import (
	"crypto/tls"

	"golang.org/x/crypto/cryptobyte"
)

// A wireView is what a server's messages show of a connection.
type wireView struct {
	hello      bool
	chosen     uint16 // version
	suite      uint16
	chainBytes int
	// finished is set once the server has answered the client's Finished,
	// which in TLS 1.2 it does with its own ChangeCipherSpec.
	finished bool
}

func (v *wireView) take(u unit) {
	switch {
	case u.name == "server-hello":
		v.takeHello(u.body)
	case u.name == "certificate" && v.hello:
		v.chainBytes = chainBytes(u.body)
	case u.name == "change-cipher-spec" && v.hello && v.chosen < tls.VersionTLS13:
		v.finished = true
	}
}

func (v *wireView) version() string {
	if !v.hello {
		return ""
	}
	return tls.VersionName(v.chosen)
}

func (v *wireView) cipherSuite() string {
	if !v.hello {
		return ""
	}
	return tls.CipherSuiteName(v.suite)
}

// takeHello reads a ServerHello: RFC 5246 section 7.4.1.3, RFC 8446 sections
// 4.1.3 and 4.2.1. One that is malformed shows nothing.
func (v *wireView) takeHello(message []byte) {
	const extensionVersions = 43
	s := cryptobyte.String(message)
	var session, extensions cryptobyte.String
	if !s.Skip(4) || !s.ReadUint16(&v.chosen) || !s.Skip(32) || !s.ReadUint8LengthPrefixed(&session) ||
		!s.ReadUint16(&v.suite) || !s.Skip(1) {
		return
	}
	v.hello = true
	if !s.ReadUint16LengthPrefixed(&extensions) {
		return // TLS 1.2 and before need none
	}
	for !extensions.Empty() {
		var id uint16
		var data cryptobyte.String
		if !extensions.ReadUint16(&id) || !extensions.ReadUint16LengthPrefixed(&data) {
			return
		}
		if id == extensionVersions {
			data.ReadUint16(&v.chosen) // what is no version leaves it
		}
	}
}

// chainBytes sums the lengths of the certificates in a Certificate message of
// TLS 1.2: RFC 5246 section 7.4.2.
func chainBytes(message []byte) int {
	s := cryptobyte.String(message)
	var list, der cryptobyte.String
	if !s.Skip(4) || !s.ReadUint24LengthPrefixed(&list) {
		return 0
	}
	sum := 0
	for !list.Empty() && list.ReadUint24LengthPrefixed(&der) {
		sum += len(der)
	}
	return sum
}
