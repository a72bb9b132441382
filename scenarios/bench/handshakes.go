package bench

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"trustrig/firmware"
	"trustrig/firmware/cache"
	"trustrig/harness"
	"trustrig/harness/device"
	"trustrig/harness/emulator"
	"trustrig/harness/probe"
	"trustrig/scenarios"
	"trustrig/servers"
	"trustrig/servers/pki"
)

//go:embed bare.py
var barePy []byte

// A bench is an emulated camera and in-process servers without the rest of a
// session.
type bench struct {
	firmware *firmware.Firmware
	emulated *emulator.Emulator
	device   *device.Device
	servers  *servers.Server
	stage    harness.Stage
	client   *probe.Client
	dir      string
	faked    bool // the camera has a clock of its own, as in a run
}

// open sets a bench up with as many listeners as are asked for: the bare loop
// wants all its endpoints open at once.
func open(ctx context.Context, o Options, cfg emulator.Config, listeners int) (b *bench, err error) {
	b = new(bench)
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close())
		}
	}()
	store, err := cache.Open()
	if err != nil {
		return b, err
	}
	if b.dir, err = os.MkdirTemp("", "trustrig-bench-"); err != nil {
		return b, err
	}
	if b.firmware, err = firmware.Select(ctx, o.Firmware, firmware.Options{Cache: store, Say: o.Say}); err != nil {
		return b, err
	}
	cfg.Modules = firmware.Modules()
	var libs []string
	if clock, err := b.firmware.Clock(ctx, os.Environ(), firmware.Options{Cache: store, Say: o.Say}); err == nil {
		libs, cfg.FakeTime, b.faked = append(libs, clock), true, true
	}
	if cfg.Command, cfg.Env, err = b.firmware.Surrounded(os.Environ(), libs); err != nil {
		return b, err
	}
	if b.emulated, err = emulator.Start(ctx, cfg); err != nil {
		return b, err
	}
	if b.device, err = device.Open(ctx, b.emulated.Port()); err != nil {
		return b, err
	}
	if listeners == 0 {
		return b, nil
	}
	if b.servers, err = servers.Start(ctx, servers.Options{Kind: servers.InProcess, Listeners: listeners}); err != nil {
		return b, err
	}
	identity, err := probe.Identify(ctx, b.device)
	if err != nil {
		return b, err
	}
	b.client = probe.New(b.device, identity.Capabilities, 30*time.Second)
	b.stage = scenarios.NewStage(pki.New(time.Now(), pki.NewKeys(filepath.Join(store.Dir(), "keys"))), b.servers)
	return b, nil
}

func (b *bench) close() error {
	var errs []error
	if b.device != nil {
		errs = append(errs, b.device.Close(context.Background()))
	}
	if b.emulated != nil {
		errs = append(errs, b.emulated.Close())
	}
	if b.servers != nil {
		errs = append(errs, b.servers.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir))...)
}

// handshakes are the catalogue's scenarios that must be accepted, through the
// manual's client code, without their controls.
func handshakes(short bool) ([]harness.Scenario, error) {
	all, err := scenarios.Catalogue()
	if err != nil {
		return nil, err
	}
	var out []harness.Scenario
	for _, s := range all {
		plain := s.Client == "ssl.SSLContext" && s.Load == (harness.Load{}) && len(s.Needs) == 0 && s.Stack == "go" && s.Behaviour == "" && s.ByName == nil
		if plain && s.Expect.Result == harness.Accepted && s.Verify == harness.CertRequired {
			s.Controls = nil
			out = append(out, s)
		}
	}
	if short && len(out) > 60 {
		out = scenarios.Shuffle(out, 1)[:60]
	}
	return out, nil
}

// runOverBare compares the catalogue's accepted handshakes through the whole
// rig with the same in a bare loop in one MicroPython process.
func runOverBare(ctx context.Context, o Options) (_ []Measure, err error) {
	list, err := handshakes(o.Short)
	if err != nil {
		return nil, err
	}
	b, err := open(ctx, o, emulator.Config{}, len(list))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	if list, err = b.acceptedOf(ctx, list); err != nil {
		return nil, err
	}
	rounds := 5
	if o.Short {
		rounds = 3
	}
	var device, wall []float64
	for range rounds {
		rigEach, rigWall, err := b.throughRig(ctx, list)
		if err != nil {
			return nil, err
		}
		bareEach, bareWall, err := b.bare(ctx, list)
		if err != nil {
			return nil, err
		}
		device = append(device, sum(rigEach)/sum(bareEach))
		wall = append(wall, rigWall/bareWall)
	}
	detail := fmt.Sprintf("%d handshakes, median of %d rounds in turn", len(list), rounds)
	return []Measure{
		atMost(1.15, Measure{Name: "run_over_bare", Value: median(device), Unit: "ratio", Detail: detail + ", the device's own time"}),
		atMost(1.5, Measure{Name: "run_over_bare_wall", Value: median(wall), Unit: "ratio", Detail: detail + ", wall time"}),
	}, nil
}

// acceptedOf returns those of the scenarios that this firmware accepts, having
// warmed up on them: a finding is no matter of speed.
func (b *bench) acceptedOf(ctx context.Context, list []harness.Scenario) ([]harness.Scenario, error) {
	runner := harness.NewRunner(b.stage, b.client, nil)
	var out []harness.Scenario
	for _, s := range list {
		r, err := runner.Run(ctx, s)
		if err != nil {
			return nil, err
		}
		if r.Outcome.Result == harness.Accepted {
			out = append(out, s)
		}
	}
	return out, nil
}

// throughRig runs the scenarios as a run does, and returns the device's
// milliseconds of each and the wall's of all.
func (b *bench) throughRig(ctx context.Context, list []harness.Scenario) (each []float64, wall float64, err error) {
	runner := harness.NewRunner(b.stage, b.client, nil)
	start := time.Now()
	for _, s := range list {
		r, err := runner.Run(ctx, s)
		if err != nil {
			return nil, 0, err
		}
		if r.Outcome.Result != harness.Accepted {
			return nil, 0, fmt.Errorf("scenario %s: %s", s.Name, r.Why)
		}
		each = append(each, r.Outcome.Milliseconds)
	}
	return each, time.Since(start).Seconds() * 1000, nil
}

// bare opens all endpoints, and has one MicroPython process connect to them in
// a loop.
func (b *bench) bare(ctx context.Context, list []harness.Scenario) (each []float64, wall float64, err error) {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	var endpoints []harness.Endpoint
	defer func() {
		for _, ep := range endpoints {
			_, closeErr := ep.Close(ctx, 0)
			err = errors.Join(err, closeErr)
		}
	}()
	for _, s := range list {
		ep, anchors, err := b.stage.Open(ctx, s)
		if err != nil {
			return nil, 0, err
		}
		endpoints = append(endpoints, ep)
		var anchor any
		if anchors.First != nil {
			anchor = base64.StdEncoding.EncodeToString(anchors.First)
		}
		if err := encoder.Encode([]any{ep.Addr().Addr().String(), ep.Addr().Port(), s.ServerName, 2, anchor, "0123456789abcdef0123456789abcdef"}); err != nil {
			return nil, 0, err
		}
	}
	return b.runBare(ctx, lines.Bytes())
}

func (b *bench) runBare(ctx context.Context, cases []byte) (each []float64, wall float64, err error) {
	modules := filepath.Join(b.dir, "modules")
	if err := os.RemoveAll(modules); err != nil {
		return nil, 0, err
	}
	if err := os.CopyFS(modules, only(firmware.Modules(), "ssl.py")); err != nil {
		return nil, 0, err
	}
	script, list := filepath.Join(b.dir, "bare.py"), filepath.Join(b.dir, "cases.json")
	if err := errors.Join(os.WriteFile(script, barePy, 0o600), os.WriteFile(list, cases, 0o600)); err != nil {
		return nil, 0, err
	}
	argv := append(b.firmware.Argv[:len(b.firmware.Argv):len(b.firmware.Argv)], script, list)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "MICROPYPATH="+modules+":.frozen")
	out, err := cmd.Output()
	if err != nil {
		return nil, 0, fmt.Errorf("the bare loop: %w; it printed %.300q", err, out)
	}
	var times struct {
		Each []float64
		Loop float64
	}
	if err := json.Unmarshal(out, &times); err != nil {
		return nil, 0, fmt.Errorf("the bare loop printed %.300q: %w", out, err)
	}
	return times.Each, times.Loop, nil
}

// only is a file system's one file.
func only(fsys fs.FS, name string) fs.FS { return oneFile{fsys, name} }

type oneFile struct {
	fs.FS
	name string
}

func (f oneFile) ReadDir(dir string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(f.FS, dir)
	for _, e := range all {
		if e.Name() == f.name {
			return []fs.DirEntry{e}, err
		}
	}
	return nil, err
}
