package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"trustrig/scripts"
)

// An Identity is what a device tells of itself.
type Identity struct {
	Version      string   `json:"version"` // of MicroPython: "1.25.0"
	Banner       string   `json:"banner"`  // sys.version
	Platform     string   `json:"platform"`
	Machine      string   `json:"machine"`
	MbedTLS      string   `json:"mbedtls"`     // as compiled against, "" where the firmware hides it
	MemoryFree   int      `json:"memory_free"` // bytes of heap
	Clock        [6]int   `json:"clock"`       // UTC: year, month, day, hour, minute, second
	Capabilities []string `json:"capabilities"`
}

// Time is the device's clock, in UTC.
func (i Identity) Time() time.Time {
	c := i.Clock
	return time.Date(c[0], time.Month(c[1]), c[2], c[3], c[4], c[5], 0, time.UTC)
}

// Identify asks a device what it is.
func Identify(ctx context.Context, d Device) (Identity, error) {
	source, err := scripts.Source("identify.py")
	if err != nil {
		return Identity{}, err
	}
	out, err := d.Exec(ctx, source)
	if err != nil {
		return Identity{}, fmt.Errorf("asking the device what it is: %w", err)
	}
	line, found := find(out)
	if !found {
		return Identity{}, fmt.Errorf("asking the device what it is: it printed %.200q", out)
	}
	var id Identity
	if err := json.Unmarshal([]byte(line), &id); err != nil {
		return Identity{}, fmt.Errorf("asking the device what it is: %w: %v", errReport, err)
	}
	return id, nil
}
