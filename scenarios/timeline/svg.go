package timeline

import (
	"fmt"
	"html"
	"io"
	"strings"
	"time"
)

// Measures of the drawing, in pixels.
const (
	svgLeft   = 130
	svgWidth  = 800 // of the years
	svgRight  = 30
	svgHead   = 46
	svgRow    = 40
	svgBar    = 16
	svgFooter = 44
)

// WriteSVG draws timelines one below the other. What a bar or a mark stands
// for is in its title.
func WriteSVG(w io.Writer, timelines []*Timeline) error {
	height := 0
	for _, t := range timelines {
		height += t.svgHeight()
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">`+"\n",
		svgLeft+svgWidth+svgRight, height)
	b.WriteString(`<rect width="100%" height="100%" fill="white"/>` + "\n")
	top := 0
	for _, t := range timelines {
		t.draw(&b, top)
		top += t.svgHeight()
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *Timeline) svgHeight() int { return svgHead + svgRow*len(t.Cameras) + svgFooter }

// x is where an instant lies.
func (t *Timeline) x(at time.Time) float64 {
	return svgLeft + svgWidth*at.Sub(t.From).Seconds()/t.To.Sub(t.From).Seconds()
}

func (t *Timeline) draw(w io.Writer, top int) {
	title := fmt.Sprintf("%s leaf, %s chain: a camera set up on %s that nobody touches (known by %s, judged by %s)",
		strings.ToUpper(t.KeyType), t.Practice, t.From.Format(time.DateOnly), t.AsOf.Format(time.DateOnly), t.Verifier)
	fmt.Fprintf(w, `<text x="10" y="%d" font-weight="bold">%s</text>`+"\n", top+24, html.EscapeString(title))
	bottom := top + svgHead + svgRow*len(t.Cameras)
	for year := t.From.Year() + 1; year <= t.To.Year(); year++ {
		at := day(year, time.January, 1)
		if !at.Before(t.To) {
			break
		}
		fmt.Fprintf(w, `<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#ddd"/>`+"\n", t.x(at), t.x(at), top+svgHead-8, bottom)
		if year%5 == 0 {
			fmt.Fprintf(w, `<text x="%.1f" y="%d" text-anchor="middle">%d</text>`+"\n", t.x(at), bottom+16, year)
		}
	}
	for i, c := range t.Cameras {
		t.drawCamera(w, c, top+svgHead+i*svgRow)
	}
	for _, e := range t.Events {
		fill := "#222"
		if e.Assumed != "" {
			fill = "#999"
		}
		fmt.Fprintf(w, `<circle cx="%.1f" cy="%d" r="3" fill="%s"><title>%s</title></circle>`+"\n", t.x(e.At), bottom+26, fill,
			html.EscapeString(Cause{e.What, e.At, e.Assumed}.String()))
	}
}

func (t *Timeline) drawCamera(w io.Writer, c Camera, y int) {
	fmt.Fprintf(w, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", svgLeft-8, y+svgBar-4, html.EscapeString(c.Anchor))
	fmt.Fprintf(w, `<rect x="%d" y="%d" width="%d" height="%d" fill="#2b7bba"><title>%s connects</title></rect>`+"\n",
		svgLeft, y, svgWidth, svgBar, html.EscapeString(c.Certificate))
	for _, o := range c.Outages {
		to := o.To
		if to.IsZero() {
			to = t.To
		}
		fmt.Fprintf(w, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="#f4b183"><title>%s to %s: %s</title></rect>`+"\n",
			t.x(o.From), y, t.x(to)-t.x(o.From), svgBar, date(o.From), date(to), html.EscapeString(o.Cause.String()))
	}
	note, at := "no outage", t.From
	if len(c.Outages) > 0 {
		o := c.Outages[0]
		note, at = date(o.From)+": "+o.Cause.What, o.From
	}
	anchor := "start"
	if t.x(at) > svgLeft+svgWidth/2 {
		anchor = "end"
	}
	fmt.Fprintf(w, `<text x="%.1f" y="%d" font-size="10" fill="#444" text-anchor="%s">%s</text>`+"\n", t.x(at), y+svgBar+11, anchor, html.EscapeString(note))
}
