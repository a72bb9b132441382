package tlsserver

import (
	"cmp"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"
)

// DefaultPatience is what [Presentation] means by a Patience of zero. A
// camera that checks a chain of four certificates, one under an RSA key of
// 4096 bits, is silent for seconds between two flights of a handshake.
const DefaultPatience = 30 * time.Second

// A Certificate is a chain and the private key to present it with.
type Certificate struct {
	// Chain is the certificate_list as it is sent, in DER, the order
	// included. It may be empty, and its elements need not be certificates.
	Chain [][]byte
	// Key is the private key in PKCS #8. It need not be the leaf's.
	Key []byte
}

// A Presentation is what an endpoint shows to its clients.
type Presentation struct {
	// Certificate is what every client is shown for whose name ByName has
	// no other.
	Certificate
	// ByName holds further certificates by the host name of the server_name
	// extension, in lower case.
	ByName map[string]Certificate
	// MinVersion and MaxVersion bound the protocol version, as in
	// [tls.Config]. Zero means TLS 1.2 and TLS 1.3.
	MinVersion, MaxVersion uint16
	// CipherSuites are the suites of TLS 1.2 and before. None means
	// [DefaultCipherSuites].
	CipherSuites []uint16
	// NoPSS keeps RSA-PSS out of TLS 1.2. mbedTLS 3.6.6 offers it there and
	// then fails to verify it. TLS 1.3 knows no other signature by an RSA
	// key, so there it changes nothing.
	NoPSS bool
	// Behaviour names one of [Behaviours], "" for the usual.
	Behaviour string
	// Patience bounds the handshake, and then the wait for the client's
	// line of application data, each on its own.
	Patience time.Duration
}

// DefaultCipherSuites returns the suites of TLS 1.2 that are offered unless a
// [Presentation] names others: those of crypto/tls, and those of a camera that
// crypto/tls leaves out by default (AES in CBC mode with SHA-256, RSA key
// exchange). MicroPython before 1.24 has no suite in common with crypto/tls's
// defaults but ECDSA ones in CBC mode.
func DefaultCipherSuites() []uint16 {
	var ids []uint16
	for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		old := strings.Contains(s.Name, "_RC4_") || strings.Contains(s.Name, "_3DES_")
		if !old && slices.Contains(s.SupportedVersions, tls.VersionTLS12) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// keyRing holds parsed private keys by their PKCS #8 bytes: checking an RSA
// key's primes costs more than the rest of opening an endpoint. A ring is used
// under the lock of its server.
type keyRing map[string]crypto.Signer

// keyRingSize bounds a ring. A run uses some tens of keys.
const keyRingSize = 256

func (r keyRing) parse(pkcs8 []byte) (crypto.Signer, error) {
	if k, ok := r[string(pkcs8)]; ok {
		return k, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return nil, fmt.Errorf("parsing the private key: %w", err)
	}
	k, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("parsing the private key: a %T does not sign", parsed)
	}
	if len(r) >= keyRingSize {
		clear(r)
	}
	r[string(pkcs8)] = k
	return k, nil
}

// shown is a presentation made ready for crypto/tls.
type shown struct {
	fallback *tls.Certificate
	byName   map[string]*tls.Certificate
	noPSS    bool
	max      uint16
	change   func(*tls.Config)
}

func (p *Presentation) prepare(keys keyRing) (*shown, error) {
	behaviour, err := findBehaviour(p.Behaviour)
	if err != nil {
		return nil, err
	}
	ready := func(c Certificate) (*tls.Certificate, error) {
		key, err := keys.parse(c.Key)
		return &tls.Certificate{Certificate: c.Chain, PrivateKey: key}, err
	}
	fallback, err := ready(p.Certificate)
	if err != nil {
		return nil, err
	}
	s := &shown{fallback: fallback, byName: make(map[string]*tls.Certificate), noPSS: p.NoPSS, max: cmp.Or(p.MaxVersion, tls.VersionTLS13), change: behaviour.change}
	for name, c := range p.ByName {
		if s.byName[strings.ToLower(name)], err = ready(c); err != nil {
			return nil, fmt.Errorf("for %s: %w", name, err)
		}
	}
	return s, nil
}

// choose answers a ClientHello.
func (s *shown) choose(hello *tls.ClientHelloInfo) *tls.Certificate {
	c := s.fallback
	if named, ok := s.byName[strings.ToLower(hello.ServerName)]; ok {
		c = named
	}
	if s.noPSS && (s.max < tls.VersionTLS13 || !slices.Contains(hello.SupportedVersions, tls.VersionTLS13)) {
		limited := *c
		limited.SupportedSignatureAlgorithms = []tls.SignatureScheme{
			tls.PKCS1WithSHA256, tls.PKCS1WithSHA384, tls.PKCS1WithSHA512, tls.PKCS1WithSHA1,
			tls.ECDSAWithP256AndSHA256, tls.ECDSAWithP384AndSHA384, tls.ECDSAWithP521AndSHA512, tls.ECDSAWithSHA1,
			tls.Ed25519,
		}
		return &limited
	}
	return c
}

// config returns the configuration for one connection. presented is told
// which certificate was chosen.
func (p *Presentation) config(s *shown, presented func(*tls.Certificate)) *tls.Config {
	suites := p.CipherSuites
	if suites == nil {
		suites = DefaultCipherSuites()
	}
	config := &tls.Config{
		MinVersion:             cmp.Or(p.MinVersion, tls.VersionTLS12),
		MaxVersion:             s.max,
		CipherSuites:           suites,
		SessionTicketsDisabled: true, // a resumed handshake shows no chain
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			c := s.choose(hello)
			presented(c)
			return c, nil
		},
	}
	s.change(config)
	return config
}
