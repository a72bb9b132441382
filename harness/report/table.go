package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/fatih/color"

	"trustrig/harness"
)

// Table writes the record for a person: one line a scenario, what did not
// pass at the end again with its witnesses, then the totals. Colour follows
// the package color: on terminals, not where NO_COLOR is set.
func Table(w io.Writer, r *harness.RunRecord) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "VERDICT\tSCENARIO\tDEVICE\tSERVER SAW\tMS")
	for _, s := range r.Scenarios {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%.1f\n", s.Verdict, s.Name, device(s), server(s), s.Outcome.Milliseconds)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, s := range r.Scenarios {
		if (s.Verdict == harness.Pass && !s.New) || s.Verdict == harness.Skipped {
			continue
		}
		fmt.Fprintf(w, "\n%s %s: %s\n%s", paint(s.Verdict), s.Name, s.Why, indent(Detail(s)))
	}
	for _, a := range r.Advisories {
		fmt.Fprintf(w, "\nadvisory %s (%s):\n%s", a.Name, a.Known, indent(a.Report))
	}
	for _, line := range r.Remarks {
		fmt.Fprintf(w, "\nthe rig: %s\n", line)
	}
	for _, line := range r.Stale {
		fmt.Fprintf(w, "\n%s\n", line)
	}
	_, err := fmt.Fprintf(w, "\n%s\n", Totals(r.Totals))
	return err
}

// Totals is the line of a record's totals, worst verdict first.
func Totals(totals map[harness.Verdict]int) string {
	var parts []string
	sum := 0
	for _, v := range harness.Verdicts() {
		sum += totals[v]
		if totals[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", totals[v], paint(v)))
		}
	}
	slices.Reverse(parts)
	return fmt.Sprintf("%d scenarios: %s", sum, strings.Join(parts, ", "))
}

func paint(v harness.Verdict) string {
	switch v {
	case harness.Pass:
		return color.GreenString(string(v))
	case harness.Skipped:
		return string(v)
	case harness.Inconclusive:
		return color.YellowString(string(v))
	}
	return color.RedString(string(v))
}

func device(s harness.ScenarioRecord) string {
	o := s.Outcome
	switch {
	case o.Missing != "":
		return "lacks " + o.Missing
	case o.Result == harness.Accepted:
		return "accepted"
	case len(o.Reasons) > 0:
		words := make([]string, len(o.Reasons))
		for i, r := range o.Reasons {
			words[i] = string(r)
		}
		return "rejected: " + strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s in %s", o.Result, o.Phase)
}

func server(s harness.ScenarioRecord) string {
	switch g := s.Sighting; {
	case g == nil:
		return "nothing"
	case g.Nonce:
		return "nonce, " + g.Version
	case g.Handshake:
		return "Finished, no nonce"
	case g.Alert != "":
		return "alert " + g.Alert
	case g.ClientHello:
		return "ClientHello, then " + string(g.End)
	}
	return "a connection, then " + string(s.Sighting.End)
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
}
