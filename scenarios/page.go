package scenarios

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"trustrig/harness"
	"trustrig/servers/pki"
)

// WriteClaims writes a run's ledger as a page of Markdown that a manual's
// author can paste: each sentence, its status, what was seen and on what, and
// how to see it by hand.
func WriteClaims(w io.Writer, r *harness.RunRecord) error {
	var b strings.Builder
	f := r.Device.Firmware
	fmt.Fprintf(&b, "# What the manual says of verification, and what was seen\n\n")
	fmt.Fprintf(&b, "Firmware %s, MicroPython %s, mbedTLS %s; %s device; %s.\n\n",
		f.Name, f.Version, f.MbedTLS, r.Device.Kind, r.Started.Format("2006-01-02"))
	fmt.Fprintf(&b, "| claim | status | sentence | seen |\n|---|---|---|---|\n")
	claims := Claims()
	for i, c := range claims {
		e := r.Claims[i]
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.ID, e.Status, cell(c.Sentence), cell(e.Seen))
	}
	writeWeaknesses(&b, r)
	hand := pki.New(time.Time{}, nil) // only to be asked how long chains are
	for i, c := range claims {
		if e := r.Claims[i]; len(e.Deciding) > 0 {
			c.writeDeparture(&b, e, r.Scenarios, hand)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeWeaknesses tells what is weak in what the manual has a camera do, which
// is no matter of this firmware.
func writeWeaknesses(b *strings.Builder, r *harness.RunRecord) {
	var seen []string
	for _, e := range r.Claims {
		for _, w := range e.Weaknesses {
			if len(seen) == 0 {
				fmt.Fprintf(b, "\n## Weaknesses of the procedure\n\nNo firmware can mend these: they are in what the manual has a camera do.\n\n")
			}
			if !slices.Contains(seen, w) {
				seen = append(seen, w)
				fmt.Fprintf(b, "- %s: %s\n", e.ID, cell(w))
			}
		}
	}
}

// shownDepartures bounds the scenarios that a claim's section tells in full.
const shownDepartures = 5

func (c Claim) writeDeparture(b *strings.Builder, e harness.ClaimRecord, records []harness.ScenarioRecord, hand *pki.Maker) {
	fmt.Fprintf(b, "\n## %s: %s (%s)\n\n", c.ID, c.Sentence, e.Status)
	fmt.Fprintf(b, "On the page: %s. What must hold: %s\n", c.Section, c.Must)
	if c.Documented != "" {
		fmt.Fprintf(b, "Documented beyond that: %s\n", c.Documented)
	}
	for i, name := range e.Deciding {
		if i == shownDepartures {
			fmt.Fprintf(b, "\nand %d more: %s\n", len(e.Deciding)-i, strings.Join(e.Deciding[i:], ", "))
			return
		}
		j := slices.IndexFunc(records, func(r harness.ScenarioRecord) bool { return r.Name == name })
		writeScenario(b, records[j], hand)
	}
}

func writeScenario(b *strings.Builder, r harness.ScenarioRecord, hand *pki.Maker) {
	fmt.Fprintf(b, "\n- `%s`: %s. The device: %s.\n", r.Name, cell(r.Why), cell(r.Outcome.Summary()))
	if lines := byHand(r, hand); lines != nil {
		fmt.Fprintf(b, "  By hand:\n\n      %s\n", strings.Join(lines, "\n      "))
	}
}

// byHand is how a scenario is tried with openssl and mpremote alone, or nil
// where openssl can not play the server.
func byHand(r harness.ScenarioRecord, hand *pki.Maker) []string {
	sent, err := hand.Length(r.Recipe)
	if err != nil || r.Behaviour != "" || r.Stack != "go" {
		return nil
	}
	camera := "mpremote run DIR/camera.py"
	if pki.Anchor(r.Anchor) != pki.None {
		camera = "mpremote fs cp DIR/anchor.der :trustrig.ca + run DIR/camera.py"
	}
	return []string{
		"trustrig run -scenario '^" + regexp.QuoteMeta(r.Name) + "$' -print DIR",
		opensslServer("DIR/", sent),
		camera,
	}
}

// cell makes text fit for a cell of a Markdown table.
func cell(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", "\\|")
}
