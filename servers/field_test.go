package servers_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"

	"trustrig/firmware/cache"
	"trustrig/harness"
	"trustrig/servers"
	"trustrig/servers/docker"
	"trustrig/servers/pki"
	"trustrig/servers/stack"
)

// says is how each stack's client says its nonce and hears the answer.
var says = map[string]func(c io.ReadWriter, nonce string) (string, error){
	"nginx": sayHTTP, "haproxy": sayHTTP, "mosquitto": sayMQTT, "gnutls": sayLine,
}

func sayLine(c io.ReadWriter, nonce string) (string, error) {
	if _, err := io.WriteString(c, nonce+"\n"); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	return strings.TrimSpace(line), err
}

func sayHTTP(c io.ReadWriter, nonce string) (string, error) {
	if _, err := fmt.Fprintf(c, "GET /%s HTTP/1.0\r\n\r\n", nonce); err != nil {
		return "", err
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(answer.Body)
	return strings.TrimSpace(string(body)), err
}

func sayMQTT(c io.ReadWriter, nonce string) (string, error) {
	connect := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	connect.ProtocolName, connect.ProtocolVersion, connect.CleanSession, connect.ClientIdentifier = "MQTT", 4, true, nonce
	subscribe := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
	subscribe.MessageID, subscribe.Topics, subscribe.Qoss = 1, []string{"trustrig/" + nonce + "/reply"}, []byte{0}
	publish := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	publish.TopicName, publish.Payload = "trustrig/"+nonce, []byte(nonce)
	for _, p := range []packets.ControlPacket{connect, subscribe} {
		if err := p.Write(c); err != nil {
			return "", err
		}
		if _, err := packets.ReadPacket(c); err != nil {
			return "", err
		}
	}
	if err := publish.Write(c); err != nil {
		return "", err
	}
	answer, err := packets.ReadPacket(c)
	if err != nil {
		return "", err
	}
	if p, ok := answer.(*packets.PublishPacket); ok {
		return string(p.Payload), nil
	}
	return "", fmt.Errorf("got %s", answer)
}

// A zoo has chains, and sites of them.
type zoo struct{ maker *pki.Maker }

func newZoo(t *testing.T) zoo {
	t.Helper()
	store, err := cache.Open()
	if err != nil {
		t.Fatal(err)
	}
	return zoo{pki.New(time.Now(), pki.NewKeys(filepath.Join(store.Dir(), "keys")))}
}

func (z zoo) sites(t *testing.T, recipes ...string) []stack.Site {
	t.Helper()
	var all []stack.Site
	for _, name := range recipes {
		c, err := z.maker.Chain(name)
		if err != nil {
			t.Fatal(err)
		}
		site, err := servers.Site(name, c.Sent, c.Key)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, site)
	}
	return all
}

// config trusts a recipe's root, or nothing.
func (z zoo) config(t *testing.T, recipe string, trust bool) *tls.Config {
	t.Helper()
	c, err := z.maker.Chain(recipe)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if trust {
		root, err := x509.ParseCertificate(c.Anchors[pki.Root])
		if err != nil {
			t.Fatal(err)
		}
		roots.AddCert(root)
	}
	return &tls.Config{RootCAs: roots, ServerName: c.Host}
}

// TestStacks holds every stack to what the rig's own server does: it presents
// the chain as it is, the nonce goes both ways and is told of, a rejection's
// alert is heard.
func TestStacks(t *testing.T) {
	s := start(t, servers.Docker)
	z := newZoo(t)
	recipes := []string{"letsencrypt-ecdsa", "letsencrypt-rsa", "missing-intermediate-ecdsa"}
	began := time.Now()
	field := s.Field(func() ([]stack.Site, error) { return z.sites(t, recipes...), nil }, func(line string) { t.Log(line) })
	t.Cleanup(func() {
		if err := field.Close(); err != nil {
			t.Error(err)
		}
	})
	for name := range says {
		ep := fielded(t, field, name, recipes[0], "")
		if _, err := ep.Close(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("all stacks after %v", time.Since(began).Round(time.Millisecond))
	for name := range says {
		t.Run(name, func(t *testing.T) {
			for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
				for _, recipe := range recipes[:2] {
					t.Run(tls.VersionName(version)+" "+recipe, func(t *testing.T) { accepts(t, field, z, name, recipe, version) })
				}
			}
			t.Run("sent as it is", func(t *testing.T) { sentAsIs(t, field, z, name, recipes) })
			t.Run("rejected", func(t *testing.T) { rejects(t, field, z, name) })
			t.Run("split", func(t *testing.T) { splits(t, field, z, name) })
		})
	}
}

func fielded(t *testing.T, f *servers.Field, name, site, act string) harness.Endpoint {
	t.Helper()
	ep, err := f.Open(t.Context(), name, site, act)
	if err != nil {
		t.Fatal(err)
	}
	return ep
}

func see(t *testing.T, ep harness.Endpoint) harness.Sighting {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	seen, err := ep.Close(ctx, 1)
	if err != nil || len(seen) != 1 {
		t.Fatalf("saw %+v, %v", seen, err)
	}
	return seen[0]
}

func accepts(t *testing.T, f *servers.Field, z zoo, name, recipe string, version uint16) {
	ep := fielded(t, f, name, recipe, "")
	config := z.config(t, recipe, true)
	config.MinVersion, config.MaxVersion = version, version
	c := dial(t, ep.Addr().String(), config)
	reply, err := says[name](c, "0123456789abcdef")
	c.Close()
	got := see(t, ep)
	if err != nil || reply == "" || reply != got.Reply || got.Received != "0123456789abcdef" ||
		!got.Handshake || got.SNI != config.ServerName || got.Version != tls.VersionName(version) {
		t.Errorf("the client got %q, %v; the stack told %+v", reply, err, got)
	}
}

// sentAsIs holds that a stack neither completes a chain nor reorders it.
func sentAsIs(t *testing.T, f *servers.Field, z zoo, name string, recipes []string) {
	for _, recipe := range recipes {
		ep := fielded(t, f, name, recipe, "")
		c := dial(t, ep.Addr().String(), &tls.Config{InsecureSkipVerify: true})
		var got [][]byte
		for _, cert := range c.ConnectionState().PeerCertificates {
			got = append(got, cert.Raw)
		}
		c.Close()
		see(t, ep)
		chain, err := z.maker.Chain(recipe)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(bytes.Join(got, nil), bytes.Join(chain.Sent, nil)) {
			t.Errorf("%s: %d certificates came, not the %d that were to be sent", recipe, len(got), len(chain.Sent))
		}
	}
}

func rejects(t *testing.T, f *servers.Field, z zoo, name string) {
	ep := fielded(t, f, name, "letsencrypt-ecdsa", "")
	config := z.config(t, "letsencrypt-ecdsa", false)
	config.MaxVersion = tls.VersionTLS12 // whose alert is in plaintext
	if c, err := tls.Dial("tcp", ep.Addr().String(), config); err == nil {
		c.Close()
		t.Error("the client accepted")
	}
	got := see(t, ep)
	if got.Alert != "bad_certificate" || got.Handshake || got.Received != "" || got.Error == "" {
		t.Errorf("the stack told %+v", got)
	}
}

func splits(t *testing.T, f *servers.Field, z zoo, name string) {
	ep := fielded(t, f, name, "letsencrypt-ecdsa", "split-100")
	config := z.config(t, "letsencrypt-ecdsa", true)
	config.MaxVersion = tls.VersionTLS12
	c := dial(t, ep.Addr().String(), config)
	reply, err := says[name](c, "abcd")
	c.Close()
	if got := see(t, ep); err != nil || reply != got.Reply || got.Received != "abcd" || got.Played != "split-100" {
		t.Errorf("the client got %q, %v; the stack told %+v", reply, err, got)
	}
}

// engineFor opens Docker for a test of one stack.
func engineFor(t *testing.T) *docker.Engine {
	t.Helper()
	e, err := docker.Open(t.Context())
	if errors.Is(err, docker.ErrAbsent) && os.Getenv("CI") != "true" {
		t.Skip("not run without Docker: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func running(t *testing.T, e *docker.Engine, name string, sites []stack.Site) *stack.Running {
	t.Helper()
	for _, make := range servers.Stacks() {
		software, err := make()
		if err != nil {
			t.Fatal(err)
		}
		if software.Name != name {
			continue
		}
		r, err := stack.Run(t.Context(), e, software, netip.MustParseAddr("127.0.0.1"), sites, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
		return r
	}
	t.Fatalf("no stack %s", name)
	return nil
}

// TestRefused holds that a chain which a stack refuses is missing with the
// stack's own word, and keeps no other chain from being served.
func TestRefused(t *testing.T) {
	e, z := engineFor(t), newZoo(t)
	for name, want := range map[string]string{
		"nginx": "key values mismatch", "haproxy": "inconsistencies between private key and certificate", "gnutls": "do not match",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := running(t, e, name, z.sites(t, "plain-ecdsa", "key-not-held-ecdsa"))
			_, err := r.Open(t.Context(), "key-not-held-ecdsa", "")
			missing, ok := errors.AsType[*harness.MissingError](err)
			if !ok || !strings.Contains(missing.Why, want) {
				t.Errorf("the site that cannot be served: %v", err)
			}
			at, err := r.Addr(t.Context(), "plain-ecdsa")
			if err != nil {
				t.Fatal(err)
			}
			dial(t, at.String(), &tls.Config{InsecureSkipVerify: true}).Close()
			if _, err := r.Addr(t.Context(), "nowhere"); err == nil {
				t.Error("a site that is none has an address")
			}
		})
	}
}

// TestDied holds that a stack which dies is started again once, and then given
// up with its last lines.
func TestDied(t *testing.T) {
	e, z := engineFor(t), newZoo(t)
	r := running(t, e, "nginx", z.sites(t, "plain-ecdsa"))
	for life := range 2 {
		at, err := r.Addr(t.Context(), "plain-ecdsa")
		if err != nil {
			t.Fatalf("life %d: %v", life+1, err)
		}
		dial(t, at.String(), &tls.Config{InsecureSkipVerify: true}).Close()
		if err := r.Kill(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Addr(t.Context(), "plain-ecdsa"); err == nil || !strings.Contains(err.Error(), "died 2 times") || !strings.Contains(err.Error(), "last lines: ") {
		t.Errorf("after two deaths: %v", err)
	}
}

// TestNoField holds that without Docker the stacks are missing, with the
// reason.
func TestNoField(t *testing.T) {
	s := start(t, servers.InProcess)
	f := s.Field(func() ([]stack.Site, error) { panic("there is nothing to serve") }, nil)
	_, err := f.Open(t.Context(), "nginx", "plain-ecdsa", "")
	if missing, ok := errors.AsType[*harness.MissingError](err); !ok || !strings.Contains(missing.Error(), "in-process") {
		t.Errorf("%v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// TestFieldCut closes stacks that are still starting: none is left, and it does
// not take as long as starting them.
func TestFieldCut(t *testing.T) {
	s, z := start(t, servers.Docker), newZoo(t)
	asked := make(chan struct{})
	release := make(chan struct{})
	f := s.Field(func() ([]stack.Site, error) {
		close(asked)
		<-release
		return z.sites(t, "plain-ecdsa"), nil
	}, nil)
	opened := make(chan error)
	go func() {
		_, err := f.Open(t.Context(), "nginx", "plain-ecdsa", "")
		opened <- err
	}()
	<-asked
	closed := make(chan error)
	go func() { closed <- f.Close() }()
	close(release)
	if err := <-closed; err != nil {
		t.Error(err)
	}
	<-opened // with an endpoint of a stack that is gone, or an error
	if left := containersOf(t, "nginx"); len(left) != 0 {
		t.Errorf("containers are left: %q", left)
	}
}

// containersOf lists this process's containers for a part of the rig.
func containersOf(t *testing.T, part string) []string {
	t.Helper()
	c, err := testcontainers.NewDockerClientWithOpts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	list, err := c.ContainerList(t.Context(), client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", docker.LabelPart+"="+part),
	})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, found := range list.Items {
		if strings.HasPrefix(found.Labels[docker.LabelRig], fmt.Sprintf("%d ", os.Getpid())) {
			ids = append(ids, found.ID)
		}
	}
	return ids
}
