package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"trustrig/firmware"
	"trustrig/firmware/cache"
	"trustrig/harness"
	"trustrig/harness/emulator"
	"trustrig/harness/emulator/board"
	"trustrig/harness/probe"
)

// Capabilities that the rig gives a camera, or finds in it.
const (
	capClock    = "clock"    // set by the RTC, and what the dates of certificates are held against
	capResolver = "resolver" // of the names that scenarios ask for
)

// configure is the emulated camera that the options want.
func (c *camera) configure(ctx context.Context, o Options, store *cache.Cache) (emulator.Config, error) {
	cfg := emulator.Config{Modules: firmware.Modules(), Heap: int64(o.Change.Heap)}
	if o.Change.Modules != nil {
		cfg.Modules = o.Change.Modules
	}
	if o.Board != "" {
		b, err := board.Named(o.Board)
		if err != nil {
			return cfg, fmt.Errorf("-board: %w", err)
		}
		c.played = &b
		b.Configure(&cfg, c.firmware.Name)
	}
	if cfg.Heap == 0 {
		cfg.Heap = int64(c.firmware.Heap)
	}
	env, err := firmware.Environ(os.Environ(), o.Change.Preload, o.Change.Env...)
	if err != nil {
		return cfg, err
	}
	c.own = c.firmware.Surround(ctx, env, firmware.Options{Cache: store, Say: o.Say})
	for _, line := range c.own.Lacks {
		o.Say(line)
	}
	cfg.FakeTime = c.own.Clock != ""
	if c.own.Names != "" {
		if cfg.Hosts, err = hosts(); err != nil {
			return cfg, err
		}
	}
	cfg.Command, cfg.Env, err = c.firmware.Surrounded(env, c.own.Libraries())
	return cfg, err
}

// hosts are the names that the catalogue's scenarios ask for.
func hosts() (map[string]netip.Addr, error) {
	all, err := Catalogue()
	if err != nil {
		return nil, err
	}
	out := make(map[string]netip.Addr)
	for _, s := range all {
		if hostRE.MatchString(s.ServerName) && net.ParseIP(s.ServerName) == nil {
			out[s.ServerName] = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
	}
	return out, nil
}

// hostRE is what a file in the format of hosts(5) can hold.
var hostRE = regexp.MustCompile(`^[0-9A-Za-z_-]+(\.[0-9A-Za-z_-]+)+$`)

// board is the one that the camera is, as far as its clock goes.
func (c *camera) board(id probe.Identity) board.Board {
	switch {
	case c.played != nil:
		return *c.played
	case c.emulated != nil:
		return board.Default()
	}
	return board.OfPlatform(id.Platform, id.Machine)
}

// surroundings returns the capabilities that are tried on the camera: that its
// clock goes where it is set, how far, and that it resolves the rig's names. It
// leaves the clock right.
func (c *camera) surroundings(ctx context.Context, id probe.Identity, say func(string)) ([]string, error) {
	var found []string
	if slices.Contains(id.Capabilities, "machine.RTC") && (c.emulated == nil || c.own.Clock != "") {
		moves, err := c.tryClock(ctx, id, say)
		if err != nil {
			return nil, err
		}
		if moves {
			found = append(found, capClock)
		}
	}
	// A camera on a network of its own would ask a server out there.
	if c.emulated != nil && c.own.Names != "" {
		out, err := c.Exec(ctx, "import socket\nprint(bytes(socket.getaddrinfo("+strconv.Quote(serverName)+",1)[0][-1])[4:8])")
		switch {
		case err == nil && strings.Contains(string(out), `b'\x7f\x00\x00\x01'`):
			found = append(found, capResolver)
		case errors.Is(err, harness.ErrDeviceLost):
			return nil, err
		default:
			say(fmt.Sprintf("the emulated camera has no resolver: it takes %s for %.80q (%v)", serverName, out, err))
		}
	}
	return found, nil
}

// tryClock sets the clock to the power-on value and to where the clocks of
// boards end, and then right. It notes how far the clock goes.
func (c *camera) tryClock(ctx context.Context, id probe.Identity, say func(string)) (found bool, err error) {
	for _, at := range append([]time.Time{c.board(id).PowerOn}, clockTrials()...) {
		err := c.SetClock(ctx, at)
		switch {
		case err == nil:
			if !found || at.Before(c.reach.first) {
				c.reach.first = at
			}
			if !found || at.After(c.reach.last) {
				c.reach.last = at
			}
			found = true
		case ctx.Err() != nil, errors.Is(err, harness.ErrDeviceLost):
			return false, err
		case !found:
			say("no scenario moves the clock: " + err.Error())
			return false, c.SetClock(ctx, time.Now())
		}
	}
	return found, c.SetClock(ctx, time.Now())
}

// lookAtClock says when the machine's clock can not be right.
func (s *Session) lookAtClock() {
	if line := tooEarly(s.clock.Now(), commitDay()); line != "" {
		s.remark(line)
	}
}

// tooEarly says that now is before the commit of which this was made, where
// that is known.
func tooEarly(now, made time.Time) string {
	const apart = time.Hour // what the clocks of two machines may be
	if made.IsZero() || !now.Before(made.Add(-apart)) {
		return ""
	}
	return fmt.Sprintf("the clock of this machine is wrong: it says %s, and this trustrig was made of a commit of %s",
		now.UTC().Format(time.DateTime), made.UTC().Format(time.DateTime))
}

// watchClock says when the machine's clock was set during a scenario. The
// device's is set by one that is not.
func (s *Session) watchClock(scenario string) {
	if by, stepped := s.clock.Stepped(); stepped {
		s.remark(fmt.Sprintf("the clock of this machine was set by %v during the run, at scenario %s; the run goes on as if it had not been", by, scenario))
	}
}

func (s *Session) remark(line string) {
	s.remarks = append(s.remarks, line)
	s.options.Say(line)
}
