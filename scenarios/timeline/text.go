package timeline

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// barWidth is how many characters the years take.
const barWidth = 75

// WriteText prints timelines: for each a table with every camera's first
// outage and its cause, a bar of when it connects, and the calendar; then what
// was assumed.
func WriteText(w io.Writer, timelines []*Timeline) error {
	var b strings.Builder
	for _, t := range timelines {
		fmt.Fprintf(&b, "%s leaf, %s chain, renewed %s from %s to %s\n", strings.ToUpper(t.KeyType), t.Practice,
			plural(t.Renewals, "time"), t.From.Format(time.DateOnly), t.To.Format(time.DateOnly))
		fmt.Fprintf(&b, "known by %s, [assumed] beyond; judged by %s; seed %d; times in UTC\n\n", t.AsOf.Format(time.DateOnly), t.Verifier, t.Seed)
		if err := t.table(&b); err != nil {
			return err
		}
		b.WriteString("\n")
		for _, c := range t.Cameras {
			fmt.Fprintf(&b, "%-13s %s\n", c.Anchor, t.bar(c))
		}
		fmt.Fprintf(&b, "%-13s %s\n\n", "", t.axis())
		if t.Second != nil {
			t.Second.text(&b)
		}
		t.calendar(&b)
		b.WriteString("\n")
	}
	b.WriteString("assumed where the CA has announced nothing:\n")
	for _, a := range Assumptions() {
		fmt.Fprintf(&b, "[%s] %s\n", a.Name, a.Text)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *Timeline) table(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "ANCHOR\tCERTIFICATE\tCONNECTS\tFIRST OUTAGE\tTHEN")
	for _, c := range t.Cameras {
		first, then := "none", "-"
		if len(c.Outages) > 0 {
			first, then = c.Outages[0].From.Format(time.DateTime), c.afterwards()
		}
		fmt.Fprintf(tw, "%s\t%s\t%.1f %%\t%s\t%s\n", c.Anchor, c.Certificate, 100*c.Connected, first, then)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, c := range t.Cameras {
		if len(c.Outages) > 0 {
			fmt.Fprintf(w, "%-13s %s\n", c.Anchor, c.Outages[0].Cause)
		}
	}
	return nil
}

// String is the cause with its day and what it rests on.
func (c Cause) String() string {
	s := c.What + " (" + date(c.At) + ")"
	if c.Assumed != "" {
		s += " [" + string(c.Assumed) + "]"
	}
	return s
}

// date leaves out midnight.
func date(t time.Time) string {
	if t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.DateTime)
}

// afterwards says what follows a camera's first outage.
func (c *Camera) afterwards() string {
	last := c.Outages[len(c.Outages)-1]
	switch {
	case !last.To.IsZero():
		return fmt.Sprintf("%s in all; connects again from %s", plural(len(c.Outages), "outage"), date(last.To))
	case len(c.Outages) == 1:
		return "for good"
	}
	return fmt.Sprintf("%s in all, for good from %s", plural(len(c.Outages), "outage"), date(last.From))
}

// bar draws when a camera connects: always, sometimes or never within each
// character's time.
func (t *Timeline) bar(c Camera) string {
	var b strings.Builder
	cell := t.To.Sub(t.From) / barWidth
	for i := range barWidth {
		from := t.From.Add(cell * time.Duration(i))
		to := from.Add(cell)
		switch lost := c.lost(from, to, t.To); {
		case lost == 0:
			b.WriteRune('█')
		case lost == to.Sub(from):
			b.WriteRune('·')
		default:
			b.WriteRune('▒')
		}
	}
	return b.String()
}

// lost returns how long a camera does not connect between two instants.
func (c *Camera) lost(from, to, end time.Time) time.Duration {
	var sum time.Duration
	for _, o := range c.Outages {
		begins, ends := o.From, o.To
		if ends.IsZero() {
			ends = end
		}
		if begins.Before(from) {
			begins = from
		}
		if ends.After(to) {
			ends = to
		}
		sum += max(0, ends.Sub(begins))
	}
	return sum
}

// axis writes every fifth year under the bars.
func (t *Timeline) axis() string {
	line := []byte(strings.Repeat(" ", barWidth+4))
	for year := t.From.Year() + 1; year <= t.To.Year(); year++ {
		if at := day(year, time.January, 1); year%5 == 0 && at.Before(t.To) {
			column := int(at.Sub(t.From) / (t.To.Sub(t.From) / barWidth))
			copy(line[column:], fmt.Sprint(year))
		}
	}
	return strings.TrimRight(string(line), " ")
}

// calendar lists the events. Of the assumed changes of intermediates, which
// come year for year, it has those under another root.
func (t *Timeline) calendar(w io.Writer) {
	under := ""
	for _, e := range t.Events {
		mark := ""
		if e.Assumed != "" {
			mark = " [" + string(e.Assumed) + "]"
		}
		if _, root, ok := strings.Cut(e.What, "under "); ok && e.Assumed == Rotation {
			if root == under {
				continue
			}
			under = root
			mark += " and so on every year"
		}
		fmt.Fprintf(w, "%s  %s%s\n", e.At.Format(time.DateOnly), e.What, mark)
	}
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
