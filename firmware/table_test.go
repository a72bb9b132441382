package firmware

import (
	"strings"
	"testing"
)

// Every firmware of the table can be had and runs, and is what its row says.
func TestRows(t *testing.T) {
	for _, tt := range []struct {
		name    string
		newer   string // than this version, as the row's reason to exist
		maxSize int64
	}{
		{"debian-next", "1.25.99", 1<<63 - 1},
		{"debian-armhf", "1.24.99", 1<<31 - 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Select(t.Context(), tt.name, Options{Say: func(line string) { t.Log(line) }})
			skipOffline(t, err)
			if err != nil && strings.Contains(err.Error(), "Mirror sync in progress") {
				t.Skipf("skipped, for the archive's index is not the one that it signed: %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "install the package qemu-user") {
				t.Skip("skipped: ", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			if f.Name != tt.name || !f.Has("tls") || f.MaxSize != tt.maxSize || f.Version <= tt.newer {
				t.Errorf("got %+v", f)
			}
		})
	}
}

// What runs another architecture's programs is looked for before anything is
// fetched, and is not needed on that architecture.
func TestRunner(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	foreign := row{name: "x", suite: "absent", arch: "m68k", qemu: "qemu-m68k"}
	_, err := foreign.get(t.Context(), Options{})
	if err == nil || !strings.Contains(err.Error(), "no qemu-m68k on PATH to run m68k programs with: install the package qemu-user") {
		t.Errorf("error is %v", err)
	}
	native := row{arch: row{}.architecture(), qemu: "qemu-native"}
	if argv, err := native.runner(); err != nil || argv != nil {
		t.Errorf("the machine's own programs run by %q, %v", argv, err)
	}
}
