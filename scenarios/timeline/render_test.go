package timeline

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A timeline that was thought out, not made.
func thoughtOut() *Timeline {
	at := day(2030, 1, 1)
	return &Timeline{
		KeyType: "rsa", Practice: Default, From: day(2025, 1, 1), To: day(2035, 1, 1), AsOf: day(2025, 1, 1), Verifier: "<a & b>", Renewals: 1,
		Cameras: []Camera{
			{Anchor: "root", Certificate: "R", Connected: 1},
			{Anchor: "leaf", Certificate: "L", Connected: 0.5, Outages: []Outage{{From: at, Cause: Cause{What: "it <ends>", At: clock(at, 1, 2, 3), Assumed: Roots}}}},
			{Anchor: "intermediate", Certificate: "I", Connected: 0.75, Outages: []Outage{{From: day(2025, 1, 1), To: day(2026, 1, 1)}, {From: at, To: day(2031, 7, 1)}}},
		},
		Events: []Event{{at, "an event", Rotation}},
	}
}

func TestText(t *testing.T) {
	var b strings.Builder
	if err := WriteText(&b, []*Timeline{thoughtOut()}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`^RSA leaf, default chain, renewed 1 time from 2025-01-01 to 2035-01-01\n`,
		`\nroot +R +100\.0 % +none +-\n`,
		`\nleaf +L +50\.0 % +2030-01-01 00:00:00 +for good\n`,
		`\nintermediate +I +75\.0 % +2025-01-01 00:00:00 +2 outages in all; connects again from 2031-07-01\n`,
		`\nleaf +it <ends> \(2030-01-01 01:02:03\) \[roots\]\n`,
		`\nroot +█{75}\n`, `\nleaf +█{37}▒·{37}\n`, `\nintermediate +·{7}▒█{29}▒·{10}▒█{26}\n`,
		`\n {14} {37}2030\n`, // under the bars' 38th character
		`\n2030-01-01  an event \[rotation\]\n`,
		`\n\[thirds\] `, `\n\[rotation\] `, `\n\[cross-signs\] `, `\n\[roots\] `,
	} {
		if !regexp.MustCompile(want).MatchString(b.String()) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// TestSVG: the drawing is well-formed, escapes what it is given, and puts an
// outage where it belongs.
func TestSVG(t *testing.T) {
	var b strings.Builder
	if err := WriteSVG(&b, []*Timeline{thoughtOut(), thoughtOut()}); err != nil {
		t.Fatal(err)
	}
	elements := make(map[string]int)
	var titles []string
	for d := xml.NewDecoder(strings.NewReader(b.String())); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		switch token := token.(type) {
		case xml.StartElement:
			elements[token.Name.Local]++
		case xml.CharData:
			titles = append(titles, string(token))
		}
	}
	if elements["rect"] != 1+2*(3+3) || elements["circle"] != 2 {
		t.Errorf("elements are %v; want a background, 3 bars, 3 outages and an event for each timeline", elements)
	}
	if !strings.Contains(strings.Join(titles, "\n"), "<a & b>") {
		t.Error("a name is not in the drawing as it was given")
	}
	middle := thoughtOut().x(day(2030, 1, 1))
	if off := middle - (svgLeft + svgWidth/2); off < -1 || off > 1 {
		t.Errorf("the middle of the years is drawn at %v", middle)
	}
	if !regexp.MustCompile(`<rect x="5[23]\d\.\d" y="\d+" width="400\.\d"`).MatchString(b.String()) {
		t.Errorf("no outage over the right half in\n%s", b.String())
	}
}

func TestDate(t *testing.T) {
	for want, at := range map[string]time.Time{"2030-01-01": day(2030, 1, 1), "2030-01-01 00:00:01": clock(day(2030, 1, 1), 0, 0, 1)} {
		if got := date(at); got != want {
			t.Errorf("date is %q, want %q", got, want)
		}
	}
}
