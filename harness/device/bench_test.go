package device

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"trustrig/harness/emulator"
)

// BenchmarkExec is one short command and its answer.
func BenchmarkExec(b *testing.B) {
	d, _ := openCamera(b, emulator.Config{})
	for b.Loop() {
		if out, err := d.Exec(b.Context(), "print(1)"); err != nil || string(out) != "1\r\n" {
			b.Fatalf("%q, %v", out, err)
		}
	}
}

// BenchmarkPut is 100 KB onto the device's flash, each time other bytes.
func BenchmarkPut(b *testing.B) {
	d, _ := openCamera(b, emulator.Config{})
	content := randomBytes(100_000)
	b.SetBytes(int64(len(content)))
	for n := 0; b.Loop(); n++ {
		copy(content, strconv.Itoa(n))
		if sent, err := d.Put(b.Context(), "/flash/bench.bin", content); err != nil || !sent {
			b.Fatal(sent, err)
		}
	}
}

// BenchmarkGet is 100 KB back.
func BenchmarkGet(b *testing.B) {
	d, _ := openCamera(b, emulator.Config{})
	content := randomBytes(100_000)
	if _, err := d.Put(b.Context(), "/flash/bench.bin", content); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		if _, err := d.Get(b.Context(), "/flash/bench.bin"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLineRate puts a file over a line of 115200 baud. The share metric
// is the payload per second over what such a line carries in base64: 3 bytes
// in 4 characters of 10 bits.
func BenchmarkLineRate(b *testing.B) {
	const baud = 115200
	d, _ := openCamera(b, emulator.Config{Baud: baud})
	content := randomBytes(100_000)
	if _, err := d.Put(b.Context(), "/flash/first.bin", content[:1]); err != nil {
		b.Fatal(err) // the device now holds what Put runs there, for the rest of the run
	}
	for n := 0; b.Loop(); n++ {
		copy(content, strconv.Itoa(n))
		if sent, err := d.Put(b.Context(), "/flash/bench.bin", content); err != nil || !sent {
			b.Fatal(sent, err)
		}
	}
	rate := float64(b.N*len(content)) / b.Elapsed().Seconds()
	b.ReportMetric(rate/(baud/10*3/4), "share")
}

// randomBytes are the same in each run.
func randomBytes(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(r.Uint32())
	}
	return p
}
