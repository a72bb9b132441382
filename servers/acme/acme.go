// Package acme is a certificate authority that issues by ACME (RFC 8555):
// Pebble, Let's Encrypt's test server, in a container, and a client of it.
package acme

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"embed"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"time"

	"github.com/mholt/acmez/v3"
	"github.com/mholt/acmez/v3/acme"

	"trustrig/servers/docker"
	"trustrig/servers/stack"
)

//go:embed Dockerfile entry.sh
var files embed.FS

const (
	// ready begins the line by which Pebble says that it serves.
	ready = "ACME directory available at: "
	// dnsTimeout bounds the wait for the DNS beside it.
	dnsTimeout = 10 * time.Second
	dnsPoll    = 10 * time.Millisecond
)

// A CA issues certificates. It has a new root at each start.
type CA struct {
	container *docker.Container
	answers   *answers
	http      *http.Client
	client    acmez.Client
	account   acme.Account
	root      string // URL
}

// Start starts a CA. say, which may be nil, is told what takes long.
func Start(ctx context.Context, e *docker.Engine, say func(string)) (*CA, error) {
	c := new(CA)
	if err := c.start(ctx, e, say); err != nil {
		return nil, errors.Join(fmt.Errorf("starting an ACME server: %w", err), c.Close())
	}
	return c, nil
}

func (c *CA) start(ctx context.Context, e *docker.Engine, say func(string)) error {
	image, err := stack.Image(ctx, e, "pebble", files, say, "Dockerfile", "entry.sh")
	if err != nil {
		return err
	}
	p, err := newPlaces()
	if err != nil {
		return err
	}
	if c.answers, err = answer(ctx, p.challenge); err != nil {
		return err
	}
	conf, roots, err := p.files()
	if err != nil {
		return err
	}
	c.container, err = e.Run(ctx, docker.Spec{
		Part: "pebble", Image: image, Ready: ready, Files: conf,
		Env: map[string]string{"DNS": p.dns.String(), "DNS_MANAGEMENT": p.dnsManagement.String()},
	})
	if err != nil {
		return err
	}
	if err := awaitDNS(ctx, p.dns); err != nil {
		return err
	}
	c.root = "https://" + p.management.String() + "/roots/0"
	c.http = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	c.client = acmez.Client{
		Client:           &acme.Client{Directory: "https://" + p.acme.String() + "/dir", HTTPClient: c.http},
		ChallengeSolvers: map[string]acmez.Solver{acme.ChallengeTypeHTTP01: c.answers},
	}
	return c.register(ctx)
}

func (c *CA) register(ctx context.Context) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	c.account, err = c.client.NewAccount(ctx, acme.Account{
		Contact: []string{"mailto:rig@example.com"}, TermsOfServiceAgreed: true, PrivateKey: key,
	})
	return err
}

// Root returns the CA's root in DER.
func (c *CA) Root(ctx context.Context) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.root, nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking the ACME server for its root: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("asking the ACME server for its root: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("the ACME server's root is %s: %.100q", resp.Status, text)
	}
	return block.Bytes, nil
}

// Issue has a certificate issued for a host and the key, and returns the chain
// as a server is to send it, in DER.
func (c *CA) Issue(ctx context.Context, host string, key crypto.Signer) ([][]byte, error) {
	issued, err := c.client.ObtainCertificateForSANs(ctx, c.account, key, []string{host})
	if err != nil {
		return nil, fmt.Errorf("having a certificate for %s issued: %w", host, err)
	}
	var chain [][]byte
	for rest := issued[0].ChainPEM; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return chain, nil
		}
		chain = append(chain, block.Bytes)
	}
}

// Close ends the CA.
func (c *CA) Close() error {
	var errs []error
	if c.http != nil {
		c.http.CloseIdleConnections()
	}
	if c.container != nil {
		errs = append(errs, c.container.Close())
	}
	if c.answers != nil {
		errs = append(errs, c.answers.close())
	}
	return errors.Join(errs...)
}

// loopback is where everything listens.
var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})
