package harness

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// A Target is what client code needs to reach an endpoint.
type Target struct {
	Addr netip.AddrPort
	Anchors
	Nonce string // one line of ASCII, fresh for the attempt
	Clock Clock
}

// Anchors are the bytes that client code loads, in the form that the scenario
// names; nil where it loads none.
type Anchors struct {
	First, Second []byte
}

// An Endpoint is a running server as the runner needs it.
type Endpoint interface {
	Addr() netip.AddrPort
	// Close ends the endpoint and returns what it saw, in the order of the
	// connections. It first waits until at least that many connections have
	// come and all that came have ended, or ctx is done.
	Close(ctx context.Context, atLeast int) ([]Sighting, error)
}

// A Stage sets up the server's side of a scenario: the endpoint that presents
// the recipe's chain, and the anchors' bytes for the device.
type Stage interface {
	Open(ctx context.Context, s Scenario) (Endpoint, Anchors, error)
	// Clock returns what the device's clock is to be in the scenario, and has
	// the time server, if there is one, answer as the scenario wants.
	Clock(ctx context.Context, s Scenario) (Clock, error)
}

// A Client makes the device connect to a target as the scenario says. The
// error is for trouble between rig and device; whatever the device itself
// reports is an Outcome.
type Client interface {
	Probe(ctx context.Context, s Scenario, t Target) (Outcome, error)
}

// ErrDeviceLost is in the chain of a Client's error when the device will
// answer no more, so that the scenarios that are left need not be tried.
var ErrDeviceLost = errors.New("device lost")

// ErrDeviceReset is in the chain of a Client's error when the device reset
// itself while it ran a scenario.
var ErrDeviceReset = errors.New("device reset itself")

// A MissingError is a Stage's where the rig, not the device, lacks what a
// scenario needs: the scenario is skipped.
type MissingError struct{ What, Why string }

func (e *MissingError) Error() string { return e.What + " (" + e.Why + ")" }

// sightingPatience is how long a runner waits for a connection that the
// device says it made. On loopback it is there at once; through Docker's
// proxy it takes a moment more.
const sightingPatience = 3 * time.Second

// A Runner tries scenarios on one device, each at most once, and judges them
// together with their controls. It is not for concurrent use: a device does
// one thing at a time.
type Runner struct {
	stage  Stage
	client Client
	byName map[string]Scenario
	trials map[string]*trial
	lost   error
}

// trial is a scenario's two witnesses.
type trial struct {
	outcome     Outcome
	sighting    *Sighting
	connections int
	overhead    time.Duration
}

// NewRunner returns a runner for the scenarios of a catalogue, in which the
// names of controls are looked up.
func NewRunner(stage Stage, client Client, catalogue []Scenario) *Runner {
	r := &Runner{stage: stage, client: client, byName: make(map[string]Scenario), trials: make(map[string]*trial)}
	for _, s := range catalogue {
		r.byName[s.Name] = s
	}
	return r
}

// Run tries the scenario and its controls, as far as they have not been tried
// before, and judges it. An error means that ctx ended first; all other
// trouble is a verdict.
func (r *Runner) Run(ctx context.Context, s Scenario) (ScenarioRecord, error) {
	t := r.try(ctx, s)
	controls := make([]Control, len(s.Controls))
	for i, c := range s.Controls {
		if t.outcome.Missing == "" {
			c.Verdict, c.Why = r.control(ctx, c.Name)
		}
		controls[i] = c
	}
	if err := ctx.Err(); err != nil {
		return ScenarioRecord{}, err
	}
	j := Judge(s, t.outcome, t.sighting, controls)
	return ScenarioRecord{
		Name: s.Name, Claims: s.Claims, Recipe: s.Recipe, Stack: s.Stack, Behaviour: s.Behaviour, Anchor: s.Anchor,
		Load: s.Load, Second: s.Second, Verify: s.Verify, ServerName: s.ServerName,
		Client: s.Client, Variant: s.Variant, Clock: s.Clock, Expect: s.Expect,
		Outcome: t.outcome, Sighting: t.sighting, Connections: t.connections, Controls: controls,
		Judgement: j, Drift: DriftOf(s, t.outcome, j), Weakness: weaknessOf(s, t.outcome, j),
		Overhead: float64(t.overhead.Microseconds()) / 1000,
	}, nil
}

// weaknessOf is the scenario's weakness of the procedure, where it shows: the
// device accepted, as it may.
func weaknessOf(s Scenario, o Outcome, j Judgement) string {
	if j.Verdict == Pass && o.Result == Accepted {
		return s.Weakness
	}
	return ""
}

// control judges a control by its own witnesses alone: were its controls
// asked for too, two scenarios that are each other's would wait for ever.
func (r *Runner) control(ctx context.Context, name string) (Verdict, string) {
	s, ok := r.byName[name]
	if !ok {
		return Inconclusive, "there is no such scenario"
	}
	t := r.try(ctx, s)
	j := Judge(s, t.outcome, t.sighting, nil)
	return j.Verdict, j.Why
}

// try makes the one connection of a scenario, or returns what it brought
// before.
func (r *Runner) try(ctx context.Context, s Scenario) *trial {
	if t := r.trials[s.Name]; t != nil {
		return t
	}
	t := new(trial)
	start := time.Now()
	err := r.connect(ctx, s, t)
	for n := 1; n < clockTries && errors.Is(err, ErrClockRan); n++ {
		err = r.connect(ctx, s, t)
	}
	if err != nil {
		t.outcome = Outcome{Result: Failed, Phase: t.outcome.Phase, Detail: err.Error(), Reset: t.outcome.Reset}
		if missing, ok := errors.AsType[*MissingError](err); ok {
			t.outcome = Outcome{Missing: missing.Error()}
		}
		if errors.Is(err, ErrClockRan) || errors.Is(err, ErrClockLost) {
			t.sighting = nil // what was accepted then may well have been right
		}
	}
	t.overhead = time.Since(start) - time.Duration(t.outcome.Milliseconds*float64(time.Millisecond))
	if ctx.Err() == nil {
		r.trials[s.Name] = t
	}
	return t
}

func (r *Runner) connect(ctx context.Context, s Scenario, t *trial) error {
	if r.lost != nil {
		return r.lost
	}
	clock, err := r.stage.Clock(ctx, s)
	if err != nil {
		return fmt.Errorf("the clock of scenario %s: %w", s.Name, err)
	}
	ep, anchors, err := r.stage.Open(ctx, s)
	if err != nil {
		return fmt.Errorf("opening endpoint %s on %s: %w", s.Recipe, s.Stack, err)
	}
	target := Target{Addr: ep.Addr(), Anchors: anchors, Nonce: newNonce(), Clock: clock}
	outcome, probeErr := r.client.Probe(ctx, s, target)
	atLeast := 0
	if probeErr == nil && outcome.connected() {
		atLeast = 1
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), sightingPatience)
	defer cancel()
	sightings, closeErr := ep.Close(wait, atLeast)
	// What the server saw counts, whatever has become of the device.
	t.sighting, t.connections = pick(sightings, target.Nonce), len(sightings)
	if probeErr != nil {
		if errors.Is(probeErr, ErrDeviceLost) {
			r.lost = probeErr
		}
		t.outcome.Reset = errors.Is(probeErr, ErrDeviceLost) || errors.Is(probeErr, ErrDeviceReset)
		return fmt.Errorf("probing the device: %w", probeErr)
	}
	if closeErr != nil {
		return fmt.Errorf("reading what the server saw: %w", closeErr)
	}
	t.outcome = outcome
	return nil
}

// connected reports whether the device says that it had a TCP connection.
func (o Outcome) connected() bool {
	return o.Phase == PhaseHandshake || o.Phase == PhaseExchange || o.Phase == PhaseDone
}

// pick marks the sightings that carry the nonce and returns the one that
// counts: the first that got further than the others. Of client code that
// connects twice, the connection that let data through is the one to judge.
func pick(sightings []Sighting, nonce string) *Sighting {
	var best *Sighting
	for i := range sightings {
		s := &sightings[i]
		s.Nonce = s.Received == nonce
		if best == nil || s.reach() > best.reach() {
			best = s
		}
	}
	return best
}

func (s *Sighting) reach() int {
	switch {
	case s.Nonce:
		return 3
	case s.Handshake:
		return 2
	case s.ClientHello:
		return 1
	}
	return 0
}

func newNonce() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand
	return hex.EncodeToString(b[:])
}
