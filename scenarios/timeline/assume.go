package timeline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"trustrig/servers/pki"
)

// What is assumed where the CA has announced nothing.
const (
	Thirds     Assumption = "thirds"
	Rotation   Assumption = "rotation"
	CrossSigns Assumption = "cross-signs"
	Roots      Assumption = "roots"
)

// A Ground is what an assumption says, and why.
type Ground struct {
	Name Assumption `json:"name"`
	Text string     `json:"text"`
}

// Assumptions lists them with their grounds.
func Assumptions() []Ground {
	return []Ground{
		{Thirds, "the server renews its leaf after two thirds of its life, as the CA advises, and draws one of two intermediates at each renewal"},
		{Rotation, "the CA changes its intermediates every year, as it means to since 2024-04-11 (before that: a year before they end); " +
			"they are eight months old then, as generation Y's were, and last three years, the longest that its CP/CPS 6.2 allows"},
		{CrossSigns, "a cross-signed root is not signed again when it ends, and is sent no more with a leaf that would outlive it: " +
			"so it went with DSE Root CA X3"},
		{Roots, "new roots come ten years after the last, as generation Y did, and eight years after those that last only ten (CP/CPS 6.2); " +
			"the roots before sign them across for three years"},
	}
}

const (
	// intermediateAge is how old intermediates and roots are when they begin
	// to issue.
	intermediateAge = 8 // months
	// intermediateLife and crossLife are the longest that the CP/CPS allows.
	intermediateLife = 3 // years
	crossLife        = 3
	rootLife         = 10
	// rootInterval is from one generation of roots to the next, where the
	// former last for 20 years; shortInterval where they last for ten.
	rootInterval  = 10
	shortInterval = 8
	// keyRing is how many keys the assumed intermediates of a key type have
	// in turn. Those that issue at one time, or are valid at one time, have
	// different ones.
	keyRing = 8
)

// assume carries the calendar on to a day for servers with leaves of a key
// type.
func (c *Calendar) assume(keyType string, until time.Time) {
	last := c.lastPhase(keyType)
	if last == nil {
		return
	}
	l := lineage{calendar: c, keyType: keyType, root: last.parent, above: last.above}
	phase := *last
	for n := 0; ; n++ {
		from := c.rotation(phase)
		if !from.Before(until) {
			break
		}
		l.advance(from)
		phase = l.phase(from, n)
		c.phases = append(c.phases, phase)
	}
	c.sort()
}

func (c *Calendar) lastPhase(keyType string) *phase {
	for i := len(c.phases) - 1; i >= 0; i-- {
		if p := &c.phases[i]; slices.Contains(p.keyTypes, keyType) && slices.Contains(p.practice, Default) {
			return p
		}
	}
	return nil
}

// rotation returns when other intermediates follow those of a phase.
func (c *Calendar) rotation(p phase) time.Time {
	yearly := p.from.AddDate(1, 0, 0)
	if c.yearly {
		return yearly
	}
	first := c.certificates[p.issuers[0]+"/"+p.parent].NotAfter
	before := time.Date(first.Year()-1, first.Month(), first.Day(), 0, 0, 0, 0, time.UTC)
	if before.After(p.from) {
		return before
	}
	return yearly
}

// A lineage is where assumed intermediates come from: the newest root, and
// what leads from it to the older ones.
type lineage struct {
	calendar *Calendar
	keyType  string
	root     string
	above    []string
}

// advance adds the roots that issue from a day on.
func (l *lineage) advance(from time.Time) {
	made := from.AddDate(0, -intermediateAge, 0)
	for {
		old := l.calendar.certificates[l.root+"/"+l.root]
		interval := rootInterval
		if old.NotAfter.Before(old.NotBefore.AddDate(rootLife, 0, 0)) {
			interval = shortInterval
		}
		y, m, d := old.NotBefore.AddDate(interval, 0, 0).Date()
		next := day(y, m, d)
		if next.After(made) {
			return
		}
		label := fmt.Sprintf("root-%d-%s", y, l.keyType)
		l.authority(label, fmt.Sprintf("Root %d %s", y, strings.ToUpper(l.keyType)), "ESRG", label, 4096)
		l.certificate(label, label, next, rootLife, false, Roots)
		cross := l.certificate(label, l.root, next, crossLife, false, Roots)
		l.root, l.above = label, slices.Concat([]string{cross}, l.above)
	}
}

// phase adds two intermediates, and returns the phase in which they issue.
func (l *lineage) phase(from time.Time, n int) phase {
	made := from.AddDate(0, -intermediateAge, 0)
	p := phase{
		name: fmt.Sprintf("assumed %s %s", l.keyType, from.Format(time.DateOnly)), keyTypes: []string{l.keyType}, practice: everyone,
		from: from, parent: l.root, above: l.above, assumed: Rotation,
	}
	for i := range 2 {
		label := fmt.Sprintf("%s-%d-%d", l.keyType, from.Year(), i+1)
		key := fmt.Sprintf("assumed-%d", (2*n+i)%keyRing)
		l.authority(label, fmt.Sprintf("%s%d-%d", strings.ToUpper(l.keyType[:1]), from.Year(), i+1), lets, key, 2048)
		l.certificate(label, l.root, made, intermediateLife, true, Rotation)
		p.issuers = append(p.issuers, label)
	}
	p.what = fmt.Sprintf("%s and %s begin to issue, under %s", l.calendar.name(p.issuers[0]), l.calendar.name(p.issuers[1]), l.calendar.name(l.root))
	return p
}

func (l *lineage) authority(label, name, organization, key string, bits int) {
	a := pki.Authority{Label: label, Name: name, Organization: organization, Key: key}
	if l.keyType == "rsa" {
		a.RSA = bits
	}
	l.calendar.authorities = append(l.calendar.authorities, a)
}

// certificate adds one that lasts for whole years, and returns its ID.
func (l *lineage) certificate(subject, issuer string, from time.Time, years int, issues bool, why Assumption) string {
	c := certificate{assumed: why, AuthorityCertificate: pki.AuthorityCertificate{
		Subject: subject, Issuer: issuer, Issues: issues,
		NotBefore: from, NotAfter: from.AddDate(years, 0, 0).Add(-time.Second),
	}}
	l.calendar.certificates[c.ID()] = c
	return c.ID()
}
