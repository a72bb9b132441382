package tlsserver

import (
	"crypto/tls"
	"errors"

	"golang.org/x/crypto/cryptobyte"
)

const (
	handshakeClientHello   = 1
	extensionServerName    = 0
	extensionVersions      = 43
	serverNameTypeHostName = 0

	// maxHello bounds a ClientHello that is put together from records.
	// Post-quantum key shares make one of some 2 KB.
	maxHello = 1 << 16
)

var errHello = errors.New("malformed ClientHello")

// A clientHello is what is read of the client's first message.
type clientHello struct {
	// serverName is the host_name of the server_name extension as it was
	// sent. crypto/tls refuses some names, a trailing dot among them.
	serverName string
	// tls13 is whether TLS 1.3 is among the versions offered: RFC 8446
	// section 4.2.1.
	tls13 bool
}

// parseClientHello reads a ClientHello from its handshake header on:
// RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2.
func parseClientHello(message []byte) (clientHello, error) {
	var hello clientHello
	s := cryptobyte.String(message)
	var kind uint8
	var body, session, suites, compression cryptobyte.String
	if !s.ReadUint8(&kind) || kind != handshakeClientHello || !s.ReadUint24LengthPrefixed(&body) || !s.Empty() ||
		!body.Skip(2+32) || // legacy_version, random
		!body.ReadUint8LengthPrefixed(&session) || !body.ReadUint16LengthPrefixed(&suites) ||
		!body.ReadUint8LengthPrefixed(&compression) {
		return hello, errHello
	}
	if body.Empty() {
		return hello, nil // TLS 1.2 and before need no extensions
	}
	var extensions cryptobyte.String
	if !body.ReadUint16LengthPrefixed(&extensions) || !body.Empty() {
		return hello, errHello
	}
	for !extensions.Empty() {
		var id uint16
		var data cryptobyte.String
		if !extensions.ReadUint16(&id) || !extensions.ReadUint16LengthPrefixed(&data) {
			return hello, errHello
		}
		switch id {
		case extensionServerName:
			name, ok := readServerName(data)
			if !ok {
				return hello, errHello
			}
			hello.serverName = name
		case extensionVersions:
			hello.tls13 = offersTLS13(data)
		}
	}
	return hello, nil
}

// readServerName returns the first host_name of a ServerNameList: RFC 6066
// section 3.
func readServerName(data cryptobyte.String) (string, bool) {
	var list cryptobyte.String
	if !data.ReadUint16LengthPrefixed(&list) || !data.Empty() {
		return "", false
	}
	for !list.Empty() {
		var kind uint8
		var name cryptobyte.String
		if !list.ReadUint8(&kind) || !list.ReadUint16LengthPrefixed(&name) {
			return "", false
		}
		if kind == serverNameTypeHostName {
			return string(name), true
		}
	}
	return "", true
}

// offersTLS13 reads a supported_versions extension. A malformed one offers
// nothing.
func offersTLS13(data cryptobyte.String) bool {
	var list cryptobyte.String
	if !data.ReadUint8LengthPrefixed(&list) {
		return false
	}
	var version uint16
	for list.ReadUint16(&version) {
		if version == tls.VersionTLS13 {
			return true
		}
	}
	return false
}
