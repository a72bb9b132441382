package timeline

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A walk follows one camera along the server's chains.
type walk struct {
	cal    *Calendar
	anchor anchor
	verify func(context.Context, Question) (Answer, error)
	camera Camera
	out    bool
	lost   time.Duration
	before moment // the last question
}

// along finds the camera's outages. What a verifier says of a chain changes
// with a date of one of its certificates, or of the anchor, and at no other
// time.
func (w *walk) along(ctx context.Context, stretches []stretch) error {
	for i := range stretches {
		s := &stretches[i]
		for _, at := range w.edges(s) {
			if err := ctx.Err(); err != nil {
				return err
			}
			q := Question{s.chain, w.anchor.der, at}
			answer, err := w.verify(ctx, q)
			if err != nil {
				return fmt.Errorf("at %s: %w", at.Format(time.RFC3339), err)
			}
			w.note(moment{q, answer}, stretches[:i+1])
		}
	}
	end := stretches[len(stretches)-1].to
	w.keepBefore(end)
	if w.out {
		w.lost += end.Sub(w.last().From)
	}
	w.camera.Connected = 1 - w.lost.Seconds()/end.Sub(stretches[0].from).Seconds()
	return nil
}

// note takes an answer. The first is a moment to keep, and so are both sides
// of an outage's edges.
func (w *walk) note(m moment, past []stretch) {
	first, turns := w.before.Chain == nil, (m.answer.Reason != "") != w.out
	if turns && !first {
		w.keepBefore(m.At)
	}
	if turns || first {
		w.camera.moments = append(w.camera.moments, m)
	}
	if turns {
		w.turn(m.Question, m.answer, past)
	}
	w.before = m
}

// keepBefore keeps the second before an instant.
func (w *walk) keepBefore(at time.Time) {
	w.before.At = at.Add(-time.Second)
	w.camera.moments = append(w.camera.moments, w.before)
}

// edges returns the instants of a stretch at which something may change, its
// first second among them.
func (w *walk) edges(s *stretch) []time.Time {
	edges := []time.Time{s.from}
	add := func(notBefore, notAfter time.Time) {
		for _, at := range []time.Time{notBefore, notAfter.Add(time.Second)} {
			if at.After(s.from) && at.Before(s.to) {
				edges = append(edges, at)
			}
		}
	}
	add(w.anchor.notBefore, w.anchor.notAfter)
	for _, c := range s.above {
		add(c.NotBefore, c.NotAfter)
	}
	slices.SortFunc(edges, time.Time.Compare)
	return slices.CompactFunc(edges, time.Time.Equal)
}

func (w *walk) last() *Outage { return &w.camera.Outages[len(w.camera.Outages)-1] }

// turn notes that an outage begins or ends.
func (w *walk) turn(q Question, answer Answer, past []stretch) {
	w.out = answer.Reason != ""
	if !w.out {
		w.last().To = q.At
		w.lost += q.At.Sub(w.last().From)
		return
	}
	w.camera.Outages = append(w.camera.Outages, Outage{From: q.At, Reason: answer.Reason, Cause: w.cause(q.At, past)})
}

// cause says why an outage begins.
func (w *walk) cause(at time.Time, past []stretch) Cause {
	now := &past[len(past)-1]
	if at.After(now.from) {
		return w.ended(at, now)
	}
	if len(past) == 1 && w.anchor.notAfter.Before(at) {
		return Cause{What: w.anchor.is + " ends", At: w.anchor.notAfter}
	}
	if len(past) == 1 {
		return Cause{What: "the server's chain does not lead to this anchor", At: at}
	}
	before := &past[len(past)-2]
	switch {
	case w.anchor.name == "leaf":
		return Cause{What: "the server renewed its leaf", At: now.from, Assumed: Thirds}
	case w.anchor.label != "" && now.cut != nil && w.wouldLead(now.phase):
		return Cause{What: w.cal.describe(*now.cut) + " is sent no more, because it ends", At: now.cut.NotAfter, Assumed: CrossSigns}
	case now.phase != before.phase:
		return Cause{What: now.phase.what, At: now.phase.from, Assumed: now.phase.assumed}
	case now.issuer != before.issuer:
		return Cause{What: fmt.Sprintf("the renewed leaf comes from %s, not from %s", w.cal.name(now.issuer), w.cal.name(before.issuer)), At: now.from, Assumed: Thirds}
	}
	return Cause{What: "the server renewed its leaf", At: now.from, Assumed: Thirds}
}

// ended says which certificate ended, or began, at a time within a stretch.
func (w *walk) ended(at time.Time, s *stretch) Cause {
	if last := at.Add(-time.Second); w.anchor.notAfter.Equal(last) {
		return Cause{What: w.anchor.is + " ends", At: last}
	}
	for _, c := range s.above {
		if last := at.Add(-time.Second); c.NotAfter.Equal(last) {
			return Cause{What: w.cal.describe(c) + " ends", At: last, Assumed: c.assumed}
		}
	}
	return Cause{What: "a certificate of the chain begins", At: at}
}

// wouldLead reports whether a phase's chain led to the anchor if nothing were
// left out of it.
func (w *walk) wouldLead(p *phase) bool {
	if p.parent == w.anchor.label {
		return true
	}
	return slices.ContainsFunc(p.above, func(id string) bool { return w.cal.certificates[id].Issuer == w.anchor.label })
}
