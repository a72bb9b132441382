package pki

import (
	"crypto/x509"
	"fmt"
	"time"
)

// An Edge is one end of a validity.
type Edge string

const (
	NotBefore Edge = "notBefore"
	NotAfter  Edge = "notAfter"
)

// An Instant is a time relative to an edge of one of a chain's certificates.
// The zero Instant is T0.
type Instant struct {
	// Of is the certificate: an anchor's name, or "" for the leaf.
	Of   Anchor
	Edge Edge
	Plus time.Duration
}

// When returns the instant's time in this chain. A certificate that the chain
// does not have, or that does not parse, is an error.
func (c *Chain) When(i Instant) (time.Time, error) {
	if i.Edge == "" {
		return c.T0.Add(i.Plus), nil
	}
	var der []byte
	if i.Of != "" {
		der = c.Anchors[i.Of]
	} else if len(c.Sent) > 0 {
		der = c.Sent[0]
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s of %q in chain %s: %w", i.Edge, i.Of, c.Recipe, err)
	}
	if i.Edge == NotBefore {
		return cert.NotBefore.Add(i.Plus), nil
	}
	return cert.NotAfter.Add(i.Plus), nil
}
