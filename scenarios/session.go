package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"time"

	"trustrig/firmware/cache"
	"trustrig/harness"
	"trustrig/harness/probe"
	"trustrig/servers"
	"trustrig/servers/pki"
)

// scenarioLimit bounds one scenario on the device. A board that checks four
// certificates, one of them under an RSA key of 4096 bits, takes some seconds.
const scenarioLimit = 30 * time.Second

// A Session is a device and servers, ready to judge scenarios. It is not for
// concurrent use: a device does one thing at a time.
type Session struct {
	options   Options
	catalogue []harness.Scenario
	standing  *standing
	camera    *camera
	servers   *servers.Server
	field     *servers.Field
	stage     harness.Stage
	client    harness.Client
	runner    *harness.Runner
	device    harness.DeviceRecord
	clocks    *clockSource
	clock     *harness.RigClock
	remarks   []string // of the rig, on itself
	started   time.Time
}

// Open starts everything that a run needs. What it started when it fails is
// stopped again.
func Open(ctx context.Context, o Options) (*Session, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	catalogue, err := Catalogue()
	if err != nil {
		return nil, fmt.Errorf("the catalogue: %w", err)
	}
	standing, err := loadStanding(o)
	if err != nil {
		return nil, err
	}
	s := &Session{options: o, standing: standing, catalogue: catalogue, started: time.Now().UTC(), clock: harness.NewRigClock()}
	s.lookAtClock()
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Session) open(ctx context.Context) error {
	kind, err := servers.ParseKind(s.options.Servers)
	if err != nil {
		return fmt.Errorf("-servers: %w", err)
	}
	address := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if s.options.Listen != "" {
		if address, err = netip.ParseAddr(s.options.Listen); err != nil {
			return fmt.Errorf("-listen: %w", err)
		}
	}
	store, err := cache.Open()
	if err != nil {
		return err
	}
	if s.camera, err = openCamera(ctx, s.options, store); err != nil {
		return err
	}
	if s.servers, err = servers.Start(ctx, servers.Options{Kind: kind, Addr: address, Cache: store.Dir()}); err != nil {
		return err
	}
	s.options.Say(s.servers.Why())
	identity, err := probe.Identify(ctx, s.camera)
	if err != nil {
		return err
	}
	more, err := s.camera.surroundings(ctx, identity, s.options.Say)
	if err != nil {
		return err
	}
	identity.Capabilities = append(identity.Capabilities, more...)
	s.device = s.camera.record(identity)
	s.clocks = &clockSource{powerOn: s.camera.board(identity).PowerOn, reach: s.camera.reach, listen: address}
	s.client = probe.New(s.camera, identity.Capabilities, scenarioLimit)
	maker := s.options.Maker
	if maker == nil {
		maker = NewMaker(s.options.T0, store)
	}
	s.stage, s.field = withField(newStage(maker, s.servers, s.clocks), s.catalogue, s.options.Say)
	s.renew()
	return nil
}

// NewMaker returns a maker of chains whose keys are kept in the cache.
func NewMaker(t0 time.Time, store *cache.Cache) *pki.Maker {
	return pki.New(t0, pki.NewKeys(filepath.Join(store.Dir(), "keys")))
}

// renew forgets what was tried, so that it is tried again.
func (s *Session) renew() { s.runner = harness.NewRunner(s.stage, s.client, s.catalogue) }

// Judge tries a scenario and its controls. The error is ctx's.
func (s *Session) Judge(ctx context.Context, sc harness.Scenario) (harness.ScenarioRecord, error) {
	r, err := s.runner.Run(ctx, sc)
	s.watchClock(sc.Name)
	if err == nil && sc.Name == generatedNames {
		r, err = s.generate(ctx, r, sc)
	}
	if err == nil {
		s.standing.mark(&r, s.device.Firmware.MbedTLS)
	}
	return r, err
}

// Try makes the scenario's connection anew and judges it by its own witnesses,
// without its controls. The error is ctx's.
func (s *Session) Try(ctx context.Context, sc harness.Scenario) (harness.ScenarioRecord, error) {
	s.renew()
	sc.Controls = nil
	return s.Judge(ctx, sc)
}

// Close stops what Open started.
func (s *Session) Close() error {
	var errs []error
	if s.field != nil {
		errs = append(errs, s.field.Close())
	}
	if s.clocks != nil {
		errs = append(errs, s.clocks.Close())
	}
	if s.servers != nil {
		errs = append(errs, s.servers.Close())
	}
	if s.camera != nil {
		errs = append(errs, s.camera.Close())
	}
	return errors.Join(errs...)
}
