package timeline

import (
	"strings"
	"testing"
	"time"
)

// TestBacktest feeds the timeline with what was known on three days and asks
// for the outages of the months that followed. What then came is history:
//
//   - 2021-09-30 14:01:15: DST Root CA X3 ended (here: DSE Root CA X3);
//   - 2024-06-06: Let's Encrypt offered its cross-sign of ISRG Root X1 no more,
//     and changed R3 for R10 and its like; 2024-09-30 18:14:03: the
//     cross-sign ended;
//   - May 2026: generation Y took generation X's place.
//
// A pinned leaf stops at the next renewal, whatever the CA does.
func TestBacktest(t *testing.T) {
	const none = ""
	for _, row := range []struct {
		name     string
		asOf     time.Time
		keyType  string
		practice Practice
		undated  bool
		anchor   string
		cause    string // the CA's act, "" for no outage
		at       time.Time
		latest   time.Time // when the outage had come for every server that renews
	}{
		{"2021, its root ends", day(2021, 9, 1), "rsa", Default, false, "root-dst", "DSE Root CA X3 ends", clock(day(2021, 9, 30), 14, 1, 15), clock(day(2021, 9, 30), 14, 1, 16)},
		{"2021, its root ends, ecdsa", day(2021, 9, 1), "ecdsa", Default, false, "root-dst", "DSE Root CA X3 ends", clock(day(2021, 9, 30), 14, 1, 15), clock(day(2021, 9, 30), 14, 1, 16)},
		{"2021, an anchor without dates", day(2021, 9, 1), "rsa", Default, true, "root-dst", none, time.Time{}, time.Time{}},
		{"2021, root", day(2021, 9, 1), "rsa", Default, false, "root", none, time.Time{}, time.Time{}},
		{"2021, root, ecdsa", day(2021, 9, 1), "ecdsa", Default, false, "root", none, time.Time{}, time.Time{}},
		{"2021, R3", day(2021, 9, 1), "rsa", Default, false, "intermediate", none, time.Time{}, time.Time{}},

		{"2024, the longest chain is gone", day(2024, 5, 1), "rsa", Longest, true, "root-dst", "is offered no more", day(2024, 6, 6), day(2024, 8, 5)},
		{"2024, the longest chain is gone, ecdsa", day(2024, 5, 1), "ecdsa", Longest, true, "root-dst", "is offered no more", day(2024, 6, 6), day(2024, 8, 5)},
		{"2024, the cross-sign ends", day(2024, 5, 1), "rsa", ByHand, true, "root-dst", "cross-signed by DSE Root CA X3 ends", clock(day(2024, 9, 30), 18, 14, 3), clock(day(2024, 9, 30), 18, 14, 4)},
		{"2024, R3", day(2024, 5, 1), "rsa", Default, false, "intermediate", "R10 and R11 take R3's place", day(2024, 6, 6), day(2024, 8, 5)},
		{"2024, R3, ecdsa", day(2024, 5, 1), "ecdsa", Default, false, "intermediate", "E5 and E6 take R3's place", day(2024, 6, 6), day(2024, 8, 5)},
		{"2024, root", day(2024, 5, 1), "rsa", Default, false, "root", none, time.Time{}, time.Time{}},
		{"2024, root, longest chain", day(2024, 5, 1), "rsa", Longest, false, "root", none, time.Time{}, time.Time{}},
		{"2024, root, cross-sign by hand", day(2024, 5, 1), "rsa", ByHand, false, "root", none, time.Time{}, time.Time{}},
		{"2024, root, ecdsa", day(2024, 5, 1), "ecdsa", Default, false, "root", none, time.Time{}, time.Time{}},

		{"2026, R12 or R13", day(2026, 5, 1), "rsa", Default, false, "intermediate", "generation Y begins", day(2026, 5, 13), day(2026, 7, 12)},
		{"2026, E7 or E8", day(2026, 5, 1), "ecdsa", Default, false, "intermediate", "generation Y begins", day(2026, 5, 13), day(2026, 7, 12)},
		{"2026, root", day(2026, 5, 1), "rsa", Default, false, "root", none, time.Time{}, time.Time{}},
		{"2026, root, ecdsa", day(2026, 5, 1), "ecdsa", Default, false, "root", none, time.Time{}, time.Time{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			o := Options{From: row.asOf, AsOf: row.asOf, Years: 1, Anchors: []string{row.anchor},
				Server: Server{KeyType: row.keyType, Practice: row.practice, Seed: 1}}
			if row.undated {
				o.Verifier = GoUndated()
			}
			c := mustMake(t, o).Cameras[0]
			if row.cause == none {
				if len(c.Outages) > 0 || c.Connected != 1 {
					t.Errorf("outages that never came: %+v", c.Outages)
				}
				return
			}
			if len(c.Outages) == 0 {
				t.Fatal("no outage was foretold")
			}
			first := c.Outages[0]
			if !strings.Contains(first.Cause.What, row.cause) || !first.Cause.At.Equal(row.at) || first.Cause.Assumed != "" {
				t.Errorf("foretold for %q; want %q at %s, nothing assumed", first.Cause, row.cause, row.at.Format(time.DateTime))
			}
			if first.From.Before(row.at) || first.From.After(row.latest) {
				t.Errorf("foretold for %s; want it between %s and %s", first.From, row.at, row.latest)
			}
			if len(c.Outages) > 1 || !first.To.IsZero() {
				t.Errorf("not for good: %+v", c.Outages)
			}
		})
	}
}

// TestUnsaid: what became known later is not foretold. On 2023-12-31 nobody
// had said who would follow R3, nor that there would be a generation Y.
func TestUnsaid(t *testing.T) {
	cal := asOf(day(2023, 12, 31))
	for id := range cal.certificates {
		if strings.HasPrefix(id, "r10/") || strings.HasPrefix(id, "y") {
			t.Errorf("certificate %s was not known", id)
		}
	}
	for _, p := range cal.phases {
		if p.from.After(day(2024, 2, 8)) && len(p.issuers) > 1 {
			t.Errorf("phase %q was not known", p.name)
		}
	}
	// A certificate that was issued again has its first dates until then.
	for at, want := range map[time.Time]time.Time{day(2026, 5, 1): day(2025, 9, 3), day(2026, 5, 13): day(2026, 5, 13)} {
		if got := asOf(at).certificates["yr/x1"].NotBefore; !got.Equal(want) {
			t.Errorf("as of %s, yr/x1 begins %s; want %s", at.Format(time.DateOnly), got, want)
		}
	}
}
