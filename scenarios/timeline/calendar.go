package timeline

import (
	"cmp"
	"slices"
	"time"

	"trustrig/servers/pki"
)

// A Practice is what a server sends above its leaf.
type Practice string

const (
	// Default is the chain that the CA hands out unless asked for another.
	Default Practice = "default"
	// Longest is the longest chain that the CA offers.
	Longest Practice = "longest"
	// ByHand is a chain to which the server's owner adds the cross-signed
	// root for as long as it exists, whatever the CA hands out.
	ByHand Practice = "by-hand"
)

// An Assumption stands in for what the CA has not announced.
type Assumption string

// Facts of the calendar. Of those with one name, the one that was made known
// last counts.
type (
	// A certificate is one of the CA's own.
	certificate struct {
		pki.AuthorityCertificate
		known   time.Time
		assumed Assumption // "" for a fact
	}
	// A phase is who issues leaves, and what comes above the issuers.
	phase struct {
		name     string
		what     string // in a sentence, for the reader of a timeline
		keyTypes []string
		practice []Practice
		from     time.Time
		known    time.Time
		issuers  []string // labels; each renewal draws one
		parent   string   // of the issuers
		above    []string // certificates above the issuers'
		assumed  Assumption
	}
	// A lifetime is how long leaves are valid.
	lifetime struct {
		from, known time.Time
		days        int
	}
	// A remark is on the calendar for the reader only.
	remark struct {
		at, known time.Time
		what      string
	}
)

// A Calendar is a CA's, as known on one day.
type Calendar struct {
	authorities  []pki.Authority
	certificates map[string]certificate // by ID
	phases       []phase                // by from
	lifetimes    []lifetime             // by from
	remarks      []remark
	yearly       bool // the CA has announced that it changes intermediates every year
}

// asOf returns what was known on a day, and nothing assumed.
func asOf(day time.Time) *Calendar {
	c := &Calendar{certificates: make(map[string]certificate), yearly: !day.Before(yearlyKnown)}
	c.authorities = slices.Clone(authorities)
	for _, fact := range newest(certificates, day, func(f certificate) (string, time.Time) { return f.ID(), f.known }) {
		c.certificates[fact.ID()] = fact
	}
	c.phases = newest(phases, day, func(f phase) (string, time.Time) { return f.name, f.known })
	c.lifetimes = newest(lifetimes, day, func(f lifetime) (string, time.Time) { return f.from.String(), f.known })
	c.remarks = newest(remarks, day, func(f remark) (string, time.Time) { return f.what, f.known })
	c.sort()
	return c
}

func (c *Calendar) sort() {
	slices.SortStableFunc(c.phases, func(a, b phase) int { return a.from.Compare(b.from) })
	slices.SortStableFunc(c.lifetimes, func(a, b lifetime) int { return a.from.Compare(b.from) })
}

// newest returns the facts known by a day, and of those with one name the
// newest, in the order of the table.
func newest[F any](table []F, day time.Time, key func(F) (name string, known time.Time)) []F {
	last := make(map[string]int)
	for i, fact := range table {
		name, known := key(fact)
		if known.After(day) {
			continue
		}
		if j, ok := last[name]; ok {
			if _, earlier := key(table[j]); known.Before(earlier) {
				continue
			}
		}
		last[name] = i
	}
	var facts []F
	for i, fact := range table {
		name, _ := key(fact)
		if j, ok := last[name]; ok && i == j {
			facts = append(facts, fact)
		}
	}
	return facts
}

// certificates returns the IDs of what may be sent above a leaf of the phase.
func (p *phase) certificates() []string {
	var ids []string
	for _, issuer := range p.issuers {
		ids = append(ids, issuer+"/"+p.parent)
	}
	return append(ids, p.above...)
}

// phaseAt returns the phase in which a server's leaf is issued, nil before
// the calendar begins.
func (c *Calendar) phaseAt(at time.Time, keyType string, practice Practice) *phase {
	for i := len(c.phases) - 1; i >= 0; i-- {
		p := &c.phases[i]
		if !p.from.After(at) && slices.Contains(p.keyTypes, keyType) && slices.Contains(p.practice, practice) {
			return p
		}
	}
	return nil
}

// lifetimeAt returns how long a leaf is valid that is issued then.
func (c *Calendar) lifetimeAt(at time.Time) time.Duration {
	days := 0
	for _, l := range c.lifetimes {
		if !l.from.After(at) {
			days = l.days
		}
	}
	return time.Duration(days) * 24 * time.Hour
}

// An Event is a day of the calendar.
type Event struct {
	At      time.Time  `json:"at"`
	What    string     `json:"what"`
	Assumed Assumption `json:"assumed,omitempty"`
}

// events returns what is on the calendar for a server, from one day to
// another. Assumed intermediates end as well, but long after they issued.
func (c *Calendar) events(keyType string, practice Practice, from, to time.Time) []Event {
	var events []Event
	add := func(at time.Time, what string, assumed Assumption) {
		if !at.Before(from) && at.Before(to) {
			events = append(events, Event{at, what, assumed})
		}
	}
	first := c.phaseAt(from, keyType, practice)
	for i := range c.phases {
		p := &c.phases[i]
		if !slices.Contains(p.keyTypes, keyType) || !slices.Contains(p.practice, practice) || p.from.Before(from) && p != first {
			continue
		}
		add(p.from, p.what, p.assumed)
		for _, id := range p.certificates() {
			if ends := c.certificates[id]; !ends.Issues || ends.assumed == "" {
				add(ends.NotAfter, c.describe(ends)+" ends", ends.assumed)
			}
		}
	}
	for _, l := range c.lifetimes {
		add(l.from, "leaves are valid for "+plural(l.days, "day")+" from here on", "")
	}
	for _, r := range c.remarks {
		add(r.at, r.what, "")
	}
	for _, fact := range c.certificates {
		if fact.Subject == fact.Issuer && c.serves(keyType, fact.Subject) {
			add(fact.NotAfter, c.describe(fact)+" ends", fact.assumed)
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.What, b.What))
	})
	return slices.Compact(events)
}

// serves reports whether an authority is above a phase's issuers.
func (c *Calendar) serves(keyType, label string) bool {
	for _, p := range c.phases {
		if !slices.Contains(p.keyTypes, keyType) {
			continue
		}
		if p.parent == label {
			return true
		}
		for _, id := range p.above {
			if c.certificates[id].Issuer == label {
				return true
			}
		}
	}
	return false
}

// describe names a certificate for the reader.
func (c *Calendar) describe(f certificate) string {
	switch {
	case f.Subject == f.Issuer:
		return c.name(f.Subject)
	case f.Issues:
		return "intermediate " + c.name(f.Subject)
	}
	return c.name(f.Subject) + " as cross-signed by " + c.name(f.Issuer)
}

func (c *Calendar) name(label string) string {
	for _, a := range c.authorities {
		if a.Label == label {
			return a.Name
		}
	}
	return label
}
