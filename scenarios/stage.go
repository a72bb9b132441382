package scenarios

import (
	"context"
	"crypto/x509"
	"fmt"

	"trustrig/harness"
	"trustrig/servers"
	"trustrig/servers/pki"
	"trustrig/servers/tlsserver"
)

// A stage presents recipes on the rig's own servers. It implements
// harness.Stage.
type stage struct {
	maker   *pki.Maker
	servers *servers.Server
}

func (st *stage) Open(ctx context.Context, s harness.Scenario) (harness.Endpoint, harness.Anchors, error) {
	var none harness.Anchors
	chain, err := st.maker.Chain(s.Recipe)
	if err != nil {
		return nil, none, err
	}
	anchor := chain.Anchors[pki.Anchor(s.Anchor)]
	if anchor == nil && pki.Anchor(s.Anchor) != pki.None {
		return nil, none, fmt.Errorf("recipe %s has no anchor %q", s.Recipe, s.Anchor)
	}
	certificate, err := present(chain)
	if err != nil {
		return nil, none, err
	}
	// mbedTLS 3.6.6 offers RSA-PSS in TLS 1.2 and fails to verify it, which
	// is no matter of certificates.
	ep, err := st.servers.Open(ctx, tlsserver.Presentation{Certificate: certificate, NoPSS: true})
	if err != nil {
		return nil, none, err
	}
	return ep, harness.Anchors{First: anchor}, nil
}

func present(c *pki.Chain) (tlsserver.Certificate, error) {
	key, err := x509.MarshalPKCS8PrivateKey(c.Key)
	if err != nil {
		return tlsserver.Certificate{}, fmt.Errorf("encoding the key of recipe %s: %w", c.Recipe, err)
	}
	return tlsserver.Certificate{Chain: c.Sent, Key: key}, nil
}
