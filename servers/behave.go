package servers

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"

	"trustrig/harness"
	"trustrig/servers/relay"
	"trustrig/servers/tlsserver"
)

// OpenAs opens an endpoint that behaves as one of [tlsserver.Behaviours] or
// one of [relay.Acts]; "" is the usual. An act that is done in one version of
// TLS alone has the server choose that.
func (s *Server) OpenAs(ctx context.Context, p tlsserver.Presentation, behaviour string) (harness.Endpoint, error) {
	if behaviour == "" || tlsserver.Behaves(behaviour) {
		p.Behaviour = behaviour
		ep, err := s.Open(ctx, p)
		if err != nil {
			return nil, err
		}
		return ep, nil
	}
	act, ok := relay.Find(behaviour)
	if !ok {
		return nil, fmt.Errorf("servers behave as %q neither by themselves nor behind a relay", behaviour)
	}
	switch act.Version {
	case tls.VersionTLS12:
		p.MaxVersion = tls.VersionTLS12
	case tls.VersionTLS13:
		p.MinVersion = tls.VersionTLS13
	}
	ep, err := s.Open(ctx, p)
	if err != nil {
		return nil, err
	}
	r, err := relay.Open(ctx, s.addr, ep.Addr(), behaviour)
	if err != nil {
		_, closeErr := ep.Close(ctx, 0)
		return nil, errors.Join(err, closeErr)
	}
	return &relayed{ep, r}, nil
}

// A relayed endpoint is one behind a relay.
type relayed struct {
	server *tlsserver.Endpoint
	relay  *relay.Relay
}

func (e *relayed) Addr() netip.AddrPort { return e.relay.Addr() }

// Close implements harness.Endpoint.
func (e *relayed) Close(ctx context.Context, atLeast int) ([]harness.Sighting, error) {
	seen, relayErr := e.relay.Close(ctx, atLeast)
	passed := 0
	for _, s := range seen {
		if s.Port != 0 {
			passed++
		}
	}
	served, err := e.server.Close(ctx, passed)
	all := make([]harness.Sighting, len(seen))
	for i, s := range seen {
		all[i] = s.Sighting
		if s.Port != 0 && len(served) > 0 {
			all[i], served = merge(s.Sighting, served[0]), served[1:]
		}
	}
	return all, errors.Join(relayErr, err)
}

// merge makes one sighting of two of the same connection: what the server
// decrypted, and what the relay heard of the client, who speaks to it alone.
func merge(heard, served harness.Sighting) harness.Sighting {
	all := served
	all.Connection, all.End, all.Played = heard.Connection, heard.End, heard.Played
	all.ClientHello, all.SNI = heard.ClientHello, heard.SNI
	all.Lacks = cmp.Or(heard.Lacks, served.Lacks)
	if heard.Alert != "" && heard.Alert != "encrypted" {
		all.Alert = heard.Alert
	}
	return all
}
