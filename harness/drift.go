package harness

// A Drift is a departure from the manual that safety does not forbid.
type Drift struct {
	Claim    string `json:"claim"`
	Sentence string `json:"sentence"` // what the manual promises
	Seen     string `json:"seen"`     // what the device did
}

// DriftOf holds a judged outcome against what the manual promises beyond the
// scenario's demand. It returns nil where the promise was kept, where there is
// none, and where the verdict proves nothing.
func DriftOf(sc Scenario, o Outcome, j Judgement) *Drift {
	p := sc.Documented
	if p == nil || j.Verdict == Inconclusive || j.Verdict == Skipped {
		return nil
	}
	kept := o.Result == p.Result
	if kept && p.Result == Rejected && len(p.Reasons) > 0 && !o.CodeOnly {
		kept = Expect{Reasons: p.Reasons}.fits(o.Reasons)
	}
	if kept {
		return nil
	}
	seen := string(o.Result)
	if o.Result != Accepted {
		seen += " in phase " + string(o.Phase) + ": " + list(o.Reasons)
	}
	return &Drift{Claim: p.Claim, Sentence: p.Sentence, Seen: seen}
}
