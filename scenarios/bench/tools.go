package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"trustrig/firmware"
	"trustrig/firmware/cache"
	"trustrig/harness"
	"trustrig/harness/emulator"
	"trustrig/harness/probe"
	"trustrig/scripts"
	"trustrig/servers"
)

// caseFor returns one good scenario.
func caseFor() (harness.Scenario, error) {
	list, err := handshakes(false)
	if err != nil {
		return harness.Scenario{}, err
	}
	return list[0], nil
}

// mpremoteOverRig compares one case run by mpremote, as people do by hand,
// with the same through the rig.
func mpremoteOverRig(ctx context.Context, o Options) (_ []Measure, err error) {
	tool, err := firmware.Mpremote(ctx, firmware.Options{Say: o.Say})
	if err != nil {
		return nil, err
	}
	s, err := caseFor()
	if err != nil {
		return nil, err
	}
	rig, err := open(ctx, o, emulator.Config{}, 8)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rig.close()) }()
	by, err := open(ctx, o, emulator.Config{}, 8)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, by.close()) }()
	if err := by.device.Close(ctx); err != nil { // mpremote wants the port
		return nil, err
	}
	by.device = nil
	// What a case costs in a run of some, which is how the rig is used; a
	// script's author starts mpremote for each.
	cases := make([]harness.Scenario, 10)
	for i := range cases {
		cases[i] = s
		cases[i].Name += fmt.Sprintf("/%d", i)
	}
	var ratios []float64
	rounds := 5
	for i := range rounds + 1 {
		_, rigWall, err := rig.throughRig(ctx, cases)
		if err != nil {
			return nil, err
		}
		took, err := by.byMpremote(ctx, tool, s)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			ratios = append(ratios, took.Seconds()*1000/(rigWall/float64(len(cases))))
		}
	}
	return []Measure{atLeast(12, Measure{Name: "mpremote_over_rig", Value: median(ratios), Unit: "ratio",
		Detail: fmt.Sprintf("one accepted handshake, by the rig in a run of %d, median of %d rounds in turn", len(cases), rounds)})}, nil
}

// byMpremote runs a scenario's script with mpremote run.
func (b *bench) byMpremote(ctx context.Context, tool firmware.Tool, s harness.Scenario) (time.Duration, error) {
	ep, anchors, err := b.stage.Open(ctx, s)
	if err != nil {
		return 0, err
	}
	defer ep.Close(ctx, 0)
	kind, _ := probe.KindNamed(s.Client)
	var source string
	for _, name := range []string{"probe.py", kind.Script} {
		text, err := scripts.Source(name)
		if err != nil {
			return 0, err
		}
		source += text
	}
	source += probe.StandAlone(s, anchors, harness.Clock{}, `"`+ep.Addr().Addr().String()+`"`, int(ep.Addr().Port()))
	path := filepath.Join(b.dir, "case.py")
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		return 0, err
	}
	start := time.Now()
	out, err := tool.Command(ctx, "connect", b.emulated.Port(), "run", path).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("mpremote run: %w; it printed %.300q", err, out)
	}
	return time.Since(start), nil
}

const fileSize = 100_000

// files compares putting a file with mpremote cp, and with what a line can
// carry.
func files(ctx context.Context, o Options) (_ []Measure, err error) {
	cp, err := cpOverPut(ctx, o)
	if err != nil {
		return nil, err
	}
	line, err := lineRate(ctx, o)
	return append(cp, line...), err
}

func cpOverPut(ctx context.Context, o Options) (_ []Measure, err error) {
	tool, err := firmware.Mpremote(ctx, firmware.Options{Say: o.Say})
	if err != nil {
		return nil, err
	}
	// A side that reads in blocks grants a block at a time. A board grants 128
	// bytes, and then the line's round trips are most of either time.
	rig, err := open(ctx, o, emulator.Config{Window: 4096}, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rig.close()) }()
	by, err := open(ctx, o, emulator.Config{Window: 4096}, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, by.close()) }()
	if err := by.device.Close(ctx); err != nil {
		return nil, err
	}
	by.device = nil
	rounds := 5
	if o.Short {
		rounds = 3
	}
	var ratios []float64
	for i := range rounds + 1 {
		content := randomBytes(fileSize)
		start := time.Now()
		if _, err := rig.device.Put(ctx, "/flash/bench.bin", content); err != nil {
			return nil, err
		}
		put := time.Since(start)
		path := filepath.Join(by.dir, "bench.bin")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return nil, err
		}
		start = time.Now()
		if out, err := tool.Command(ctx, "connect", by.emulated.Port(), "fs", "cp", path, ":bench.bin").CombinedOutput(); err != nil {
			return nil, fmt.Errorf("mpremote fs cp: %w; it printed %.300q", err, out)
		}
		if i > 0 {
			ratios = append(ratios, time.Since(start).Seconds()/put.Seconds())
		}
	}
	return []Measure{atLeast(20, Measure{Name: "mpremote_cp_over_put", Value: median(ratios), Unit: "ratio",
		Detail: fmt.Sprintf("100 KB of random bytes, median of %d rounds in turn", rounds)})}, nil
}

// lineRate is the payload per second over what a line of 115200 baud carries
// in base64: 3 bytes in 4 characters of 10 bits.
func lineRate(ctx context.Context, o Options) (_ []Measure, err error) {
	const baud = 115200
	b, err := open(ctx, o, emulator.Config{Baud: baud}, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	if _, err := b.device.Put(ctx, "/flash/first.bin", []byte("x")); err != nil {
		return nil, err
	}
	var shares []float64
	rounds := 3
	if o.Short {
		rounds = 1
	}
	for range rounds {
		content := randomBytes(fileSize)
		start := time.Now()
		if _, err := b.device.Put(ctx, "/flash/bench.bin", content); err != nil {
			return nil, err
		}
		shares = append(shares, fileSize/time.Since(start).Seconds()/(baud/10*3.0/4))
	}
	return []Measure{atLeast(0.95, Measure{Name: "line_rate", Value: median(shares), Unit: "ratio",
		Detail: fmt.Sprintf("100 KB at 115200 baud, median of %d rounds", rounds)})}, nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: crypto/rand
	return b
}

// serversStart times the start of the container once its image is there.
func serversStart(ctx context.Context, o Options) ([]Measure, error) {
	store, err := cache.Open()
	if err != nil {
		return nil, err
	}
	var times []float64
	for i := range 4 {
		start := time.Now()
		s, err := servers.Start(ctx, servers.Options{Kind: servers.Docker, Cache: store.Dir()})
		if err != nil {
			return nil, err
		}
		took := time.Since(start).Seconds()
		if err := s.Close(); err != nil {
			return nil, err
		}
		if i > 0 { // the first may build the image
			times = append(times, took)
		}
	}
	return []Measure{atMost(3, Measure{Name: "servers_start_s", Value: median(times), Unit: "s", Detail: "median of 3, image built"})}, nil
}

// coldWarm times a whole run in a process of its own, with an empty cache and
// with the full one that it left.
func coldWarm(ctx context.Context, o Options) ([]Measure, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "trustrig-bench-cache-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	run := func() (float64, error) {
		cmd := exec.CommandContext(ctx, self, "run", "-servers", "inprocess", "-json")
		cmd.Env = append(os.Environ(), "TRUSTRIG_CACHE="+dir)
		start := time.Now()
		var exit *exec.ExitError
		if _, err := cmd.Output(); err != nil && !errors.As(err, &exit) {
			return 0, err
		} else if exit != nil && exit.ExitCode() == 2 {
			return 0, fmt.Errorf("trustrig run: %s", exit.Stderr)
		}
		return time.Since(start).Seconds(), nil
	}
	var times [3]float64
	for i := range times {
		if times[i], err = run(); err != nil {
			return nil, err
		}
	}
	all, err := handshakesTotal()
	if err != nil {
		return nil, err
	}
	return []Measure{
		{Name: "cold_run_s", Value: times[0], Unit: "s", Detail: "empty cache: firmware fetched, keys made, " + all},
		atMost(30, Measure{Name: "warm_run_s", Value: min(times[1], times[2]), Unit: "s", Detail: "full cache, in-process, " + all}),
	}, nil
}
