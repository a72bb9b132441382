// Package probe plays the client code of scenarios on a device: it sends the
// scripts of package scripts once, calls them once a scenario, and reads the
// outcome that they report.
package probe

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"trustrig/harness"
	"trustrig/harness/repl"
	"trustrig/scripts"
)

// sentinel stands before each report of a script. The scripts print it in
// two halves, so that the echo of their source is never taken for it.
const sentinel = "trustrig:"

// largeAnchors is more, in bytes, than a board need have memory for: bundles
// of many roots. What is smaller has to fit.
const largeAnchors = 16 << 10

// A Device executes source. An error whose chain holds harness.ErrDeviceLost
// says that it will do so no more.
type Device interface {
	// Exec runs source and returns what it printed, also beside an error.
	Exec(ctx context.Context, source string) ([]byte, error)
	// SoftReset starts its interpreter anew.
	SoftReset(ctx context.Context) ([]byte, error)
	// Generation changes whenever the device has lost what was defined on
	// it: after a reset of any kind.
	Generation() int
}

// A Client makes a device connect as scenarios say. It implements
// harness.Client and is not for concurrent use, as a device is not.
type Client struct {
	device Device
	limit  time.Duration
	has    map[string]bool // the device's capabilities

	generation int
	sent       map[string]bool // scripts on the device
	kept       map[string]bool // anchors on the device, by digest
	room       int             // bytes that they take
	clock      clock
}

// New returns a client for a device with the capabilities that [Identify]
// found. limit bounds one scenario on the device.
func New(d Device, capabilities []string, limit time.Duration) *Client {
	c := &Client{device: d, limit: limit, has: make(map[string]bool), clock: newClock(d.Generation())}
	for _, name := range capabilities {
		c.has[name] = true
	}
	return c
}

// Probe implements harness.Client.
func (c *Client) Probe(ctx context.Context, s harness.Scenario, t harness.Target) (harness.Outcome, error) {
	kind, ok := KindNamed(s.Client)
	if !ok {
		return harness.Outcome{}, fmt.Errorf("no client kind is called %q", s.Client)
	}
	for _, need := range slices.Concat(kind.Needs, s.Needs) {
		if !c.has[need] {
			return harness.Outcome{Missing: need}, nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	if kind.Fresh {
		if _, err := c.device.SoftReset(ctx); err != nil {
			return harness.Outcome{}, fmt.Errorf("soft reset before %s: %w", s.Client, err)
		}
	}
	if err := c.prepare(ctx, kind.Script, t.Anchors); err != nil {
		var raised *repl.Exception
		if errors.As(err, &raised) && raised.Class == "ImportError" {
			return harness.Outcome{Missing: raised.Text}, nil
		}
		if size := len(t.First) + len(t.Second); raised != nil && raised.Class == "MemoryError" && size > largeAnchors {
			return harness.Outcome{Missing: fmt.Sprintf("memory for what is loaded: anchors of %d bytes (%s)",
				size, raised.Text)}, nil
		}
		return harness.Outcome{}, err
	}
	set := c.setting(t.Clock)
	// Sending, above, takes a slow line its time; only the client code is
	// held to the scenario's.
	called, cancelCall := context.WithTimeout(ctx, c.patience(s))
	defer cancelCall()
	out, err := c.device.Exec(called, call(s, t, c.options(s, kind)+clockOptions(set, t.Clock)))
	report, found := find(out)
	if !found {
		if err == nil {
			err = fmt.Errorf("it printed %.200q and no outcome", out)
		}
		if errors.As(err, new(*repl.ResetError)) || errors.As(err, new(*repl.GoneError)) {
			err = fmt.Errorf("%w: %w", harness.ErrDeviceReset, err)
		}
		return harness.Outcome{}, fmt.Errorf("running %s on the device: %w", s.Client, err)
	}
	o, shown, err := parse(report)
	if err != nil {
		return o, err
	}
	return o, c.clock.check(set, t.Clock, shown, &o)
}

// options are what the call says beside the scenario.
func (c *Client) options(s harness.Scenario, kind Kind) string {
	if kind.ByName && c.has["resolver"] && s.ServerName != "" && net.ParseIP(s.ServerName) == nil {
		return literal("by_name") + ": True, "
	}
	return ""
}

// patience is how long a scenario's client code may take. A socket's timeout
// bounds each read, not all of them; a server that drips is ended by the rig.
func (c *Client) patience(s harness.Scenario) time.Duration {
	if s.Limit == 0 {
		return c.limit
	}
	return min(c.limit, s.Limit)
}

// prepare sends what the device does not have yet.
func (c *Client) prepare(ctx context.Context, script string, anchors harness.Anchors) error {
	if g := c.device.Generation(); c.sent == nil || g != c.generation {
		c.generation, c.sent = g, make(map[string]bool)
		c.kept, c.room = make(map[string]bool), 0
	}
	for _, name := range []string{"probe.py", script} {
		source, err := scripts.Source(name)
		if err != nil {
			return err
		}
		if err := c.once(ctx, name, source); err != nil {
			return err
		}
	}
	return c.keep(ctx, anchors)
}

func (c *Client) once(ctx context.Context, name, source string) error {
	if c.sent[name] {
		return nil
	}
	if _, err := c.device.Exec(ctx, source); err != nil {
		return fmt.Errorf("sending %s: %w", name, err)
	}
	c.sent[name] = true
	return nil
}

// call is the line of MicroPython that runs a scenario.
func call(s harness.Scenario, t harness.Target, options string) string {
	return callWith(s, literal(t.Addr.Addr().String()), int(t.Addr.Port()), stored(t.First), stored(t.Second), t.Nonce, options)
}

// StandAlone is the call for a script that has its anchors in itself: ip is an
// expression for the server's address. Of the clock, what is to be set is in it
// and no time server.
func StandAlone(s harness.Scenario, a harness.Anchors, clock harness.Clock, ip string, port int) string {
	clock.Server = netip.AddrPort{}
	inline := func(anchor []byte) string {
		if anchor == nil {
			return "None"
		}
		return "binascii.a2b_base64(" + strconv.Quote(base64.StdEncoding.EncodeToString(anchor)) + ")"
	}
	return callWith(s, ip, port, inline(a.First), inline(a.Second), "hello", clockOptions(clock.At, clock))
}

func callWith(s harness.Scenario, ip string, port int, first, second, nonce, options string) string {
	host := "None"
	if s.ServerName != "" {
		host = literal(s.ServerName)
	}
	options = "{" + options
	if s.Timeout > 0 {
		options += fmt.Sprintf("%s: %g, ", literal("timeout"), s.Timeout.Seconds())
	}
	for _, o := range []struct{ key, value string }{
		{"variant", s.Variant}, {"via", s.Load.Via},
	} {
		if o.value != "" {
			options += literal(o.key) + ": " + literal(o.value) + ", "
		}
	}
	return fmt.Sprintf("probe(%s, %s, %d, %s, %s, %s, %s, %s, %s})\n",
		literal(s.Client), ip, port, host, verifyMode(s.Verify), first, second, literal(nonce), options)
}

// literal is a string in MicroPython's source, in ASCII; its escapes are a
// part of Go's.
func literal(s string) string { return strconv.QuoteToASCII(s) }

// stored names an anchor that the device keeps.
func stored(anchor []byte) string {
	if anchor == nil {
		return "None"
	}
	return literal(digest(anchor))
}

// verifyMode gives the constant's value rather than its name, which a module
// without it could not resolve; None leaves the default.
func verifyMode(m harness.VerifyMode) string {
	switch m {
	case harness.CertNone:
		return "0"
	case harness.CertOptional:
		return "1"
	case harness.CertRequired:
		return "2"
	}
	return "None"
}

// find returns the last report in what a script printed.
func find(out []byte) (string, bool) {
	i := bytes.LastIndex(out, []byte(sentinel+"{"))
	if i < 0 {
		return "", false
	}
	report, _, whole := strings.Cut(string(out[i+len(sentinel):]), "\n")
	return strings.TrimSpace(report), whole
}

// report is what scripts/probe.py prints.
type report struct {
	Result     string        `json:"result"`
	Phase      harness.Phase `json:"phase"`
	Exception  string        `json:"exception"`
	Errno      int           `json:"errno"`
	Text       string        `json:"text"`
	MS         float64       `json:"ms"`
	TLS        string        `json:"tls"`
	VerifyMode *int          `json:"verify_mode"`
	Reply      string        `json:"reply"`
	Clock      [][6]int      `json:"clock"`
}

var errReport = errors.New("the device's report is not what scripts/probe.py prints")

func parse(line string) (harness.Outcome, [][6]int, error) {
	var r report
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		return harness.Outcome{}, nil, fmt.Errorf("%w: %v in %.200q", errReport, err, line)
	}
	o := harness.Outcome{
		Phase: r.Phase, Exception: r.Exception, Detail: r.Text, Errno: r.Errno,
		Milliseconds: r.MS, Version: r.TLS, VerifyMode: r.VerifyMode, Reply: r.Reply,
	}
	switch r.Result {
	case "accepted":
		o.Result = harness.Accepted
	case "raised":
		o.Explain()
	case "clock":
		return harness.Outcome{}, nil, fmt.Errorf("%w: it would not be set: %s", harness.ErrClockLost, r.Text)
	default:
		return harness.Outcome{}, nil, fmt.Errorf("%w: result %q", errReport, r.Result)
	}
	return o, r.Clock, nil
}
