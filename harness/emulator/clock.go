package emulator

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"trustrig/firmware"
)

// surround gives the firmware's process its clock and its names, by files of
// the camera's folder.
func (e *Emulator) surround() error {
	if e.cfg.FakeTime {
		e.cfg.Env = append(e.cfg.Env, firmware.ClockEnv(e.folder.clock())...)
	}
	if len(e.cfg.Hosts) == 0 {
		return nil
	}
	var lines []string
	for name, addr := range e.cfg.Hosts {
		lines = append(lines, addr.String()+" "+name+"\n")
	}
	slices.Sort(lines)
	if err := os.WriteFile(e.folder.hosts(), []byte(strings.Join(lines, "")), 0o644); err != nil {
		return fmt.Errorf("writing the names that the camera resolves: %w", err)
	}
	e.cfg.Env = append(e.cfg.Env, firmware.NamesEnv(e.folder.hosts())...)
	return nil
}

// setPowerOnClock sets the clock to what it shows when the power comes.
func (e *Emulator) setPowerOnClock() error {
	if e.cfg.PowerOn.IsZero() {
		return e.folder.setClock(0)
	}
	return e.folder.setClock(e.cfg.PowerOn.UnixMicro() - time.Now().UnixMicro())
}

// clockRE is the form of the clock's file.
var clockRE = regexp.MustCompile(`^[+-]\d{12}\.\d{6}\n$`)

// hasClock tells whether the clock was ever set, and is still what a camera
// can start with.
func (f folder) hasClock() bool {
	text, err := os.ReadFile(f.clock())
	return err == nil && clockRE.Match(text)
}

// setClock writes the clock's offset from the host's time, in microseconds, in
// the form that the agent and libfaketime read: in place, in a fixed width.
func (f folder) setClock(offset int64) error {
	file, err := os.OpenFile(f.clock(), os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	text := clockText(offset)
	_, err = file.WriteString(text)
	return errors.Join(err, file.Truncate(int64(len(text))), file.Close())
}

func clockText(offset int64) string {
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	return fmt.Sprintf("%c%012d.%06d\n", sign, offset/1e6, offset%1e6)
}
