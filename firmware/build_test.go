package firmware

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trustrig/firmware/cache"
)

// The firmware camera has what a board's mbedTLS has, and no more.
func TestCamera(t *testing.T) {
	f, err := Select(t.Context(), "camera", Options{Say: func(line string) { t.Log(line) }})
	skipOffline(t, err)
	if err != nil && strings.Contains(err.Error(), "on PATH to build with") {
		t.Skip("skipped: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if f.MbedTLS == "" || f.MbedTLS != f.Compiled {
		t.Errorf("mbedTLS is %q, compiled %q; want the one that is linked in", f.MbedTLS, f.Compiled)
	}
	cam := newCamera(t)
	cam.argv = f.Argv
	cert, _ := selfSigned(t)
	cam.put(t, "good.der", cert.Certificate[0])
	cam.put(t, "good.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}))
	code := fmt.Sprintf(`
import ssl, socket, gc
c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
c.verify_mode = ssl.CERT_REQUIRED
try:
    c.load_verify_locations("good.pem")
except ValueError as e:
    print(e)
c.load_verify_locations("good.der")
s = socket.socket()
s.connect(socket.getaddrinfo("127.0.0.1", %d)[0][-1])
gc.collect()
free = gc.mem_free()
try:
    s = c.wrap_socket(s, server_hostname="example.org")
    print(s.cipher()[1], s.readline(), free - gc.mem_free() > 20000)
except OSError as e:
    print(e)
import asyncio
`, serve(t, cert))
	want := "invalid cert\nTLSv1.2 b'hello 0 example.org\\n' True"
	if got := cam.run(t, code); got != want {
		t.Errorf("got\n%s\nwant no PEM, TLS 1.2, and the buffers of 16 K and 4 K on the heap:\n%s", got, want)
	}
	cam.argv = append(f.Argv, "-X", "heapsize=24K")
	if got, want := cam.run(t, code), "invalid cert\n[Errno 12] ENOMEM"; got != want {
		t.Errorf("with a small heap: got\n%s\nwant\n%s", got, want)
	}
}

// tree is a source tree whose Makefile is given.
func tree(t *testing.T, makefile string) string {
	t.Helper()
	dir := t.TempDir()
	when := time.Unix(1700000000, 0)
	err := errors.Join(
		os.MkdirAll(filepath.Join(dir, "debian"), 0o755),
		os.WriteFile(filepath.Join(dir, "debian", "changelog"), nil, 0o644),
		os.Chtimes(filepath.Join(dir, "debian", "changelog"), when, when),
		os.Mkdir(filepath.Join(dir, "x"), 0o755),
		os.WriteFile(filepath.Join(dir, "x", "Makefile"), []byte(makefile), 0o644),
	)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRunMake(t *testing.T) {
	// What a make around this program, or the user, has set is not ours.
	t.Setenv("MAKEFLAGS", "-n")
	t.Setenv("CFLAGS", "-bad")
	out := filepath.Join(t.TempDir(), "out")
	err := runMake(t.Context(), tree(t, "all:\n\techo \"$(CFLAGS) $$SOURCE_DATE_EPOCH $(OUT)\" > $(OUT)\n"), "x", "OUT="+out)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(out); string(got) != " 1700000000 "+out+"\n" {
		t.Errorf("make wrote %q, %v", got, err)
	}
	broken := tree(t, "all:\n\t@echo note >&2; echo 'x.c:1:2: error: no such thing' >&2; echo 'make: end' >&2; exit 1\n")
	if err := runMake(t.Context(), broken, "x"); err == nil || !strings.HasSuffix(err.Error(), "x.c:1:2: error: no such thing") || !strings.HasPrefix(err.Error(), "building x: ") {
		t.Errorf("error is %v", err)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, errors.New("enough"))
	defer cancel()
	if err := runMake(ctx, tree(t, "all:\n\tsleep 1000\n"), "x"); err == nil || err.Error() != "building x: enough" {
		t.Errorf("error is %v", err)
	}
}

// What the build lacks is said before anything is fetched.
func TestBuildTrouble(t *testing.T) {
	r, _ := find("camera")
	for _, tt := range []struct{ name, cache, path, says string }{
		{"no tools", "plain", t.TempDir(), "no make on PATH to build with: install the packages build-essential and python3"},
		{"a path that make splits", "a b", os.Getenv("PATH"), "make can not build in"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(cache.Env, filepath.Join(t.TempDir(), tt.cache))
			t.Setenv("PATH", tt.path)
			if _, err := r.get(t.Context(), Options{}); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error is %v, want %q", err, tt.says)
			}
		})
	}
}

func TestVariantDigest(t *testing.T) {
	a, err := variantDigest("camera")
	if err != nil || !bytes.HasPrefix([]byte(a), []byte("v")) || len(a) != 9 {
		t.Errorf("digest is %q, %v", a, err)
	}
	if _, err := variantDigest("absent"); err == nil {
		t.Error("no error for a variant that is not there")
	}
}
