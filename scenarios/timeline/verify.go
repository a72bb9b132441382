package timeline

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"trustrig/harness"
	"trustrig/servers/pki"
)

// A Question is what a verifier is asked: a server presents the chain to a
// camera that holds the anchor and believes the time.
type Question struct {
	Chain  *pki.Chain
	Anchor []byte // DER
	At     time.Time
}

// An Answer is a verifier's. Reason is "" if it accepted.
type Answer struct {
	Reason harness.Reason
	Detail string
}

// A Verifier judges. Its error means that it could not.
type Verifier struct {
	Name   string
	Verify func(context.Context, Question) (Answer, error)
}

// Go judges with crypto/x509, which holds the anchor's own dates against the
// clock, as mbedTLS does.
func Go() Verifier {
	return Verifier{"crypto/x509", func(_ context.Context, q Question) (Answer, error) { return q.ask(false) }}
}

// GoUndated is Go for cameras that take an anchor for a name and a key (RFC
// 5280 section 6.1.1(d)) and do not mind its dates.
func GoUndated() Verifier {
	return Verifier{"crypto/x509, the anchor's dates apart", func(_ context.Context, q Question) (Answer, error) { return q.ask(true) }}
}

func (q Question) ask(undated bool) (Answer, error) {
	anchor, err := x509.ParseCertificate(q.Anchor)
	if err != nil {
		return Answer{}, fmt.Errorf("parsing the anchor: %w", err)
	}
	if undated {
		anchor.NotBefore, anchor.NotAfter = q.At, q.At
	}
	o := x509.VerifyOptions{DNSName: q.Chain.Host, CurrentTime: q.At, Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool()}
	o.Roots.AddCert(anchor)
	var leaf *x509.Certificate
	for i, der := range q.Chain.Sent {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return Answer{}, fmt.Errorf("parsing certificate %d that the server sends: %w", i, err)
		}
		if i == 0 {
			leaf = c
		} else {
			o.Intermediates.AddCert(c)
		}
	}
	if _, err := leaf.Verify(o); err != nil {
		return Answer{reason(err, q.At), err.Error()}, nil
	}
	return Answer{}, nil
}

func reason(err error, at time.Time) harness.Reason {
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, new(x509.UnknownAuthorityError)):
		return harness.NotTrusted
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && at.Before(invalid.Cert.NotBefore):
		return harness.NotYetValid
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return harness.Expired
	}
	return harness.OtherReason
}
