package pki

import (
	"time"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"trustrig/harness"
)

// Faults of time. A validity is moved as a whole, so that its length, which
// profiles fix, stays what it was, and the certificate was good once.

// endAt moves the validity so that it ends at the given instant.
func endAt(c *cert, end time.Time) {
	move(c, end.Sub(c.template.NotAfter))
}

func move(c *cert, d time.Duration) {
	c.template.NotBefore = c.template.NotBefore.Add(d)
	c.template.NotAfter = c.template.NotAfter.Add(d)
}

// endedADayAgo is the fault of the expired recipes.
func endedADayAgo(c *cert, t0 time.Time) { endAt(c, t0.Add(-day)) }

func expiredRecipes() []Recipe {
	var rows []Recipe
	for _, keyType := range keyTypes {
		rows = append(rows,
			Recipe{
				Family:  "time",
				Name:    "expired-leaf-" + keyType,
				Twin:    "letsencrypt-" + keyType,
				Is:      "the leaf, and only the leaf, ended a day before T0",
				Source:  "RFC 5280 6.1.3(a)(2)",
				Must:    harness.Rejected,
				Reasons: []harness.Reason{harness.Expired},
				Differs: []string{"leaf/validity"},
				fault:   changeSent(0, endedADayAgo),
			},
			Recipe{
				Family:  "time",
				Name:    "expired-intermediate-" + keyType,
				Twin:    "letsencrypt-" + keyType,
				Is:      "the intermediate, and only the intermediate, ended a day before T0",
				Source:  "RFC 5280 6.1.3(a)(2)",
				Must:    harness.Rejected,
				Reasons: []harness.Reason{harness.Expired},
				Differs: []string{"intermediate/validity"},
				spares:  []Anchor{Leaf},
				except:  []Case{expiredAnchor(Intermediate)},
				fault:   changeSent(1, endedADayAgo),
			})
	}
	return append(rows, recipesOf("time", timeFaults...)...)
}

// expiredAnchor: an anchor is a name and a key (RFC 5280 6.1.1(d)); whether
// the dates of the certificate that brought them matter is not said.
func expiredAnchor(a Anchor) Case {
	return Case{Anchor: a, Must: harness.Either, Reasons: []harness.Reason{harness.Expired}, Source: "RFC 5280 6.1.1(d)",
		Why: "the algorithm checks the dates of certificates on the path, to which the anchor does not belong"}
}

// timeFaults are those of the plain chain.
var timeFaults = []fault{
	{name: "expired-anchor", is: "the root that the device holds ended a day before T0", source: "RFC 5280 6.1.1(d)",
		must: harness.Either, reasons: []harness.Reason{harness.Expired},
		differs: []string{"anchor root/validity"}, change: onRoot(endedADayAgo)},
	{name: "future-leaf", is: "the leaf, and only the leaf, begins a day after T0", source: "RFC 5280 6.1.3(a)(2)",
		reasons: []harness.Reason{harness.NotYetValid}, differs: []string{"leaf/validity"}, change: onLeaf(beginsInADay)},
	{name: "future-intermediate", is: "the intermediate, and only the intermediate, begins a day after T0", source: "RFC 5280 6.1.3(a)(2)",
		reasons: []harness.Reason{harness.NotYetValid}, differs: []string{"intermediate/validity"}, change: onIntermediate(beginsInADay)},
	{name: "future-anchor", is: "the root that the device holds begins a day after T0", source: "RFC 5280 6.1.1(d)",
		must: harness.Either, reasons: []harness.Reason{harness.NotYetValid},
		differs: []string{"anchor root/validity"}, change: onRoot(beginsInADay)},
	{name: "edges-intermediate", is: "good: the intermediate begins after and ends before leaf and root", source: "RFC 5280 6.1.3(a)(2), 4.1.2.5",
		must: harness.Accepted, differs: []string{"intermediate/validity"}, more: edgeCases(Intermediate),
		change: onIntermediate(twentyDays)},
	{name: "edges-anchor", is: "good: the root begins after and ends before leaf and intermediate", source: "RFC 5280 6.1.1(d)",
		must: harness.Accepted, differs: []string{"anchor root/validity"}, more: openEdges(edgeCases(Root)),
		change: onRoot(twentyDays)},
	{name: "leaf-to-2051", is: "the leaf ends in 2051, which GeneralizedTime says", source: "RFC 5280 4.1.2.5",
		must: harness.Accepted, differs: []string{"leaf/validity"}, change: onLeaf(endsAt(2051))},
	{name: "leaf-to-9999", is: "the leaf ends at 99991231235959Z", source: "RFC 5280 4.1.2.5",
		must: harness.Accepted, differs: []string{"leaf/validity"}, change: onLeaf(endsAt(9999))},
	{name: "intermediate-to-9999", is: "the intermediate ends at 99991231235959Z", source: "RFC 5280 4.1.2.5",
		must: harness.Accepted, differs: []string{"intermediate/validity"}, change: onIntermediate(endsAt(9999))},
	{name: "anchor-to-9999", is: "the root that the device holds ends at 99991231235959Z", source: "RFC 5280 4.1.2.5",
		must: harness.Accepted, differs: []string{"anchor root/validity"}, change: onRoot(endsAt(9999))},
	endsWith("ends-2038", "31 bits of seconds since 1970", time.Date(2038, 1, 19, 3, 14, 7, 0, time.UTC)),
	endsWith("ends-2049", "the years that UTCTime can write", time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC)),
	endsWith("ends-2106", "32 bits of seconds since 1970", time.Date(2106, 2, 7, 6, 28, 15, 0, time.UTC)),
	endsWith("ends-9999", "the years that GeneralizedTime can write", time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)),
	{name: "leaf-from-1950", is: "the leaf begins in 1950, which UTCTime says as year 50", source: "RFC 5280 4.1.2.5.1",
		must: harness.Accepted, differs: []string{"leaf/validity"}, change: onLeaf(func(c *cert, _ time.Time) {
			c.template.NotBefore = time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC)
		})},
	{name: "generalized-time", is: "dates before 2050 are GeneralizedTime, which certificate users must be able to read", source: "RFC 5280 4.1.2.5",
		must: harness.Accepted, differs: []string{"leaf/validity"}, change: onLeaf(func(c *cert, _ time.Time) {
			from, to := c.template.NotBefore, c.template.NotAfter
			c.edit(func(t *tbs) error {
				t.validity = wrap(cbasn1.SEQUENCE, generalizedTime(from), generalizedTime(to))
				return nil
			})
		})},
	{name: "reversed-validity", is: "the leaf ends before it begins, and T0 lies between", source: "RFC 5280 6.1.3(a)(2)",
		also: []harness.Reason{harness.Expired, harness.NotYetValid, harness.Malformed}, fatal: true, neighbour: "plain",
		differs: []string{"leaf/validity"}, change: onLeaf(func(c *cert, t0 time.Time) {
			c.template.NotBefore, c.template.NotAfter = t0.Add(30*day), t0.Add(-30*day)
		})},
	{name: "time-without-seconds", is: "the leaf's dates have no seconds", source: "RFC 5280 4.1.2.5.1",
		must: harness.Either, also: []harness.Reason{harness.Malformed}, fatal: true, neighbour: "plain",
		differs: []string{"leaf/validity"}, change: onLeaf(writtenDates(cbasn1.UTCTime, "0601021504Z"))},
	{name: "time-with-offset", is: "the leaf's dates are not in Zulu time but have an offset", source: "RFC 5280 4.1.2.5.1",
		must: harness.Either, also: []harness.Reason{harness.Malformed}, fatal: true, neighbour: "plain",
		differs: []string{"leaf/validity"}, change: onLeaf(writtenDates(cbasn1.UTCTime, "060102150405+0000"))},
	{name: "generalized-time-without-seconds", is: "the leaf's dates are GeneralizedTime and have no seconds", source: "RFC 5280 4.1.2.5.2",
		must: harness.Either, also: []harness.Reason{harness.Malformed}, fatal: true, neighbour: "generalized-time",
		differs: []string{"leaf/validity"}, change: onLeaf(writtenDates(cbasn1.GeneralizedTime, "200601021504Z"))},
	{name: "generalized-time-fraction", is: "the leaf's dates are GeneralizedTime and have fractions of a second", source: "RFC 5280 4.1.2.5.2",
		must: harness.Either, also: []harness.Reason{harness.Malformed}, fatal: true, neighbour: "generalized-time",
		differs: []string{"leaf/validity"}, change: onLeaf(writtenDates(cbasn1.GeneralizedTime, "20060102150405.5Z"))},
	{name: "time-month-13", is: "the leaf ends in a thirteenth month", source: "RFC 5280 4.1.2.5",
		also: []harness.Reason{harness.Malformed, harness.Expired}, fatal: true, neighbour: "plain",
		differs: []string{"leaf/validity"}, change: onLeaf(func(c *cert, t0 time.Time) {
			c.edit(func(t *tbs) error {
				end := t0.AddDate(1, 0, 0).Format("06") + "1301000000Z"
				t.validity = wrap(cbasn1.SEQUENCE, utcTime(c.template.NotBefore.Format(zulu)), utcTime(end))
				return nil
			})
		})},
}

// endsWith is a chain whose leaf ends with what a representation of time can
// hold, and whose other certificates end later or then. A device whose clock
// is there must still compare.
func endsWith(name, what string, end time.Time) fault {
	cases := edgeCases("")[3:] // at notAfter
	if end.Year() == 9999 {
		cases = cases[:2] // no clock shows what follows
	}
	return fault{name: name, is: "good: the leaf ends with " + what + ", the others in 9999", source: "RFC 5280 4.1.2.5, 4.1.2.5.1",
		must: harness.Accepted, differs: []string{"leaf/validity", "intermediate/validity", "anchor root/validity"}, more: cases,
		change: func(w *world, p *plan) {
			onLeaf(until(end))(w, p)
			onIntermediate(endsAt(9999))(w, p)
			onRoot(endsAt(9999))(w, p)
		}}
}

func until(end time.Time) func(*cert, time.Time) {
	return func(c *cert, _ time.Time) { c.template.NotAfter = end }
}

const zulu = "060102150405Z"

func utcTime(text string) []byte { return wrap(cbasn1.UTCTime, []byte(text)) }

func generalizedTime(t time.Time) []byte {
	return wrap(cbasn1.GeneralizedTime, []byte(t.UTC().Format("20060102150405Z")))
}

// writtenDates writes the dates in the given type and layout.
func writtenDates(tag cbasn1.Tag, layout string) func(*cert, time.Time) {
	return func(c *cert, _ time.Time) {
		from, to := c.template.NotBefore.UTC().Format(layout), c.template.NotAfter.UTC().Format(layout)
		c.edit(func(t *tbs) error {
			t.validity = wrap(cbasn1.SEQUENCE, wrap(tag, []byte(from)), wrap(tag, []byte(to)))
			return nil
		})
	}
}

func beginsInADay(c *cert, t0 time.Time) { move(c, t0.Add(day).Sub(c.template.NotBefore)) }

// twentyDays ends the validity well within those of the other certificates of
// the plain chain.
func twentyDays(c *cert, t0 time.Time) {
	c.template.NotBefore, c.template.NotAfter = t0.Add(-20*day), t0.Add(20*day)
}

func endsAt(year int) func(*cert, time.Time) {
	return func(c *cert, _ time.Time) {
		c.template.NotAfter = time.Date(year, 12, 31, 23, 59, 59, 0, time.UTC)
	}
}

// edgeCases ask at both edges of a certificate's validity, which belong to
// it, and one second outside.
func edgeCases(of Anchor) []Case {
	at := func(e Edge, plus time.Duration, must harness.Result, why string, reasons ...harness.Reason) Case {
		return Case{Anchor: Root, At: Instant{of, e, plus}, Must: must, Reasons: reasons, Why: why,
			Source: "RFC 5280 4.1.2.5, 6.1.3(a)(2)"}
	}
	return []Case{
		at(NotBefore, -time.Second, harness.Rejected, "one second before the validity", harness.NotYetValid),
		at(NotBefore, 0, harness.Accepted, "the first second of the validity"),
		at(NotBefore, time.Second, harness.Accepted, "the second second of the validity"),
		at(NotAfter, -time.Second, harness.Accepted, "the last second but one of the validity"),
		at(NotAfter, 0, harness.Accepted, "the last second of the validity"),
		at(NotAfter, time.Second, harness.Rejected, "one second after the validity", harness.Expired),
	}
}

// openEdges: whether an anchor's dates count is left to the device.
func openEdges(cases []Case) []Case {
	for i := range cases {
		if cases[i].Must == harness.Rejected {
			cases[i].Must, cases[i].Source = harness.Either, "RFC 5280 6.1.1(d)"
		}
	}
	return cases
}
