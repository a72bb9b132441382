package acme

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/mholt/acmez/v3/acme"
)

// answers are what a server of the names has to say to the CA: RFC 8555
// section 8.3. They are acmez's solver of http-01.
type answers struct {
	server  *http.Server
	serving sync.WaitGroup
	err     error // why the serving ended

	mu     sync.Mutex
	byPath map[string]string
}

// answer answers challenges at this address.
func answer(ctx context.Context, at netip.AddrPort) (*answers, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", at.String())
	if err != nil {
		return nil, err
	}
	a := &answers{byPath: make(map[string]string)}
	a.server = &http.Server{Handler: a, ReadHeaderTimeout: 10 * time.Second}
	a.serving.Go(func() { a.err = a.server.Serve(l) })
	return a, nil
}

func (a *answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	text, ok := a.byPath[r.URL.Path]
	a.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	io.WriteString(w, text) // a CA that hangs up asks again
}

// Present implements acmez.Solver.
func (a *answers) Present(_ context.Context, c acme.Challenge) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byPath[c.HTTP01ResourcePath()] = c.KeyAuthorization
	return nil
}

// CleanUp implements acmez.Solver.
func (a *answers) CleanUp(_ context.Context, c acme.Challenge) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.byPath, c.HTTP01ResourcePath())
	return nil
}

func (a *answers) close() error {
	err := a.server.Close()
	a.serving.Wait()
	if !errors.Is(a.err, http.ErrServerClosed) {
		return errors.Join(err, a.err)
	}
	return err
}
