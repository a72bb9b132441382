package firmware

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSuiteOf(t *testing.T) {
	for text, want := range map[string]string{
		"ID=debian\nVERSION_CODENAME=trixie\n":        "trixie",
		"VERSION_CODENAME=\"forky\"\nID=\"debian\"\n": "forky",
		"ID=ubuntu\nVERSION_CODENAME=noble\n":         oldestSuite,
		"ID=debian\nPRETTY_NAME=\"Debian sid\"\n":     oldestSuite,
		"": oldestSuite,
	} {
		if got := suiteOf(text); got != want {
			t.Errorf("suiteOf(%q) = %s, want %s", text, got, want)
		}
	}
}

// TestSurround gives the firmware a clock and names, and tells where neither
// has an effect.
func TestSurround(t *testing.T) {
	ctx := context.Background()
	f, err := Select(ctx, Default, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s := f.Surround(ctx, os.Environ(), Options{}); s.Clock == "" || s.Names == "" || len(s.Lacks) > 0 {
		t.Errorf("the firmware lacks %q", s.Lacks)
	}
	// What preloading does to a static binary: nothing.
	wrapper := filepath.Join(t.TempDir(), "static")
	text := "#!/bin/sh\nunset LD_PRELOAD\nexec '" + strings.Join(f.Argv, "' '") + "' \"$@\"\n"
	if err := os.WriteFile(wrapper, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	static, err := Select(ctx, wrapper, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := static.Surround(ctx, os.Environ(), Options{})
	if s.Clock != "" || s.Names != "" || len(s.Lacks) != 2 || !strings.Contains(s.Lacks[0], "no effect") {
		t.Errorf("a firmware that nothing is preloaded into: %+v", s)
	}
}

// TestSurroundForeign is the same for another processor's firmware, whose
// emulator is no place for the libraries.
func TestSurroundForeign(t *testing.T) {
	ctx := context.Background()
	f, err := Select(ctx, "debian-armhf", Options{})
	if err != nil {
		t.Skip(err)
	}
	if s := f.Surround(ctx, os.Environ(), Options{}); s.Clock == "" || s.Names == "" {
		t.Errorf("the firmware lacks %q", s.Lacks)
	}
}
