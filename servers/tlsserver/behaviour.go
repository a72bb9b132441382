package tlsserver

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
)

// A Behaviour is something other than the usual that the server does with
// whatever certificate it presents. What crypto/tls can not be made to do is
// an act of package relay.
type Behaviour struct {
	Name string
	Is   string // in a sentence

	change func(*tls.Config)
}

// Behaviours returns the table of all behaviours, in a fixed order.
func Behaviours() []Behaviour {
	return []Behaviour{
		{"tls-1.0-only", "the server speaks TLS 1.0 and nothing newer", versions(tls.VersionTLS10, tls.VersionTLS10)},
		{"tls-1.1-only", "the server speaks TLS 1.1 and nothing newer", versions(tls.VersionTLS11, tls.VersionTLS11)},
		{"no-common-suite", "the server has RC4 and triple DES alone, which no camera has", func(c *tls.Config) {
			c.MaxVersion = tls.VersionTLS12
			c.CipherSuites = []uint16{
				tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA, tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA, tls.TLS_RSA_WITH_RC4_128_SHA,
				tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA,
			}
		}},
		{"asks-for-certificate", "the server asks for a client certificate and goes on without", func(c *tls.Config) {
			c.ClientAuth = tls.RequestClientCert
		}},
		{"demands-certificate-tls12", "the server demands a client certificate, in TLS 1.2", func(c *tls.Config) {
			c.ClientAuth, c.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12
		}},
		{"demands-certificate-tls13", "the server demands a client certificate, in TLS 1.3", func(c *tls.Config) {
			c.ClientAuth, c.MinVersion = tls.RequireAnyClientCert, tls.VersionTLS13
		}},
	}
}

func versions(least, most uint16) func(*tls.Config) {
	return func(c *tls.Config) { c.MinVersion, c.MaxVersion = least, most }
}

// findBehaviour returns the behaviour of a name; "" names the usual one.
func findBehaviour(name string) (Behaviour, error) {
	if name == "" {
		return Behaviour{change: func(*tls.Config) {}}, nil
	}
	var names []string
	for _, b := range Behaviours() {
		if b.Name == name {
			return b, nil
		}
		names = append(names, b.Name)
	}
	return Behaviour{}, fmt.Errorf("the TLS server has no behaviour %q; it has %s", name, strings.Join(names, ", "))
}

// Behaves reports whether the server has a behaviour of that name.
func Behaves(name string) bool {
	return slices.ContainsFunc(Behaviours(), func(b Behaviour) bool { return b.Name == name })
}
