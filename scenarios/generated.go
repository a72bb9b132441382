package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"trustrig/harness"
	"trustrig/scenarios/hostname"
	"trustrig/servers/tlsserver"
)

// generatedNames is the one scenario that stands for all pairs of a name and
// a pattern. As a row of the catalogue it is its own first pair.
const generatedNames = "names/generated"

const sourceNames = `RFC 9525 6.3: labels are compared without regard to case, and a wildcard is the whole left-most label and stands for one`

func generatedScenarios() []harness.Scenario {
	return []harness.Scenario{complete(harness.Scenario{
		Name: generatedNames, Claims: []string{"C13"}, Recipe: "san-other-ecdsa",
		Why:    "all pairs of a name and a pattern, of up to " + fmt.Sprint(nameTokens) + " of: a, dot, asterisk, NUL, hyphen, xn--",
		Expect: reject(sourceNames, harness.NameMismatch),
		Controls: []harness.Control{
			{Name: "plain-nameless-ecdsa/root/CERT_REQUIRED", Shows: "the same leaf, with the right name, is accepted"},
			{Name: "san-other-ecdsa/root/CERT_NONE", Shows: showsReachable},
		},
	})}
}

const (
	nameTokens = 3
	// namesInLeaf is how many patterns that must not match one leaf carries:
	// some 3 KB of them, for which a board has memory.
	namesInLeaf = 260
	// namesDiffer is how many disagreements are looked into.
	namesDiffer = 20
)

// A generation asks a device of pairs. A leaf that must not match carries
// many patterns, so that one connection asks of all of them; where the device
// does not reject it for its name, halves of it find the pattern.
type generation struct {
	*stage
	runner   *harness.Runner
	scenario harness.Scenario
	patterns []string // of the leaf that the stage presents next

	connections int
	pairs, open int
	differ      []disagreement
}

// A disagreement is a pair that the device takes otherwise than it must.
type disagreement struct {
	pattern, host string
	record        harness.ScenarioRecord
}

func (d disagreement) String() string {
	return fmt.Sprintf("a leaf for %q, asked for %q, must be %s: %s", d.pattern, d.host, d.record.Expect.Result, d.record.Why)
}

// generate judges all pairs, and tells of them in the record of the one
// scenario, which has passed. The error is ctx's.
func (s *Session) generate(ctx context.Context, r harness.ScenarioRecord, sc harness.Scenario) (harness.ScenarioRecord, error) {
	st, ok := s.stage.(*stage)
	if !ok || r.Verdict != harness.Pass {
		return r, ctx.Err()
	}
	g := &generation{stage: st, scenario: sc}
	g.runner = harness.NewRunner(g, s.client, nil)
	patterns := hostname.Patterns(nameTokens)
	hosts := hostname.Hosts(nameTokens)
	for _, host := range hosts {
		if err := g.host(ctx, host, patterns); err != nil {
			return r, err
		}
		if len(g.differ) >= namesDiffer {
			break
		}
	}
	return g.fold(r, len(hosts), len(patterns)), nil
}

// host asks of all pairs of one name.
func (g *generation) host(ctx context.Context, host string, patterns []string) error {
	var match, not []string
	for _, p := range patterns {
		switch hostname.Of(p, host) {
		case hostname.Yes:
			match = append(match, p)
		case hostname.No:
			not = append(not, p)
		default:
			g.open++
		}
	}
	for chunk := range slices.Chunk(not, namesInLeaf) {
		g.pairs += len(chunk)
		if err := g.find(ctx, host, chunk); err != nil {
			return err
		}
	}
	for _, p := range match {
		g.pairs++
		r, err := g.ask(ctx, host, []string{p}, accept(sourceNames))
		if err != nil {
			return err
		}
		if r.Verdict != harness.Pass {
			g.differ = append(g.differ, disagreement{p, host, r})
		}
	}
	return nil
}

// find asks of patterns none of which may match, and where the device does
// not reject them all, looks for one.
func (g *generation) find(ctx context.Context, host string, patterns []string) error {
	r, err := g.ask(ctx, host, patterns, g.scenario.Expect)
	if err != nil || r.Verdict == harness.Pass {
		return err
	}
	for len(patterns) > 1 {
		half := patterns[:len(patterns)/2]
		first, err := g.ask(ctx, host, half, g.scenario.Expect)
		if err != nil {
			return err
		}
		if first.Verdict != harness.Pass {
			patterns, r = half, first
			continue
		}
		patterns = patterns[len(half):]
	}
	single, err := g.ask(ctx, host, patterns, g.scenario.Expect)
	if err != nil {
		return err
	}
	if single.Verdict != harness.Pass {
		r = single
	} // else it takes several together, and the record is theirs
	g.differ = append(g.differ, disagreement{patterns[0], host, r})
	return nil
}

// ask makes one connection.
func (g *generation) ask(ctx context.Context, host string, patterns []string, e harness.Expect) (harness.ScenarioRecord, error) {
	g.connections++
	sc := g.scenario
	sc.Name = fmt.Sprintf("%s/%d", g.scenario.Name, g.connections)
	sc.ServerName, sc.Expect, sc.Controls = host, e, nil
	g.patterns = patterns
	return g.runner.Run(ctx, sc)
}

// Open presents the next leaf. It implements harness.Stage.
func (g *generation) Open(ctx context.Context, s harness.Scenario) (harness.Endpoint, harness.Anchors, error) {
	chain, err := g.maker.Named(g.patterns)
	if err != nil {
		return nil, harness.Anchors{}, err
	}
	anchors, err := g.anchors(s, chain)
	if err != nil {
		return nil, anchors, err
	}
	p := tlsserver.Presentation{NoPSS: true}
	if p.Certificate, err = present(chain); err != nil {
		return nil, anchors, err
	}
	ep, err := g.servers.Open(ctx, p)
	if err != nil {
		return nil, anchors, err
	}
	return ep, anchors, nil
}

// fold makes one record of all connections: the worst one's verdict and
// witnesses, and what was asked.
func (g *generation) fold(r harness.ScenarioRecord, hosts, patterns int) harness.ScenarioRecord {
	r.Connections += g.connections
	asked := fmt.Sprintf("%d pairs of %d names and %d patterns in %d connections, %d left open by RFC 9525", g.pairs, hosts, patterns, g.connections, g.open)
	if len(g.differ) == 0 {
		r.Why = "as they must be: " + asked
		return r
	}
	rank := func(d disagreement) int { return slices.Index(harness.Verdicts(), d.record.Verdict) }
	worst := slices.MinFunc(g.differ, func(a, b disagreement) int { return rank(a) - rank(b) })
	r.Verdict, r.ServerName, r.Expect = worst.record.Verdict, worst.host, worst.record.Expect
	r.Outcome, r.Sighting = worst.record.Outcome, worst.record.Sighting
	lines := []string{worst.String()}
	for _, d := range g.differ {
		if line := d.String(); line != lines[0] {
			lines = append(lines, line)
		}
	}
	if len(g.differ) >= namesDiffer {
		lines = append(lines, "and no more were looked for")
	}
	r.Why = fmt.Sprintf("of %s, %d differ: %s", asked, len(g.differ), strings.Join(lines, "; "))
	return r
}
