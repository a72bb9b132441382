package stack

import (
	"context"
	"errors"
	"net/netip"

	"trustrig/harness"
	"trustrig/servers/relay"
)

// Open opens an endpoint before a site, through a relay that acts as named.
// One endpoint a site can be open at a time.
func (r *Running) Open(ctx context.Context, site, act string) (harness.Endpoint, error) {
	l, err := r.alive(ctx)
	if err != nil {
		return nil, err
	}
	at, err := r.addrOf(l, site)
	if err != nil {
		return nil, err
	}
	if act == "" {
		act = "faithful"
	}
	before, err := relay.Open(ctx, r.addr, at, act)
	if err != nil {
		return nil, err
	}
	return &endpoint{running: r, life: l, site: site, relay: before, mark: l.journal.len()}, nil
}

// An endpoint is a relay before a site.
type endpoint struct {
	running *Running
	life    *life
	site    string
	relay   *relay.Relay
	mark    int // events before it was opened
}

func (e *endpoint) Addr() netip.AddrPort { return e.relay.Addr() }

// Close implements harness.Endpoint.
func (e *endpoint) Close(ctx context.Context, atLeast int) ([]harness.Sighting, error) {
	seen, relayErr := e.relay.Close(ctx, atLeast)
	err := e.running.fence(ctx, e.life, e.site)
	return sight(e.site, e.life.at[e.site].Port(), seen, e.life.journal.since(e.mark)), errors.Join(relayErr, err)
}

// sight makes sightings of what the relay saw and the software told. Software
// that does not tell the client's port has its word put to the last
// connection: a device makes one at a time.
func sight(site string, port uint16, seen []relay.Seen, events []Event) []harness.Sighting {
	all := make([]harness.Sighting, len(seen))
	for i, s := range seen {
		all[i] = s.Sighting
	}
	for _, e := range events {
		i := connectionOf(site, port, seen, e)
		if i < 0 {
			continue
		}
		if e.Received != "" {
			// What was decrypted came after a Finished that was right.
			all[i].Received, all[i].Reply, all[i].Handshake = e.Received, e.Reply, true
		}
		if e.Error != "" {
			all[i].Error = e.Error
		}
		if e.Played != "" {
			all[i].Played = e.Played
		}
	}
	return all
}

// connectionOf is which of the connections an event tells of, -1 for none.
func connectionOf(site string, port uint16, seen []relay.Seen, e Event) int {
	for i, s := range seen {
		if e.Client != 0 && s.Port == e.Client {
			return i
		}
	}
	if e.Client != 0 || e.Site != "" && e.Site != site || e.Port != 0 && e.Port != port {
		return -1
	}
	return len(seen) - 1
}
