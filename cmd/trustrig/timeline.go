package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"
	"github.com/peterbourgon/ff/v3/ffcli"

	"trustrig/firmware/cache"
	"trustrig/scenarios"
	"trustrig/scenarios/timeline"
	"trustrig/servers"
	"trustrig/servers/pki"
)

// A timelineConfig is what the flags of trustrig timeline say.
type timelineConfig struct {
	anchor, key, from, asOf, practice string
	years                             int
	seed                              uint64
	undated, json, device             bool
	svg                               string
	camera                            scenarios.Options // of -device: its port or firmware
}

func timelineCommand() *ffcli.Command {
	var c timelineConfig
	fs := flag.NewFlagSet("trustrig timeline", flag.ContinueOnError)
	fs.StringVar(&c.anchor, "anchor", "", "what the camera holds: "+strings.Join(timeline.Anchors(), ", ")+" (default each that is of use)")
	fs.StringVar(&c.key, "key", "both", "the server's key: ecdsa, rsa or both")
	fs.StringVar(&c.from, "from", "", "the `day` on which the camera is set up, as 2006-01-02 (default today)")
	fs.StringVar(&c.asOf, "as-of", "", "use only what the CA had made known by this `day` (default the day of -from)")
	fs.StringVar(&c.practice, "chain", "default", "what the server sends: default, longest (that the CA offers) or by-hand (a cross-signed root added by its owner)")
	fs.IntVar(&c.years, "years", 25, "how far to look, 1 to 50 `years`")
	fs.Uint64Var(&c.seed, "seed", 1, "draw the issuers of leaves by this `number`")
	fs.BoolVar(&c.undated, "undated", false, "the camera takes an anchor for a name and a key and does not mind its dates")
	fs.BoolVar(&c.device, "device", false, "also ask a camera, with its clock moved: at each timeline's ends, and either side of each outage's edges")
	fs.StringVar(&c.camera.Port, "port", "", "with -device: serial `port` of a camera; without it one is emulated")
	fs.StringVar(&c.camera.Firmware, "firmware", "", "with -device: firmware of the emulated camera, a `name` or a path (default debian)")
	fs.StringVar(&c.camera.Board, "board", "", "with -device: `board` that the emulated camera plays, which bounds its clock")
	fs.BoolVar(&c.json, "json", false, "print JSON")
	fs.StringVar(&c.svg, "svg", "", "also draw the timelines into this `file`")
	return &ffcli.Command{
		Name:       "timeline",
		ShortUsage: "trustrig timeline [-anchor root|intermediate|leaf] [flags]",
		ShortHelp:  "when does a camera that nobody touches stop connecting to an honest server?",
		LongHelp: "Makes the chains of a Let's Encrypt-like server over the years, verifies each with the\n" +
			"camera's one anchor, and prints the outages. What the CA has not announced is assumed,\n" +
			"and marked by the assumption's name. Exit status: 0, or 1 if a camera departs, or 2.",
		FlagSet: fs,
		Exec: func(ctx context.Context, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("timeline takes flags only, not %q", args[0])
			}
			return c.exec(ctx)
		},
	}
}

func (c *timelineConfig) exec(ctx context.Context) error {
	o, err := c.options()
	if err != nil {
		return err
	}
	keyTypes := []string{"ecdsa", "rsa"}
	if c.key != "both" {
		keyTypes = []string{c.key}
	}
	store, err := cache.Open()
	if err != nil {
		return err
	}
	maker := pki.New(o.From, pki.NewKeys(filepath.Join(store.Dir(), "keys")))
	var all []*timeline.Timeline
	for _, keyType := range keyTypes {
		o.Server.KeyType = keyType
		t, err := timeline.Make(ctx, maker, o)
		if err != nil {
			return err
		}
		all = append(all, t)
	}
	if c.device {
		if err := c.ask(ctx, all); err != nil {
			return err
		}
	}
	if err := c.print(all); err != nil {
		return err
	}
	if departs(all) {
		return exitCode(exitFinding)
	}
	return nil
}

// ask has a camera judge the timelines' moments.
func (c *timelineConfig) ask(ctx context.Context, all []*timeline.Timeline) (err error) {
	c.camera.Servers = string(servers.InProcess)
	c.camera.Baseline = "none"
	c.camera.Say = say
	session, err := scenarios.Open(ctx, c.camera)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	asker := session.Asker()
	defer func() { err = errors.Join(err, asker.RightClock(context.WithoutCancel(ctx))) }()
	device := timeline.Verifier{Name: asker.Device(), Verify: func(ctx context.Context, q timeline.Question) (timeline.Answer, error) {
		o, err := asker.Ask(ctx, q.Chain, q.Anchor, q.At)
		if errors.Is(err, scenarios.ErrClockRefused) {
			err = fmt.Errorf("%w: %w", timeline.ErrNoSuchTime, err)
		}
		return timeline.Answer{Reason: o.Reason, Detail: o.Detail}, err
	}}
	for _, t := range all {
		if err := t.Ask(ctx, device); err != nil {
			return err
		}
	}
	return nil
}

// departs reports whether the camera departs from a timeline where no
// standard leaves it the choice.
func departs(all []*timeline.Timeline) bool {
	for _, t := range all {
		if t.Second != nil && slices.ContainsFunc(t.Second.Departures, func(d timeline.Departure) bool { return !d.Open() }) {
			return true
		}
	}
	return false
}

func (c *timelineConfig) options() (timeline.Options, error) {
	o := timeline.Options{
		Years:  c.years,
		Server: timeline.Server{Practice: timeline.Practice(c.practice), Seed: c.seed},
	}
	if (c.camera.Port != "" || c.camera.Firmware != "" || c.camera.Board != "") && !c.device {
		return o, errors.New("-port, -firmware and -board are for -device")
	}
	if c.undated {
		o.Verifier = timeline.GoUndated()
	}
	if c.anchor != "" {
		if !slices.Contains(timeline.Anchors(), c.anchor) {
			return o, fmt.Errorf("-anchor %q: it is one of %s", c.anchor, strings.Join(timeline.Anchors(), ", "))
		}
		o.Anchors = []string{c.anchor}
	}
	if !slices.Contains([]string{"ecdsa", "rsa", "both"}, c.key) {
		return o, fmt.Errorf("-key %q: it is ecdsa, rsa or both", c.key)
	}
	if !slices.Contains([]timeline.Practice{timeline.Default, timeline.Longest, timeline.ByHand}, o.Server.Practice) {
		return o, fmt.Errorf("-chain %q: it is default, longest or by-hand", c.practice)
	}
	if c.years < 1 || c.years > 50 {
		return o, fmt.Errorf("-years %d: it is 1 to 50", c.years)
	}
	var err error
	if o.From, err = parseDay("-from", c.from, time.Now()); err != nil {
		return o, err
	}
	o.AsOf, err = parseDay("-as-of", c.asOf, o.From)
	return o, err
}

// parseDay reads a flag that is a day in UTC.
func parseDay(name, value string, otherwise time.Time) (time.Time, error) {
	if value == "" {
		return otherwise.UTC().Truncate(24 * time.Hour), nil
	}
	at, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return at, fmt.Errorf("%s %q: it is a day as 2026-11-23", name, value)
	}
	return at, nil
}

func (c *timelineConfig) print(all []*timeline.Timeline) error {
	if c.svg != "" {
		if err := writeSVG(c.svg, all); err != nil {
			return err
		}
		say("drawn: " + c.svg)
	}
	if c.json {
		return printJSON(all)
	}
	return timeline.WriteText(os.Stdout, all)
}

// writeSVG writes the file whole or not at all.
func writeSVG(path string, all []*timeline.Timeline) error {
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("-svg: %w", err)
	}
	defer f.Cleanup()
	if err := timeline.WriteSVG(f, all); err != nil {
		return fmt.Errorf("-svg: %w", err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("-svg: %w", err)
	}
	return nil
}
