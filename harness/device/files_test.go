package device

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"trustrig/harness/emulator"
	"trustrig/harness/repl"
)

func mustExec(t *testing.T, d *Device, source, want string) {
	t.Helper()
	out, err := d.Exec(t.Context(), source)
	if got := strings.ReplaceAll(string(out), "\r\n", "\n"); err != nil || got != want {
		t.Errorf("Exec(%q) = %q, %v; want %q", source, got, err, want)
	}
}

func mustPut(t *testing.T, d *Device, path string, content []byte, wantSent bool) {
	t.Helper()
	sent, err := d.Put(t.Context(), path, content)
	if err != nil || sent != wantSent {
		t.Fatalf("Put(%s, %d bytes) = %v, %v; want %v", path, len(content), sent, err, wantSent)
	}
}

func mustGet(t *testing.T, d *Device, path string, want []byte) {
	t.Helper()
	got, err := d.Get(t.Context(), path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("Get(%s) = %d bytes, %v; want the %d that were put", path, len(got), err, len(want))
	}
}

func TestFilesThereAndBack(t *testing.T) {
	d, _ := openCamera(t, emulator.Config{})
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	files := map[string][]byte{"all": all}
	for _, n := range []int{0, 1, 2, 3, 1535, 1536, 1537, maxChunk - 1, maxChunk, maxChunk + 1, 2 * maxChunk, 100_000} {
		files[fmt.Sprint(n)] = randomBytes(n)
	}
	for name, content := range files {
		path := "/flash/deep/er/" + name + ".bin"
		mustPut(t, d, path, content, true)
		mustGet(t, d, path, content)
		mustPut(t, d, path, content, false)
	}
	mustExec(t, d, "import os; print(len(os.listdir('/flash/deep/er')))", fmt.Sprintln(len(files)))
}

func TestPutReplaces(t *testing.T) {
	d, _ := openCamera(t, emulator.Config{})
	old, young := randomBytes(5000), randomBytes(7001)[1:]
	mustPut(t, d, "/flash/ca.der", old, true)
	mustPut(t, d, "/flash/ca.der", young, true)
	mustGet(t, d, "/flash/ca.der", young)
	mustPut(t, d, "/flash/ca.der", young[:6000], true) // same length as none before
	mustGet(t, d, "/flash/ca.der", young[:6000])
	other := bytes.Clone(young[:6000])
	other[3000] ^= 1 // same length, one bit
	mustPut(t, d, "/flash/ca.der", other, true)
	mustGet(t, d, "/flash/ca.der", other)
}

// A Put that breaks off leaves the old file; the next one brings the new.
func TestPutBreaksOff(t *testing.T) {
	d, _ := openCamera(t, emulator.Config{})
	old, young := randomBytes(5000), randomBytes(100_001)[1:]
	mustPut(t, d, "/flash/ca.der", old, true)
	mustExec(t, d, `
def _third(self, data, w=_Files.w, count=[0]):
    count[0] += 1
    if count[0] == 3: raise OSError(5)
    w(self, data)
_Files.w = _third
`, "")
	_, err := d.Put(t.Context(), "/flash/ca.der", young)
	raised := (*repl.Exception)(nil)
	if !errors.As(err, &raised) || !strings.Contains(err.Error(), "/flash/ca.der") {
		t.Fatalf("broken Put: %v", err)
	}
	mustGet(t, d, "/flash/ca.der", old)
	mustPut(t, d, "/flash/ca.der", young, true)
	mustGet(t, d, "/flash/ca.der", young)
}

func TestPutCanceled(t *testing.T) {
	d, _ := openCamera(t, emulator.Config{})
	young := randomBytes(100_000)
	if err := d.hold(t.Context(), filesScript); err != nil {
		t.Fatal(err)
	}
	mustExec(t, d, "def _stuck(self, data):\n while True: pass\n_Files.w = _stuck", "")
	// Wherever the end strikes, the same must hold.
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := d.Put(ctx, "/flash/ca.der", young); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("canceled Put: %v", err)
	}
	if _, err := d.SoftReset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Get(t.Context(), "/flash/ca.der"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after a canceled Put: %v, want no file", err)
	}
	mustPut(t, d, "/flash/ca.der", young, true)
}

// The power failed after the old file was removed and before the new one,
// whole under its temporary name, was renamed.
func TestPutCompletesAnother(t *testing.T) {
	d, _ := openCamera(t, emulator.Config{})
	content := randomBytes(5000)
	mustPut(t, d, "/flash/ca.der", content, true)
	mustExec(t, d, "import os; os.rename('/flash/ca.der', '/flash/ca.der.part')", "")
	mustPut(t, d, "/flash/ca.der", content, false)
	mustGet(t, d, "/flash/ca.der", content)
	mustExec(t, d, "print(os.listdir('/flash'))", "['ca.der']\n")
}

func TestPutRefusesWrongDigest(t *testing.T) {
	d, _ := openCamera(t, emulator.Config{})
	if err := d.hold(t.Context(), filesScript); err != nil {
		t.Fatal(err)
	}
	// A flash that loses a bit.
	mustExec(t, d, `
def _lossy(self, data):
    data = bytearray(data)
    data[7] ^= 1
    self.file.write(data)
_Files.w = _lossy
`, "")
	if _, err := d.Put(t.Context(), "/flash/ca.der", randomBytes(100)); !errors.Is(err, ErrDigest) {
		t.Errorf("error %v, want %v", err, ErrDigest)
	}
	mustExec(t, d, "import os; print(os.listdir('/flash'))", "[]\n")
}

// A device that takes ASCII only gets base64.
func TestPutWhereOnlyASCIIPasses(t *testing.T) {
	content := randomBytes(20_000)
	for _, source := range []string{
		"def _ascii(self, data): self.file.write(bytes(c & 127 for c in data))",
		"def _ascii(self, data): raise UnicodeError",
	} {
		d, _ := openCamera(t, emulator.Config{})
		if err := d.hold(t.Context(), filesScript); err != nil {
			t.Fatal(err)
		}
		mustExec(t, d, source+`
_Files.w = _ascii
_Files.b = lambda self, data: self.file.write(binascii.a2b_base64(data))
`, "")
		mustPut(t, d, "/flash/a.bin", content, true)
		mustGet(t, d, "/flash/a.bin", content)
	}
}

func TestEncodings(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for name, encode := range map[string]encoding{"bytes": asBytes, "base64": asBase64} {
		command := encode(all)
		for _, c := range []byte("\x00\x01\x02\x03\x04\x05\r\n") {
			if strings.IndexByte(command, c) >= 0 {
				t.Errorf("%s: byte %#02x is sent as it is", name, c)
			}
		}
		if max := len(all)*4/3 + 20; len(command) > max {
			t.Errorf("%s: 256 bytes become %d", name, len(command))
		}
	}
}

func TestGetRefusesWrongDigest(t *testing.T) {
	d, _ := openCamera(t, emulator.Config{})
	mustPut(t, d, "/flash/ca.der", randomBytes(100), true)
	// A line that loses a bit.
	mustExec(t, d, "_Files.get = lambda self, path: print('AAAA\\n' + self.read(path))", "")
	if _, err := d.Get(t.Context(), "/flash/ca.der"); !errors.Is(err, ErrDigest) {
		t.Errorf("error %v, want %v", err, ErrDigest)
	}
}

func TestPutWithLittleMemory(t *testing.T) {
	content := randomBytes(50_000)
	t.Run("small heap", func(t *testing.T) {
		d, _ := openCamera(t, emulator.Config{Heap: 128 << 10})
		mustPut(t, d, "/flash/a.bin", content, true)
		mustGet(t, d, "/flash/a.bin", content)
	})
	t.Run("memory in fragments", func(t *testing.T) {
		d, _ := openCamera(t, emulator.Config{Heap: 512 << 10})
		if err := d.hold(t.Context(), filesScript); err != nil {
			t.Fatal(err)
		}
		// Half of the heap is free, but in pieces of 3000 bytes.
		mustExec(t, d, `
import gc
_held = []
try:
    while True: _held.append(bytearray(3000))
except MemoryError: pass
for i in range(0, len(_held), 2): _held[i] = None
gc.collect()
`, "")
		mustPut(t, d, "/flash/a.bin", content, true)
		mustGet(t, d, "/flash/a.bin", content)
	})
}

func TestChunkSize(t *testing.T) {
	for _, test := range []struct{ free, want int }{
		{0, 48}, {1000, 48}, {10_000, 624}, {30_000, 1536}, {64 << 10, 3072}, {200_000, 12288}, {24 << 20, 12288},
	} {
		if got := chunkSize(test.free); got != test.want || got%3 != 0 {
			t.Errorf("chunkSize(%d) = %d, want %d", test.free, got, test.want)
		}
	}
}

func TestFileErrors(t *testing.T) {
	d, _ := openCamera(t, emulator.Config{FlashSize: 256 << 10})
	mustPut(t, d, "/flash/old.bin", []byte("old"), true)
	tests := []struct {
		name string
		do   func() error
		is   error
		says string
	}{
		{"get nothing", func() error { _, err := d.Get(t.Context(), "/flash/none"); return err }, fs.ErrNotExist, "/flash/none"},
		{"remove nothing", func() error { return d.Remove(t.Context(), "/flash/none") }, fs.ErrNotExist, "/flash/none"},
		{"put too much", func() error { _, err := d.Put(t.Context(), "/flash/old.bin", randomBytes(400_000)); return err }, nil, "full"},
		{"relative path", func() error { _, err := d.Put(t.Context(), "ca.der", nil); return err }, fs.ErrInvalid, "absolute"},
		{"a folder's path", func() error { _, err := d.Get(t.Context(), "/flash/"); return err }, fs.ErrInvalid, "/flash/"},
		{"a file as folder", func() error { _, err := d.Put(t.Context(), "/flash/old.bin/x", []byte("x")); return err }, nil, "/flash/old.bin/x"},
	}
	for _, test := range tests {
		err := test.do()
		if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: error %v, want %v and %q", test.name, err, test.is, test.says)
		}
	}
	mustGet(t, d, "/flash/old.bin", []byte("old"))
	if err := d.Remove(t.Context(), "/flash/old.bin"); err != nil {
		t.Error(err)
	}
	mustExec(t, d, "import os; print('old.bin' in os.listdir('/flash'))", "False\n")
}

func TestFilesAfterReset(t *testing.T) {
	d, e := openCamera(t, emulator.Config{})
	content := randomBytes(3000)
	mustPut(t, d, "/flash/a.bin", content, true)
	before := d.Generation()
	if _, err := d.SoftReset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d.Generation() != before+1 {
		t.Errorf("generation %d after a soft reset in %d", d.Generation(), before)
	}
	mustGet(t, d, "/flash/a.bin", content)
	if err := e.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Get(t.Context(), "/flash/a.bin"); !errors.As(err, new(*repl.ResetError)) {
		t.Errorf("after a reset behind its back: %v, want a ResetError", err)
	}
	mustGet(t, d, "/flash/a.bin", content)
	if d.Generation() != before+2 {
		t.Errorf("generation %d after two resets since %d", d.Generation(), before)
	}
}
