package firmware

import (
	"strings"
	"testing"
)

// The firmware camera-armhf is the firmware camera with 32 bits.
func TestCameraOnARM(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a firmware where it is not in the cache")
	}
	f, err := Select(t.Context(), "camera-armhf", Options{Say: func(line string) { t.Log(line) }})
	skipOffline(t, err)
	if err != nil && strings.Contains(err.Error(), "install the package") {
		t.Skip("skipped: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if f.MaxSize != 1<<31-1 || !f.Has("tls") || !f.Has("asyncio") || f.MbedTLS == "" {
		t.Errorf("got %+v", f)
	}
	if _, err := Headers(t.Context(), f, Options{}); err == nil || !strings.Contains(err.Error(), "camera-armhf") {
		t.Errorf("headers of a firmware with an mbedTLS of its own: %v", err)
	}
}

// A cross compiler that is not there is named with its package.
func TestNoCrossCompiler(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := crossLibrary(t.Context(), "arm-linux-gnueabihf-"); err == nil || !strings.Contains(err.Error(), "install the package libc6-dev-armhf-cross") {
		t.Errorf("error is %v", err)
	}
}
