package emulator

import (
	"strings"
	"testing"
)

// BenchmarkRoundTrip is one print in the raw REPL, by a client that waits for
// the answer.
func BenchmarkRoundTrip(b *testing.B) {
	c := dial(b, startCamera(b, Config{})).raw()
	for b.Loop() {
		c.eval("print(1)")
	}
}

// BenchmarkRawPaste is 100 KB of source by raw-paste.
func BenchmarkRawPaste(b *testing.B) {
	for _, window := range []struct {
		name string
		size int
	}{{"window=128", 128}, {"window=1024", 1024}} {
		b.Run(window.name, func(b *testing.B) {
			c := dial(b, startCamera(b, Config{Window: window.size})).raw()
			source := strings.Repeat("#"+strings.Repeat("x", 98)+"\n", 1000)
			b.SetBytes(int64(len(source)))
			for b.Loop() {
				c.paste(source)
			}
		})
	}
}

// BenchmarkSoftReset is a soft reset in raw mode, which is a new process.
func BenchmarkSoftReset(b *testing.B) {
	c := dial(b, startCamera(b, Config{})).raw()
	for b.Loop() {
		c.softReset()
	}
}

// BenchmarkOutput is 100 KB printed.
func BenchmarkOutput(b *testing.B) {
	c := dial(b, startCamera(b, Config{})).raw()
	b.SetBytes(100_000)
	for b.Loop() {
		c.eval("for i in range(100): print('x'*998)")
	}
}
