package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"trustrig/firmware"
	"trustrig/firmware/cache"
	"trustrig/harness"
	"trustrig/harness/device"
	"trustrig/harness/emulator"
	"trustrig/harness/emulator/board"
	"trustrig/harness/probe"
)

// A camera is the device of a session: a real one, or an emulated one that
// the session started. Both are a serial port.
type camera struct {
	*device.Device
	emulated *emulator.Emulator // nil for a real one
	own      firmware.Surroundings
	reach    reach              // of its clock, once that was tried
	played   *board.Board       // by an emulated one; nil for none
	firmware *firmware.Firmware // nil for a real one: it knows its own
}

// clockTolerance is how far a camera's clock may be off without being set: no
// scenario is dated closer to now.
const clockTolerance = time.Minute

func openCamera(ctx context.Context, o Options, store *cache.Cache) (*camera, error) {
	c := new(camera)
	port := o.Port
	if port == "" {
		if err := c.emulate(ctx, o, store); err != nil {
			return nil, err
		}
		port = c.emulated.Port()
	}
	var err error
	if c.Device, err = device.Open(ctx, port); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	if err := c.setClock(ctx, o); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// setClock sets the camera's clock, which is at its power-on value where
// nothing has set it, unless it is right.
func (c *camera) setClock(ctx context.Context, o Options) error {
	at, err := c.Clock(ctx)
	if err != nil {
		return err
	}
	if off := time.Since(at).Abs(); off < clockTolerance {
		return nil
	}
	o.Say(fmt.Sprintf("the camera's clock says %s; setting it", at.Format(time.DateTime)))
	return c.SetClock(ctx, time.Now())
}

func (c *camera) emulate(ctx context.Context, o Options, store *cache.Cache) error {
	f, err := firmware.Select(ctx, o.Firmware, firmware.Options{Cache: store, Say: o.Say})
	if err != nil {
		return err
	}
	c.firmware = f
	cfg, err := c.configure(ctx, o, store)
	if err != nil {
		return err
	}
	c.emulated, err = emulator.Start(ctx, cfg)
	return err
}

// record says what the camera is.
func (c *camera) record(id probe.Identity) harness.DeviceRecord {
	r := harness.DeviceRecord{
		Name: id.Machine, Kind: "serial", Port: c.Port(), Capabilities: id.Capabilities,
		Firmware: harness.FirmwareRecord{Name: id.Machine, Version: id.Version, MbedTLS: id.MbedTLS},
	}
	if f := c.firmware; f != nil {
		r.Name, r.Kind = f.Name, "emulated"
		r.Firmware = harness.FirmwareRecord{Name: f.Name, Version: f.Version, SHA256: f.SHA256, MbedTLS: f.MbedTLS}
	}
	return r
}

// Close leaves the raw REPL, so that the camera is at its prompt for the next
// who connects, and ends what was started.
func (c *camera) Close() error {
	var errs []error
	if c.Device != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if c.emulated == nil && !c.reach.last.IsZero() {
			_ = c.SetClock(ctx, time.Now()) // scenarios moved it; one that is lost can not be helped
		}
		errs = append(errs, c.Device.Close(ctx))
	}
	if c.emulated != nil {
		errs = append(errs, c.emulated.Close())
	}
	return errors.Join(errs...)
}
