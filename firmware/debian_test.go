package firmware

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"trustrig/firmware/cache"
)

// unreachable is what apt-get says without a network.
var unreachable = regexp.MustCompile(`(?i)could not resolve|could not connect|temporary failure|network is unreachable|connection (timed out|refused)`)

// fetched is Debian's firmware out of the user's cache, for tests that run it.
func fetched(t *testing.T) *Firmware {
	t.Helper()
	f, err := Select(t.Context(), Default, Options{Say: func(line string) { t.Log(line) }})
	skipOffline(t, err)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func skipOffline(t *testing.T, err error) {
	t.Helper()
	if err != nil && unreachable.MatchString(err.Error()) {
		t.Skipf("skipped, for Debian's archive can not be reached: %v", err)
	}
}

// The first use fetches, the second asks nobody.
func TestSelectDebian(t *testing.T) {
	t.Setenv(cache.Env, filepath.Join(t.TempDir(), "a cache"))
	var said []string
	o := Options{Say: func(line string) { said = append(said, line) }}
	f, err := Select(t.Context(), "", o)
	skipOffline(t, err)
	if err != nil {
		t.Fatal(err)
	}
	if len(said) != 1 || !strings.HasPrefix(said[0], "fetching MicroPython from Debian trixie") {
		t.Errorf("said %q", said)
	}
	entry := filepath.Join(os.Getenv(cache.Env), "firmware", "debian-"+f.Version)
	if f.Name != "debian" || !f.Listed || !strings.HasPrefix(f.Path, entry) {
		t.Errorf("got %+v, want the firmware in %s…", f, entry)
	}
	sum, err := fileSHA256(filepath.Join(f.Path, "../../bin/micropython"))
	if err != nil || sum != f.SHA256 {
		t.Errorf("the digest is %s, not %s of the binary (%v)", f.SHA256, sum, err)
	}
	version := regexp.MustCompile(`^3\.\d+\.\d+$`)
	if !version.MatchString(f.MbedTLS) || !version.MatchString(f.Compiled) {
		t.Errorf("mbedTLS is %q, compiled %q; want two versions", f.MbedTLS, f.Compiled)
	}
	lib, err := filepath.Glob(filepath.Join(entry+"*", "usr/lib/*/libmbedtls.so."+f.MbedTLS))
	if err != nil || len(lib) != 1 {
		t.Errorf("no library of version %s in the bundle: %q, %v", f.MbedTLS, lib, err)
	}
	if !f.Has("tls") || f.Has("ssl") || f.Has("ntptime") {
		t.Errorf("modules are %q; Debian's build has tls, but neither ssl nor ntptime", f.Modules)
	}

	t.Setenv("PATH", t.TempDir()) // no apt-get
	said = nil
	again, err := Select(t.Context(), "", o)
	if err != nil || again.Path != f.Path || len(said) != 0 {
		t.Errorf("the second time: %+v, %v, said %q", again, err, said)
	}
}

// A wrapper that sets the loader is a firmware like the binary itself.
func TestSelectWrapper(t *testing.T) {
	f := fetched(t)
	quoted := make([]string, len(f.Argv))
	for i, arg := range f.Argv {
		quoted[i] = "'" + arg + "'"
	}
	path := script(t, "exec "+strings.Join(quoted, " ")+` "$@"`)
	w, err := Select(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if w.Version != f.Version || w.MbedTLS != f.MbedTLS || w.Compiled != f.Compiled || !slices.Equal(w.Modules, f.Modules) {
		t.Errorf("behind a wrapper: %+v\nwithout: %+v", w, f)
	}
	if w.Path != path || w.SHA256 == f.SHA256 || w.Listed {
		t.Errorf("%+v is not about the file that was given", w)
	}
	// What lies about on the host is not a module of the firmware.
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ssl.py"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MICROPYPATH", dir)
	t.Chdir(dir)
	if w, err := Select(t.Context(), path, Options{}); err != nil || w.Has("ssl") {
		t.Errorf("with an ssl.py on the host: %+v, %v", w, err)
	}
}

func TestMpremote(t *testing.T) {
	tool, err := Mpremote(t.Context(), Options{Say: func(line string) { t.Log(line) }})
	skipOffline(t, err)
	if err != nil {
		t.Fatal(err)
	}
	out, err := tool.Command(t.Context(), "--version").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "mpremote 1.") {
		t.Errorf("mpremote --version: %v, %s", err, out)
	}
}

// A python3 that comes first and lacks the module serial is passed over, and
// without any the error says what to install.
func TestFindPython(t *testing.T) {
	bare := t.TempDir()
	if err := os.WriteFile(filepath.Join(bare, "python3"), []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bare)
	python, err := findPython(t.Context())
	switch {
	case err == nil && python != "/usr/bin/python3":
		t.Errorf("found %s", python)
	case err != nil && !strings.Contains(err.Error(), "install the package python3-serial"):
		t.Errorf("error is %v", err)
	}
}
