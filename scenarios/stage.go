package scenarios

import (
	"context"
	"crypto/x509"
	"fmt"

	"trustrig/harness"
	"trustrig/harness/emulator/board"
	"trustrig/servers"
	"trustrig/servers/pki"
	"trustrig/servers/stack"
	"trustrig/servers/tlsserver"
)

// A stage presents recipes on the rig's own servers. It implements
// harness.Stage.
type stage struct {
	maker   *pki.Maker
	servers *servers.Server
	field   *servers.Field // nil for none
	clocks  *clockSource
}

// NewStage returns the server's side of scenarios: a maker's chains on these
// servers.
func NewStage(maker *pki.Maker, s *servers.Server) harness.Stage {
	return newStage(maker, s, &clockSource{powerOn: board.Default().PowerOn})
}

func newStage(maker *pki.Maker, s *servers.Server, clocks *clockSource) *stage {
	return &stage{maker: maker, servers: s, clocks: clocks}
}

// withField adds the stacks of the field, with a site for each recipe that the
// catalogue presents on them.
func withField(st harness.Stage, catalogue []harness.Scenario, say func(string)) (harness.Stage, *servers.Field) {
	own := st.(*stage)
	f := own.servers.Field(func() ([]stack.Site, error) { return sitesOf(own.maker, catalogue) }, say)
	return &stage{maker: own.maker, servers: own.servers, field: f, clocks: own.clocks}, f
}

func (st *stage) Open(ctx context.Context, s harness.Scenario) (harness.Endpoint, harness.Anchors, error) {
	chain, err := st.maker.Chain(s.Recipe)
	if err != nil {
		return nil, harness.Anchors{}, err
	}
	anchors, err := st.anchors(s, chain)
	if err != nil {
		return nil, anchors, err
	}
	if s.Stack != ownStack {
		ep, err := st.openStack(ctx, s)
		return ep, anchors, err
	}
	p, err := st.presentation(s, chain)
	if err != nil {
		return nil, anchors, err
	}
	ep, err := st.servers.OpenAs(ctx, p, s.Behaviour)
	if err != nil {
		return nil, anchors, err
	}
	return ep, anchors, nil
}

func (st *stage) presentation(s harness.Scenario, chain *pki.Chain) (tlsserver.Presentation, error) {
	// mbedTLS 3.6.6 offers RSA-PSS in TLS 1.2 and fails to verify it, which
	// is no matter of certificates.
	p := tlsserver.Presentation{NoPSS: true}
	var err error
	if p.Certificate, err = present(chain); err != nil {
		return p, err
	}
	for name, recipe := range s.ByName {
		further, err := st.maker.Chain(recipe)
		if err != nil {
			return p, err
		}
		if p.ByName == nil {
			p.ByName = make(map[string]tlsserver.Certificate)
		}
		if p.ByName[name], err = present(further); err != nil {
			return p, err
		}
	}
	return p, nil
}

// anchors returns what the device loads.
func (st *stage) anchors(s harness.Scenario, chain *pki.Chain) (harness.Anchors, error) {
	var der [2][]byte
	for i, name := range []string{s.Anchor, s.Second} {
		if a := pki.Anchor(name); a != "" && a != pki.None {
			if der[i] = chain.Anchors[a]; der[i] == nil {
				return harness.Anchors{}, fmt.Errorf("recipe %s has no anchor %q", s.Recipe, name)
			}
		}
	}
	return anchorsFor(s.Load, der[0], der[1])
}

func present(c *pki.Chain) (tlsserver.Certificate, error) {
	key, err := x509.MarshalPKCS8PrivateKey(c.Key)
	if err != nil {
		return tlsserver.Certificate{}, fmt.Errorf("encoding the key of recipe %s: %w", c.Recipe, err)
	}
	return tlsserver.Certificate{Chain: c.Sent, Key: key}, nil
}
