// Package board is the table of cameras that the emulator can play: what
// differs between them that a certificate's verification can depend on.
package board

import (
	"fmt"
	"strings"
	"time"

	"trustrig/harness/emulator"
)

// A Board is a row of the table.
type Board struct {
	Name    string // "h7plus"
	Machine string // the board's name in the banner and in os.uname()
	// PowerOn is what the clock shows when the power comes, for no camera has
	// a battery (MicroPython ports/stm32/rtc.c, ports/mimxrt/machine_rtc.c,
	// ports/alif/machine_rtc.c).
	PowerOn time.Time
	// Epoch is the year from which time.time() counts.
	Epoch int
	// FirstYear and LastYear are those that the RTC can show.
	FirstYear, LastYear int
	Heap                int64 // of the garbage collector, all areas, in bytes
	Flash               int64 // of the file system at /flash, in bytes
}

const (
	kilo = 1 << 10
	mega = 1 << 20
)

// All returns the table. Heaps and file systems are those of OpenMV's
// boards/*/board_config.h; an RTC of stm32 has two digits for the year, that of
// mimxrt is refused years after 2099 by its driver, that of alif counts seconds
// in 32 bits.
func All() []Board {
	stm32 := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	return []Board{
		{Name: "h7plus", Machine: "OpenMV Cam H7 Plus with STM32H743", PowerOn: stm32, Epoch: 2000,
			FirstYear: 2000, LastYear: 2099, Heap: 4*mega + 232*kilo, Flash: 24 * mega},
		{Name: "rt1062", Machine: "OpenMV Cam RT1062 with MIMXRT1062", PowerOn: time.Date(2013, 10, 14, 19, 53, 11, 0, time.UTC), Epoch: 1970,
			FirstYear: 1970, LastYear: 2099, Heap: 8*mega + 268*kilo, Flash: 4 * mega},
		{Name: "n6", Machine: "OpenMV Cam N6 with STM32N657", PowerOn: stm32, Epoch: 2000,
			FirstYear: 2000, LastYear: 2099, Heap: 25 * mega, Flash: 4 * mega},
		{Name: "ae3", Machine: "OpenMV Cam AE3 with Alif Ensemble E3", PowerOn: time.Unix(0, 0).UTC(), Epoch: 1970,
			FirstYear: 1970, LastYear: 2105, Heap: 4 * mega, Flash: 8 * mega},
	}
}

// Default is the board whose power-on clock stands for those of all where none
// is named: most of OpenMV's cameras have it.
func Default() Board { return All()[0] }

// Names lists the boards' names.
func Names() []string {
	var names []string
	for _, b := range All() {
		names = append(names, b.Name)
	}
	return names
}

// Named returns the board of that name. The error lists the names.
func Named(name string) (Board, error) {
	for _, b := range All() {
		if b.Name == name {
			return b, nil
		}
	}
	return Board{}, fmt.Errorf("no board is called %q; there are %s", name, strings.Join(Names(), ", "))
}

// OfPlatform returns the power-on clock of a real board by what its sys.platform
// and os.uname() say.
func OfPlatform(platform, machine string) Board {
	for _, w := range []struct{ word, name string }{{"mimxrt", "rt1062"}, {"alif", "ae3"}} {
		if strings.Contains(strings.ToLower(platform+" "+machine), w.word) {
			b, _ := Named(w.name)
			return b
		}
	}
	return Default()
}

// Configure makes an emulated camera play the board. It has the board's heap
// where nothing else is set and the firmware is one of the camera's: only there
// does mbedTLS take its memory from it.
func (b Board) Configure(cfg *emulator.Config, firmware string) {
	if cfg.Heap == 0 && strings.HasPrefix(firmware, "camera") {
		cfg.Heap = b.Heap
	}
	cfg.Machine, cfg.PowerOn, cfg.Epoch, cfg.FlashSize = b.Machine, b.PowerOn, b.Epoch, b.Flash
	cfg.FirstYear, cfg.LastYear = b.FirstYear, b.LastYear
}
