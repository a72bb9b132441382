package device

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"trustrig/harness"
	"trustrig/harness/repl"
	"trustrig/scripts"
)

const (
	// returnLimit is how long a board may take to come back after a hard
	// reset. Its boot loader shows itself first, for up to 2.5 s.
	returnLimit = 10 * time.Second
	// returnPoll is how often its port is looked for.
	returnPoll = 50 * time.Millisecond
)

// A Device is a MicroPython device at the raw prompt of its port. But for
// Close, it is for one goroutine at a time.
type Device struct {
	name string // as it was given
	usb  string // USB serial number, or ""
	conn *repl.Conn

	earlier int  // generations before the port went away and came back
	gone    bool // it went away
	closed  bool
	holds   map[string]int // the generation in which a script was sent
}

// Open opens a port, which may be a link to one, locks it and brings the
// device to the raw prompt. It takes 5 s at most, ctx less.
func Open(ctx context.Context, name string) (*Device, error) {
	d := &Device{name: name, holds: make(map[string]int)}
	if err := d.open(ctx, name); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *Device) open(ctx context.Context, name string) error {
	p, err := openPort(name)
	if err != nil {
		return err
	}
	if usb, ok := usbPort(p.Name()); ok {
		d.usb = usb.SerialNumber
	}
	conn := repl.New(p)
	if err := conn.Enter(ctx); err != nil {
		err = &PortError{Port: name, Err: err, Hint: "is this a MicroPython board" + users(p.Name()) + "? reset it and try again"}
		return errors.Join(err, conn.Close())
	}
	d.conn, d.gone = conn, false
	return nil
}

// Port is the name under which the device was opened.
func (d *Device) Port() string { return d.name }

// Generation changes whenever the device has lost what was defined on it:
// after a reset of any kind, whoever caused it.
func (d *Device) Generation() int {
	if d.gone {
		return d.earlier
	}
	return d.earlier + d.conn.Generation()
}

// Exec runs source on the device and returns what it printed, also beside an
// error; see [repl.Conn.Exec]. harness.ErrDeviceLost is in the error's chain
// when the device does not answer any more, or went away and did not come
// back within 10 s.
func (d *Device) Exec(ctx context.Context, source string) ([]byte, error) {
	return d.Run(ctx, repl.Request{Source: source})
}

// Run is Exec with all that a request can say.
func (d *Device) Run(ctx context.Context, r repl.Request) ([]byte, error) {
	if err := d.back(ctx); err != nil {
		return nil, err
	}
	out, err := d.conn.Exec(ctx, r)
	return out, d.judge(err)
}

// SoftReset starts the interpreter anew, without main.py, and returns what
// boot.py and the device said.
func (d *Device) SoftReset(ctx context.Context) ([]byte, error) {
	if err := d.back(ctx); err != nil {
		return nil, err
	}
	said, err := d.conn.SoftReset(ctx)
	return said, d.judge(err)
}

// judge notes a port that went away, and says of a device that does not
// answer that it is lost.
func (d *Device) judge(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(*repl.GoneError)):
		d.gone = true
		d.earlier += d.conn.Generation()
		_ = d.conn.Close() // a port that is gone has nothing to say
	case errors.As(err, new(*repl.NoPromptError)):
		err = fmt.Errorf("%w: %w", harness.ErrDeviceLost, err)
	case errors.As(err, new(*repl.Exception)), errors.As(err, new(*repl.SourceError)):
		return err // nothing about the port
	}
	return &PortError{Port: d.name, Err: err}
}

// back waits for a device that went away. A board does when it is reset; it
// is known by its USB serial number, or by the name that it was opened under,
// when it comes back.
func (d *Device) back(ctx context.Context) error {
	if d.closed {
		return &PortError{Port: d.name, Err: os.ErrClosed}
	}
	if !d.gone {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, returnLimit)
	defer cancel()
	tick := time.NewTicker(returnPoll)
	defer tick.Stop()
	for {
		name, err := d.current()
		if err == nil {
			err = d.open(limited, name)
		}
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
			continue
		case <-limited.Done():
		}
		if ctx.Err() != nil {
			return &PortError{Port: d.name, Err: ctx.Err(), Hint: "the device went away and is not back yet"}
		}
		return fmt.Errorf("%w: it went away and did not come back: %w", harness.ErrDeviceLost, err)
	}
}

// current is the name under which the device can be found now.
func (d *Device) current() (string, error) {
	if d.usb == "" {
		return d.name, nil
	}
	list, err := ports()
	for _, p := range list {
		if p.SerialNumber == d.usb {
			return p.Name, nil
		}
	}
	return "", errors.Join(fmt.Errorf("no port has USB serial %q", d.usb), err)
}

// Close leaves the device at its friendly REPL, for whoever uses it next, and
// closes its port.
func (d *Device) Close(ctx context.Context) error {
	if d.closed {
		return nil
	}
	d.closed = true
	if d.gone {
		return nil
	}
	return errors.Join(d.conn.Leave(ctx), d.conn.Close())
}

// hold makes sure that the device holds a script.
func (d *Device) hold(ctx context.Context, script string) error {
	if g, ok := d.holds[script]; ok && g == d.Generation() {
		return nil
	}
	source, err := scripts.Source(script)
	if err != nil {
		return err
	}
	if _, err := d.Exec(ctx, source); err != nil {
		return fmt.Errorf("sending %s: %w", script, err)
	}
	d.holds[script] = d.Generation()
	return nil
}
