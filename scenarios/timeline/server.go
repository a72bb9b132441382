package timeline

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"trustrig/servers/pki"
)

// A Server renews its leaf in time, and sends what the CA hands out.
type Server struct {
	KeyType  string // "ecdsa" or "rsa"
	Practice Practice
	// Seed decides which of the CA's intermediates issues each leaf.
	Seed uint64
}

// A stretch is the time from one renewal to the next: the server presents one
// chain.
type stretch struct {
	from, to time.Time
	chain    *pki.Chain
	phase    *phase
	issuer   string
	above    []certificate // as sent above the leaf
	cut      *certificate  // the first that is left out because the leaf would outlive it
}

// serve issues a server's chains from one day to another.
func serve(ctx context.Context, cal *Calendar, ca *pki.CA, s Server, from, to time.Time) ([]stretch, error) {
	draw := rand.New(rand.NewPCG(s.Seed, 0))
	var stretches []stretch
	for at := from; at.Before(to); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := cal.phaseAt(at, s.KeyType, s.Practice)
		length := cal.lifetimeAt(at)
		if p == nil || length == 0 {
			return nil, fmt.Errorf("nothing was known of the CA's %s chains of %s; the calendar begins %s", s.KeyType, at.Format(time.DateOnly),
				phases[0].from.Format(time.DateOnly))
		}
		next := stretch{from: at, to: at.Add(length * 2 / 3).Truncate(time.Second), phase: p, issuer: p.issuers[draw.IntN(len(p.issuers))]}
		next.hand(cal, s.Practice, at.Add(length))
		ids := make([]string, len(next.above))
		for i, c := range next.above {
			ids[i] = c.ID()
		}
		var err error
		order := pki.Order{KeyType: s.KeyType, Issuer: next.issuer, Issued: at, Length: length, Renewal: len(stretches)}
		if next.chain, err = ca.Issue(order, ids...); err != nil {
			return nil, fmt.Errorf("issuing the leaf of %s: %w", at.Format(time.DateOnly), err)
		}
		at = next.to
		if next.to.After(to) {
			next.to = to
		}
		stretches = append(stretches, next)
	}
	return stretches, nil
}

// hand decides what is sent above a leaf that ends then.
func (s *stretch) hand(cal *Calendar, practice Practice, ends time.Time) {
	ids := slices.Concat([]string{s.issuer + "/" + s.phase.parent}, s.phase.above)
	for i, id := range ids {
		c := cal.certificates[id]
		if i > 0 && practice != ByHand && c.NotAfter.Before(ends) {
			s.cut = &c
			return
		}
		s.above = append(s.above, c)
	}
}
