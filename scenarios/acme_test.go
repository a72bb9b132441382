package scenarios

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"net/netip"
	"os"
	"testing"
	"time"

	"trustrig/firmware/cache"
	"trustrig/harness"
	"trustrig/harness/probe"
	"trustrig/servers"
	"trustrig/servers/acme"
	"trustrig/servers/docker"
	"trustrig/servers/pki"
	"trustrig/servers/stack"
)

// TestACME has nginx present chains that an ACME server issued: the camera
// accepts the first and, with the same anchor, the renewed one; with another
// root it rejects both.
func TestACME(t *testing.T) {
	e, err := docker.Open(t.Context())
	if errors.Is(err, docker.ErrAbsent) && os.Getenv("CI") != "true" {
		t.Skip("not run without Docker: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	store, err := cache.Open()
	if err != nil {
		t.Fatal(err)
	}
	root, sites := issue(t, e)
	nginx := onNginx(t, e, sites)
	camera, client := newClient(t, store)
	// The ACME server dates from now; a camera's clock counts seconds.
	if err := camera.SetClock(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	foreign, err := NewMaker(time.Now(), store).Chain(goodRecipe)
	if err != nil {
		t.Fatal(err)
	}
	for _, site := range sites {
		for _, c := range []struct {
			name   string
			anchor []byte
			expect harness.Expect
		}{
			{"its root", root, accept("C21: renewed under the same root, a server goes on being accepted")},
			{"another root", foreign.Anchors[pki.Root], reject("RFC 5280 6.1.3(a)(1)", harness.NotTrusted)},
		} {
			t.Run(site.Name+"/"+c.name, func(t *testing.T) {
				sc := complete(harness.Scenario{Name: site.Name, Client: "http", Stack: "nginx", Expect: c.expect})
				judgeAt(t, client, nginx, site.Name, sc, c.anchor)
			})
		}
	}
}

// issue has two certificates issued, the second as a renewal with a key of its
// own, and returns the CA's root and a site of each.
func issue(t *testing.T, e *docker.Engine) (root []byte, sites []stack.Site) {
	t.Helper()
	ca, err := acme.Start(t.Context(), e, func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := ca.Close(); err != nil {
			t.Error(err)
		}
	}()
	if root, err = ca.Root(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"first", "renewed"} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		chain, err := ca.Issue(t.Context(), serverName, key)
		if err != nil {
			t.Fatal(err)
		}
		site, err := servers.Site(name, chain, key)
		if err != nil {
			t.Fatal(err)
		}
		sites = append(sites, site)
	}
	return root, sites
}

func onNginx(t *testing.T, e *docker.Engine, sites []stack.Site) *stack.Running {
	t.Helper()
	software, err := servers.Stack("nginx")
	if err != nil {
		t.Fatal(err)
	}
	r, err := stack.Run(t.Context(), e, software, netip.AddrFrom4([4]byte{127, 0, 0, 1}), sites, nil)
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

func newClient(t *testing.T, store *cache.Cache) (*camera, *probe.Client) {
	t.Helper()
	camera, err := openCamera(t.Context(), options, store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := camera.Close(); err != nil {
			t.Error(err)
		}
	})
	identity, err := probe.Identify(t.Context(), camera)
	if err != nil {
		t.Fatal(err)
	}
	return camera, probe.New(camera, identity.Capabilities, scenarioLimit)
}

// judgeAt makes the device connect to a site and wants a pass.
func judgeAt(t *testing.T, client *probe.Client, r *stack.Running, site string, sc harness.Scenario, anchor []byte) {
	t.Helper()
	ep, err := r.Open(t.Context(), site, "")
	if err != nil {
		t.Fatal(err)
	}
	target := harness.Target{Addr: ep.Addr(), Anchors: harness.Anchors{First: anchor}, Nonce: rand.Text()}
	outcome, err := client.Probe(t.Context(), sc, target)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	seen, closeErr := ep.Close(ctx, 1)
	if err != nil || closeErr != nil || len(seen) != 1 {
		t.Fatalf("%v, %v, saw %+v", err, closeErr, seen)
	}
	seen[0].Nonce = seen[0].Received == target.Nonce
	if j := harness.Judge(sc, outcome, &seen[0], nil); j.Verdict != harness.Pass {
		t.Errorf("%s: %s\noutcome  %+v\nsighting %+v", j.Verdict, j.Why, outcome, seen[0])
	}
}
