package scenarios

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"trustrig/firmware"
	"trustrig/harness/emulator/board"
	"trustrig/servers/pki"
)

// Options say what a run is about: the flags that go test ./scenarios and
// trustrig run share.
type Options struct {
	Port     string // a real camera's serial port; "" for an emulated one
	Firmware string // of the emulated camera: a name or a path
	// Change is what the emulated camera has otherwise than the firmware.
	Change firmware.Change
	// Board is the board that the emulated camera plays, "" for none: then its
	// power-on clock is right, and it has a PC's clock and memory.
	Board   string
	Servers string // "docker", "inprocess" or "auto"
	Listen  string // address on which the servers listen; "" for 127.0.0.1
	Report  string // folder for run.json and junit.xml; "" for none
	Seed    uint64 // of the order of scenarios; 0 for a random one
	// Baseline is what findings are held against: a name, a file's path,
	// "none", or "" for the firmware's own.
	Baseline string
	// Update rewrites the baseline after the run, which Baseline must not
	// turn off.
	Update bool
	// StrictDates has an advisory whose review date is over name nothing.
	// Otherwise the date counts as of the commit, see Day.
	StrictDates bool
	// Day is the day on which advisories may be due. Zero means the clock's
	// with StrictDates, and else the day of the commit that was built.
	Day time.Time
	// T0 is the instant that the run takes as now. Zero means the clock's.
	T0 time.Time
	// Maker makes the chains, dated from T0, for several runs side by side;
	// nil for one of the run's own.
	Maker *pki.Maker
	// Say is told, in lines without newline, what takes long and what was
	// chosen. It may be nil.
	Say func(line string)
}

// Register declares the shared flags.
func (o *Options) Register(fs *flag.FlagSet) {
	fs.StringVar(&o.Port, "port", "", "serial `port` of a camera; without it one is emulated")
	fs.StringVar(&o.Firmware, "firmware", "", "firmware of the emulated camera: a `name` or a path (default debian)")
	fs.StringVar(&o.Board, "board", "", "board that the emulated camera plays: "+strings.Join(board.Names(), ", "))
	fs.StringVar(&o.Servers, "servers", "auto", "where the TLS servers run: docker, inprocess, or auto for docker where it answers")
	fs.StringVar(&o.Listen, "listen", "127.0.0.1", "`address` of this machine on which the servers listen: for a real camera one that its network reaches")
	fs.Var(&o.Change.Heap, "heap", "heap of the emulated camera, a `size` as in 256K: memory trouble as on a board (default the firmware's)")
	fs.StringVar(&o.Report, "report", "", "write run.json and junit.xml to this `folder`")
	fs.Uint64Var(&o.Seed, "seed", 0, "shuffle the scenarios by this `number`, 0 for a random one; the run record holds it")
	fs.StringVar(&o.Baseline, "baseline", "", "hold findings against this baseline: a `name`, a file or none (default the firmware's)")
	fs.BoolVar(&o.Update, "update", false, "rewrite the firmware's baseline by this run and print the difference")
	fs.BoolVar(&o.StrictDates, "strict-dates", false, "an advisory past its review date names no finding any more (for nightly runs)")
}

// firmwareName is the name of the firmware where it has one: that of an
// emulated camera that was not given by a path.
func (o *Options) firmwareName() string {
	switch {
	case o.Port != "":
		return ""
	case o.Firmware == "":
		return firmware.Default
	case slices.Contains(firmware.Names(), o.Firmware):
		return o.Firmware
	}
	return ""
}

// check refuses options that go together with no run, and fills in what was
// left to chance.
func (o *Options) check() error {
	if o.Port != "" && o.Firmware != "" {
		return fmt.Errorf("-port %s and -firmware %s: a real camera runs its own firmware; give one of the two", o.Port, o.Firmware)
	}
	if o.Port != "" && o.Board != "" {
		return fmt.Errorf("-port %s and -board %s: a real camera is the board that it is; give one of the two", o.Port, o.Board)
	}
	if o.Update && (o.firmwareName() == "" || o.Baseline != "") {
		return errors.New("-update rewrites the baseline of a firmware that has a name: leave out -port, -baseline and a firmware's path")
	}
	if o.Day.IsZero() {
		o.Day = commitDay()
		if o.StrictDates {
			o.Day = time.Now().UTC()
		}
	}
	if o.T0.IsZero() {
		o.T0 = time.Now().UTC().Truncate(time.Second)
	}
	if o.Seed == 0 {
		o.Seed = rand.Uint64N(1 << 32)
	}
	if o.Say == nil {
		o.Say = func(string) {}
	}
	return nil
}

// commitDay is when the commit was made that this binary was built from, as
// far as the toolchain or the checkout tells; else the zero time. An old
// checkout stays as green as it was.
func commitDay() time.Time {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if t, err := time.Parse(time.RFC3339, s.Value); s.Key == "vcs.time" && err == nil {
				return t
			}
		}
	}
	root, err := moduleRoot()
	if err != nil {
		return time.Time{}
	}
	out, err := exec.Command("git", "-C", root, "log", "-1", "--format=%cI").Output()
	if err != nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(string(out)))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// Version is the version of trustrig, from what the Go toolchain wrote into
// the binary: a module version, or "devel" with the commit.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 && version == "(devel)" {
			version = "devel-" + s.Value[:12]
		}
	}
	return version
}
