package acme

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"time"

	"trustrig/servers/docker"
	"trustrig/servers/stack"
)

// places are where the parts of a CA listen.
type places struct {
	acme, management, challenge, dns, dnsManagement netip.AddrPort
	tls                                             netip.AddrPort // of a challenge that is not used
}

func newPlaces() (places, error) {
	var p places
	all := []*netip.AddrPort{&p.acme, &p.management, &p.challenge, &p.dns, &p.dnsManagement, &p.tls}
	ports, err := stack.FreePorts(loopback, len(all))
	if err != nil {
		return p, err
	}
	for i, at := range all {
		*at = netip.AddrPortFrom(loopback, ports[i])
	}
	return p, nil
}

// files are Pebble's configuration and the certificate of its own HTTPS, and
// what a client of it trusts.
func (p places) files() ([]docker.File, *x509.CertPool, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{loopback.AsSlice()},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	conf, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": p.acme.String(), "managementListenAddress": p.management.String(),
		"certificate": "/srv/https.pem", "privateKey": "/srv/https.key",
		"httpPort": p.challenge.Port(), "tlsPort": p.tls.Port(),
		"certificateValidityPeriod": int((90 * 24 * time.Hour).Seconds()), // as Let's Encrypt's classic profile
	}})
	if err != nil {
		return nil, nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return []docker.File{
		{Name: "srv/pebble.json", Mode: 0o644, Data: conf},
		{Name: "srv/https.pem", Mode: 0o644, Data: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})},
		{Name: "srv/https.key", Mode: 0o644, Data: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})},
	}, roots, nil
}

// awaitDNS returns once the DNS answers. It says nothing of when it is ready.
func awaitDNS(ctx context.Context, at netip.AddrPort) error {
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, at.String())
	}}
	ticker := time.NewTicker(dnsPoll)
	defer ticker.Stop()
	for {
		_, err := resolver.LookupNetIP(ctx, "ip4", "api.example.com.")
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("the DNS at %s does not answer: %w", at, err)
		}
	}
}
