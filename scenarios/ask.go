package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"trustrig/harness"
	"trustrig/harness/probe"
	"trustrig/servers/pki"
	"trustrig/servers/tlsserver"
)

// An Asker puts questions to a session's camera that are no scenarios: does it
// accept this chain, with this anchor, at this time? It is not for concurrent
// use, nor for use beside the session's own.
type Asker struct {
	session *Session
	client  *probe.Client
}

// Asker returns the session's asker.
func (s *Session) Asker() *Asker {
	return &Asker{session: s, client: probe.New(s.camera, s.device.Capabilities, scenarioLimit)}
}

// Device names the camera and its firmware.
func (a *Asker) Device() string {
	d := a.session.device
	return strings.TrimSpace(fmt.Sprintf("%s %s with mbedTLS %s", d.Firmware.Name, d.Firmware.Version, d.Firmware.MbedTLS))
}

// askTries is how often a question is put: it is about one second, which a
// slow camera may miss.
const askTries = 5

// ErrClockRefused is in the chain of Ask's error when the camera's clock does
// not take the time.
var ErrClockRefused = errors.New("the camera's clock refuses the time")

var errLate = errors.New("the camera's clock went on to another second before it had judged")

// Ask has the manual's client code connect to a server that presents the
// chain, with the camera's clock set to a second. The outcome is what both
// witnesses agree upon; where they do not, or nothing is proved, it is an error.
func (a *Asker) Ask(ctx context.Context, chain *pki.Chain, anchor []byte, at time.Time) (harness.Outcome, error) {
	for try := 1; ; try++ {
		o, err := a.ask(ctx, chain, anchor, at)
		if err == nil || try == askTries || !errors.Is(err, errLate) {
			return o, err
		}
	}
}

func (a *Asker) ask(ctx context.Context, chain *pki.Chain, anchor []byte, at time.Time) (harness.Outcome, error) {
	cert, err := present(chain)
	if err != nil {
		return harness.Outcome{}, err
	}
	ep, err := a.session.servers.Open(ctx, tlsserver.Presentation{Certificate: cert, NoPSS: true})
	if err != nil {
		return harness.Outcome{}, err
	}
	sc := complete(harness.Scenario{Name: "ask", ServerName: chain.Host,
		Expect: either("RFC 5280 6.1", harness.Expired, harness.NotYetValid, harness.NotTrusted)})
	target := harness.Target{Addr: ep.Addr(), Anchors: harness.Anchors{First: anchor}, Nonce: fmt.Sprintf("ask at %d", at.Unix())}
	outcome, askErr := a.probe(ctx, sc, target, at)
	sighting, closeErr := seen(ctx, ep, outcome, target.Nonce)
	if err := errors.Join(askErr, closeErr); err != nil {
		return outcome, fmt.Errorf("asking the camera at %s: %w", at.Format(time.RFC3339), err)
	}
	if j := harness.Judge(sc, outcome, sighting, nil); j.Verdict != harness.Pass {
		return outcome, fmt.Errorf("asking the camera at %s: %s: %s", at.Format(time.RFC3339), j.Verdict, j.Why)
	}
	return outcome, nil
}

// probe sets the clock and connects, all within the second.
func (a *Asker) probe(ctx context.Context, sc harness.Scenario, t harness.Target, at time.Time) (harness.Outcome, error) {
	camera := a.session.camera
	if err := camera.SetClock(ctx, at); err != nil {
		if ctx.Err() == nil && !errors.Is(err, harness.ErrDeviceLost) {
			err = fmt.Errorf("%w: %w", ErrClockRefused, err)
		}
		return harness.Outcome{}, err
	}
	outcome, err := a.client.Probe(ctx, sc, t)
	if err != nil {
		return outcome, err
	}
	now, err := camera.Clock(ctx)
	if err == nil && !now.Equal(at.UTC().Truncate(time.Second)) {
		err = errLate
	}
	return outcome, err
}

// An endpoint is what [servers.Server] opens.
type endpoint interface {
	Addr() netip.AddrPort
	Close(ctx context.Context, atLeast int) ([]harness.Sighting, error)
}

// seen closes the endpoint and returns its one sighting, nil if there was none.
func seen(ctx context.Context, ep endpoint, o harness.Outcome, nonce string) (*harness.Sighting, error) {
	atLeast := 0
	if o.Result == harness.Accepted || o.Result == harness.Rejected {
		atLeast = 1
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	sightings, err := ep.Close(wait, atLeast)
	if err != nil || len(sightings) == 0 {
		return nil, err
	}
	last := &sightings[len(sightings)-1]
	last.Nonce = last.Received == nonce
	return last, nil
}

// RightClock sets the camera's clock right again.
func (a *Asker) RightClock(ctx context.Context) error {
	return a.session.camera.SetClock(ctx, time.Now())
}
