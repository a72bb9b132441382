// Package zoo is the catalogue as a document: which faults there are, by
// family, what must become of each, on whose word, and what firmwares did.
package zoo

import (
	"fmt"
	"slices"
	"strings"

	"trustrig/harness"
	"trustrig/scenarios"
	"trustrig/scenarios/coverage"
	"trustrig/servers/pki"
)

// A Zoo is the whole document.
type Zoo struct {
	Families []Family       `json:"families"`
	Total    Family         `json:"total"`
	Faults   []Fault        `json:"faults"`
	Coverage []coverage.Row `json:"coverage"`
	// Firmwares are those whose answers the faults hold, in the same order.
	Firmwares []string `json:"firmwares,omitempty"`
}

// A Family is how many faults of a kind there are.
type Family struct {
	Name      string                 `json:"name"`
	Faults    int                    `json:"faults"`
	Must      map[harness.Result]int `json:"must"`      // faults by what must happen
	Scenarios int                    `json:"scenarios"` // that present them
	Either    int                    `json:"either"`    // of these scenarios, those that leave the choice to the device
}

// A Fault is a recipe with a fault, or a behaviour of the server.
type Fault struct {
	Family  string           `json:"family"`
	Name    string           `json:"name"` // of the recipe, or of the behaviour
	Twin    string           `json:"twin,omitempty"`
	Is      string           `json:"is"`
	Source  string           `json:"source"`
	Must    harness.Result   `json:"must"`
	Reasons []harness.Reason `json:"reasons,omitempty"` // all of these
	Also    []harness.Reason `json:"also,omitempty"`    // or besides; without reasons, any of these
	// Choice says what leaves the choice to the device, where Must is either.
	Choice    string   `json:"choice,omitempty"`
	Lints     []string `json:"lints,omitempty"` // of zlint, that name the fault
	Main      string   `json:"scenario"`        // the scenario whose answers these are
	Scenarios int      `json:"scenarios"`       // that present it
	Either    int      `json:"either"`          // of these, those that are open
	Answers   []Answer `json:"answers,omitempty"`
}

// An Answer is what a firmware did, and how that was judged.
type Answer struct {
	Did      string          `json:"did"`
	Verdict  harness.Verdict `json:"verdict,omitempty"` // "" where it was not run
	Advisory string          `json:"advisory,omitempty"`
}

// protocol is the family of servers that do more than present a chain.
const protocol = "protocol"

// New makes the document of the catalogue and of these runs.
func New(runs []*harness.RunRecord) (*Zoo, error) {
	catalogue, err := scenarios.Catalogue()
	if err != nil {
		return nil, fmt.Errorf("the catalogue: %w", err)
	}
	z := new(Zoo)
	if z.Coverage, err = coverage.Rows(); err != nil {
		return nil, err
	}
	z.Faults = slices.Concat(recipes(catalogue), behaviours(catalogue))
	slices.SortStableFunc(z.Faults, func(a, b Fault) int { return strings.Compare(a.Family, b.Family) })
	for _, run := range runs {
		z.answer(run)
	}
	z.count()
	return z, nil
}

// recipes are the faults of chains.
func recipes(catalogue []harness.Scenario) []Fault {
	var faults []Fault
	for _, r := range pki.Recipes() {
		if r.Family == "" {
			continue
		}
		f := Fault{Family: r.Family, Name: r.Name, Twin: r.Twin, Is: r.Is, Source: r.Source, Must: r.Must, Lints: r.Lints}
		for _, s := range catalogue {
			if s.Recipe == r.Name && s.Behaviour == "" {
				f.add(s)
			}
			if f.Main == "" && s.Recipe == r.Name && s.Verify == harness.CertRequired && strings.HasPrefix(s.Name, r.Name+"/") {
				f.Main, f.Reasons, f.Also = s.Name, s.Expect.Reasons, s.Expect.Also
			}
		}
		if f.Must == harness.Either {
			f.Choice = pki.Choice(r.Source)
		}
		faults = append(faults, f)
	}
	return faults
}

// behaviours are those of servers, each with the chain that it is first tried
// with.
func behaviours(catalogue []harness.Scenario) []Fault {
	var faults []Fault
	for _, s := range catalogue {
		if s.Behaviour == "" {
			continue
		}
		i := slices.IndexFunc(faults, func(f Fault) bool { return f.Name == s.Behaviour })
		if i < 0 {
			i = len(faults)
			f := Fault{Family: protocol, Name: s.Behaviour, Is: s.Why, Source: s.Expect.Source, Must: s.Expect.Result,
				Reasons: s.Expect.Reasons, Also: s.Expect.Also, Main: s.Name}
			if f.Must == harness.Either {
				f.Choice = f.Source
			}
			faults = append(faults, f)
		}
		faults[i].add(s)
	}
	return faults
}

func (f *Fault) add(s harness.Scenario) {
	f.Scenarios++
	if s.Expect.Result == harness.Either {
		f.Either++
	}
}

func (z *Zoo) answer(run *harness.RunRecord) {
	f := run.Device.Firmware
	name := strings.TrimSpace(f.Name + " " + f.Version)
	if f.MbedTLS != "" {
		name += ", mbedTLS " + f.MbedTLS
	}
	z.Firmwares = append(z.Firmwares, name)
	byName := make(map[string]harness.ScenarioRecord)
	for _, s := range run.Scenarios {
		byName[s.Name] = s
	}
	for i := range z.Faults {
		z.Faults[i].Answers = append(z.Faults[i].Answers, answerOf(byName, z.Faults[i].Main))
	}
}

func answerOf(records map[string]harness.ScenarioRecord, name string) Answer {
	r, ok := records[name]
	switch {
	case !ok:
		return Answer{Did: "not run"}
	case r.Verdict == harness.Skipped:
		return Answer{Did: "skipped", Verdict: r.Verdict}
	}
	a := Answer{Did: string(r.Outcome.Result), Verdict: r.Verdict, Advisory: r.Advisory}
	if len(r.Outcome.Reasons) > 0 {
		a.Did += ": " + join(r.Outcome.Reasons, ", ")
	}
	return a
}

// count fills in the families, in the faults' order, and their total.
func (z *Zoo) count() {
	z.Total = Family{Name: "all", Must: make(map[harness.Result]int)}
	for _, f := range z.Faults {
		if n := len(z.Families); n == 0 || z.Families[n-1].Name != f.Family {
			z.Families = append(z.Families, Family{Name: f.Family, Must: make(map[harness.Result]int)})
		}
		for _, family := range []*Family{&z.Families[len(z.Families)-1], &z.Total} {
			family.Faults++
			family.Must[f.Must]++
			family.Scenarios += f.Scenarios
			family.Either += f.Either
		}
	}
}

func join[T ~string](words []T, separator string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return strings.Join(out, separator)
}
