package servers_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"trustrig/servers/tlsserver"
)

// good exchanges lines and closes in order.
func good(version uint16, name string) func(*testing.T, string, *identity) {
	return func(t *testing.T, addr string, id *identity) {
		exchangeWith(t, addr, id.trusting(version, name))
	}
}

func exchange(t testing.TB, addr string, id *identity) {
	exchangeWith(t, addr, id.trusting(tls.VersionTLS13, host))
}

func exchangeWith(t testing.TB, addr string, config *tls.Config) {
	c := dial(t, addr, config)
	defer c.Close()
	if _, err := io.WriteString(c, "ping 1\n"); err != nil {
		t.Error(err)
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || len(line) != 33 {
		t.Errorf("the server's line: %q, %v", line, err)
	}
}

// vanishing resets its connection right after the n-th flight it sends.
func vanishing(version uint16, n int) func(*testing.T, string, *identity) {
	return func(t *testing.T, addr string, id *identity) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		v := &vanishingConn{TCPConn: c.(*net.TCPConn), left: n}
		tls.Client(v, id.trusting(version, host)).Handshake() // it may see its own end as an error
		if v.left != 0 {
			t.Errorf("%d flights were not sent", v.left)
		}
	}
}

type vanishingConn struct {
	*net.TCPConn
	left int
}

func (c *vanishingConn) Write(b []byte) (int, error) {
	n, err := c.TCPConn.Write(b)
	if c.left--; c.left == 0 {
		c.SetLinger(0)
		c.Close()
	}
	return n, err
}

func rejecting(version uint16) func(*testing.T, string, *identity) {
	return func(t *testing.T, addr string, id *identity) {
		config := id.trusting(version, host)
		config.RootCAs = x509.NewCertPool()
		if c, err := tls.Dial("tcp", addr, config); err == nil {
			c.Close()
			t.Error("the client accepted")
		}
	}
}

func openssl(args ...string) func(*testing.T, string, *identity) {
	return func(t *testing.T, addr string, _ *identity) {
		args := append([]string{"s_client", "-connect", addr, "-verify_return_error", "-no-CApath", "-no-CAfile", "-no-CAstore"}, args...)
		out, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput()
		if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") != "true" {
			t.Skip("not run without openssl")
		}
		if _, failed := errors.AsType[*exec.ExitError](err); !failed {
			t.Errorf("openssl accepted: %v\n%s", err, out)
		}
	}
}

// raw runs a client that does not speak TLS, and closes its connection.
func raw(talk func(*net.TCPConn)) func(*testing.T, string, *identity) {
	return func(t *testing.T, addr string, _ *identity) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		talk(c.(*net.TCPConn))
	}
}

func dial(t testing.TB, addr string, config *tls.Config) *tls.Conn {
	t.Helper()
	c, err := tls.Dial("tcp", addr, config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// An identity is a server's self-signed certificate.
type identity struct {
	der  []byte
	key  []byte
	cert *x509.Certificate
}

func newIdentity(t testing.TB) *identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return sign(key, &key.PublicKey)
}

func newRSAIdentity() *identity {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return sign(key, &key.PublicKey)
}

func sign(key, public any) *identity {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return &identity{der, pkcs8, cert}
}

func (id *identity) presentation() tlsserver.Presentation {
	return tlsserver.Presentation{
		Certificate: tlsserver.Certificate{Chain: [][]byte{id.der}, Key: id.key},
		Patience:    10 * time.Second,
	}
}

func (id *identity) trusting(version uint16, name string) *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(id.cert)
	return &tls.Config{RootCAs: roots, ServerName: name, MinVersion: version, MaxVersion: version}
}
