package device

import (
	"context"
	"fmt"
	"time"
)

// clockScript is what reads and sets the clock on the device.
const clockScript = "clock.py"

// Clock returns the time that the device takes as now, in UTC and whole
// seconds: up to a second before its own instant.
func (d *Device) Clock(ctx context.Context) (time.Time, error) {
	now, err := d.clock(ctx, "_clock()")
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the device's clock: %w", err)
	}
	return now, nil
}

// SetClock sets the device's clock to a time in UTC, of which it takes whole
// seconds, and reads it back. A device refuses, or bends, a date that its
// clock can not hold: that is an error.
func (d *Device) SetClock(ctx context.Context, to time.Time) error {
	to = to.UTC().Truncate(time.Second)
	weekday := (int(to.Weekday())+6)%7 + 1 // Monday is 1
	call := fmt.Sprintf("_set_clock(%d,%d,%d,%d,%d,%d,%d)",
		to.Year(), to.Month(), to.Day(), weekday, to.Hour(), to.Minute(), to.Second())
	start := time.Now()
	now, err := d.clock(ctx, call)
	if err != nil {
		return fmt.Errorf("setting the device's clock to %s: %w", to.Format(time.RFC3339), err)
	}
	if off := now.Sub(to); off < 0 || off > time.Since(start)+time.Second {
		return fmt.Errorf("setting the device's clock to %s: it then shows %s", to.Format(time.RFC3339), now.Format(time.RFC3339))
	}
	return nil
}

// clock calls a function of clockScript that prints the time.
func (d *Device) clock(ctx context.Context, call string) (time.Time, error) {
	if err := d.hold(ctx, clockScript); err != nil {
		return time.Time{}, err
	}
	out, err := d.Exec(ctx, call)
	if err != nil {
		return time.Time{}, err
	}
	var year, month, day, hour, minute, second int
	if _, err := fmt.Sscan(string(out), &year, &month, &day, &hour, &minute, &second); err != nil {
		return time.Time{}, fmt.Errorf("it printed %.80q: %w", out, err)
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC), nil
}
