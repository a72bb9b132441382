package tlsserver

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"
)

// served starts a server that waits for its rig, and returns where.
func served(t *testing.T, ctx context.Context, token string, listeners int) (addr string, ended <-chan error) {
	t.Helper()
	s, err := New(t.Context(), netip.MustParseAddr("127.0.0.1"), listeners)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	end := make(chan error, 1)
	go func() {
		err := s.ServeRig(ctx, l, token)
		s.Close()
		end <- err
	}()
	return l.Addr().String(), end
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func presentation(t *testing.T) Presentation {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return Presentation{Certificate: Certificate{Chain: [][]byte{{1, 2, 3}}, Key: pkcs8}}
}

func ended(t *testing.T, end <-chan error) error {
	t.Helper()
	select {
	case err := <-end:
		return err
	case <-soon(t).Done():
		t.Fatal("the server goes on without its rig")
		return nil
	}
}

// TestServeRig holds that only who knows the token is obeyed, and that the
// server ends with its rig, calls that are waiting included.
func TestServeRig(t *testing.T) {
	addr, end := served(t, t.Context(), "sesame", 2)
	for _, token := range []string{"", "sesam", "sesame2", string(make([]byte, 1000))} {
		stranger, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(stranger, token+"\n")
		stranger.SetDeadline(time.Now().Add(10 * time.Second))
		if n, err := stranger.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("token %q was answered: %d bytes, %v", token, n, err)
		}
		stranger.Close()
	}
	c, err := Dial(soon(t), addr, "sesame")
	if err != nil {
		t.Fatal(err)
	}
	ep, err := c.Open(soon(t), presentation(t))
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error, 1)
	go func() {
		_, err := ep.Sightings(t.Context(), 1)
		waiting <- err
	}()
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("a second rig is listened to")
	}
	c.Close()
	if err := ended(t, end); err != nil {
		t.Error(err)
	}
	if err := ended(t, waiting); err == nil {
		t.Error("a wait outlived the connection it was asked over")
	}
}

func TestServeRigCalledOff(t *testing.T) {
	ctx, off := context.WithCancel(t.Context())
	_, end := served(t, ctx, "sesame", 1)
	off()
	if err := ended(t, end); err == nil {
		t.Error("a server that no rig took in hand ended without an error")
	}
	ctx, off = context.WithCancel(t.Context())
	addr, end := served(t, ctx, "sesame", 1)
	c, err := Dial(soon(t), addr, "sesame")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Open(soon(t), presentation(t)); err != nil {
		t.Fatal(err)
	}
	off()
	if err := ended(t, end); err != nil {
		t.Error(err)
	}
	if _, err := c.Open(soon(t), presentation(t)); err == nil {
		t.Error("a server that is gone opened an endpoint")
	}
}

// TestOpenAbandoned holds that an endpoint whose caller did not wait for it
// gives its listener back.
func TestOpenAbandoned(t *testing.T) {
	here, there := net.Pipe()
	s, err := New(t.Context(), netip.MustParseAddr("127.0.0.1"), 1)
	if err != nil {
		t.Fatal(err)
	}
	end := make(chan error, 1)
	go func() { end <- s.ServeControl(t.Context(), there) }()
	c := NewClient(here)
	off, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		if ep, err := c.Open(off, presentation(t)); err == nil {
			if _, err := ep.Close(soon(t), 0); err != nil { // the answer came first
				t.Fatal(err)
			}
		} else if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		c.abandoned.Wait()
	}
	if _, err := c.Open(soon(t), presentation(t)); err != nil {
		t.Error("the listener was not given back:", err)
	}
	c.Close()
	if err := ended(t, end); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	s, err := New(t.Context(), netip.MustParseAddr("127.0.0.1"), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	good := presentation(t)
	for name, p := range map[string]Presentation{
		"no key":          {Certificate: Certificate{Chain: good.Chain}},
		"a broken key":    {Certificate: Certificate{Chain: good.Chain, Key: []byte("key")}},
		"a broken second": {Certificate: good.Certificate, ByName: map[string]Certificate{"a": {Key: []byte("key")}}},
	} {
		if _, _, err := s.Open(t.Context(), p); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	if _, _, err := s.Open(t.Context(), good); err != nil {
		t.Error("a refused order kept the listener:", err)
	}
	if _, err := New(t.Context(), netip.MustParseAddr("192.0.2.1"), 1); err == nil {
		t.Error("listening on an address of nobody's")
	}
}
