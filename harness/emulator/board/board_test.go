package board_test

import (
	"strings"
	"testing"

	"trustrig/harness/emulator"
	"trustrig/harness/emulator/board"
)

func TestTable(t *testing.T) {
	seen := make(map[string]bool)
	for _, b := range board.All() {
		if seen[b.Name] {
			t.Errorf("%s is there twice", b.Name)
		}
		seen[b.Name] = true
		if y := b.PowerOn.Year(); y < b.FirstYear || y > b.LastYear || b.FirstYear < b.Epoch {
			t.Errorf("%s: power-on %d, epoch %d, RTC from %d to %d", b.Name, y, b.Epoch, b.FirstYear, b.LastYear)
		}
		if b.Heap <= 0 || b.Flash <= 0 || b.Flash%512 != 0 {
			t.Errorf("%s: heap %d, flash %d", b.Name, b.Heap, b.Flash)
		}
		var cfg emulator.Config
		if b.Configure(&cfg, "camera"); !cfg.PowerOn.Equal(b.PowerOn) || cfg.FlashSize != b.Flash || cfg.Epoch != b.Epoch || cfg.Heap != b.Heap {
			t.Errorf("%s configures %+v", b.Name, cfg)
		}
	}
	if _, err := board.Named("h8"); err == nil || !strings.Contains(err.Error(), "h7plus") {
		t.Errorf("h8: %v", err)
	}
}

func TestOfPlatform(t *testing.T) {
	for platform, want := range map[string]string{"mimxrt": "rt1062", "alif": "ae3", "pyboard": "h7plus", "": "h7plus"} {
		if got := board.OfPlatform(platform, "").Name; got != want {
			t.Errorf("platform %q is taken for %s, want %s", platform, got, want)
		}
	}
}
