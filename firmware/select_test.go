package firmware

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"trustrig/firmware/cache"
)

// file writes an executable file and returns its path.
func file(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// script writes a shell script.
func script(t *testing.T, body string) string {
	t.Helper()
	return file(t, "script", []byte("#!/bin/sh\n"+body+"\n"))
}

// tells is a script that answers as a firmware with these facts does.
func tells(t *testing.T, facts string) string {
	t.Helper()
	return script(t, "echo '"+sentinel+facts+"'")
}

const good = `{"name":"micropython","version":[1,20,0],"modules":["ssl"]}`

// Each bad choice is one line that says what was found and what to do.
func TestSelectBad(t *testing.T) {
	folder := t.TempDir()
	plain := file(t, "plain", nil)
	if err := os.Chmod(plain, 0o644); err != nil {
		t.Fatal(err)
	}
	sh, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	foreign := slices.Clone(sh)
	binary.NativeEndian.PutUint16(foreign[18:], 1) // e_machine: WE32100, which nothing emulates
	loader, err := interpreter("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	absent := bytes.Replace(sh, []byte(loader), []byte("/absent/"+strings.Repeat("x", len(loader)-8)), 1)

	for _, tt := range []struct{ name, choice, says string }{
		{"no such name", "debain", `firmware "debain": no such name or file; the names are: debian`},
		{"no such file", folder + "/none", "no such file: give the path"},
		{"folder", folder, "this is a folder: give the path of the MicroPython binary in it"},
		{"device", "/dev/null", "not a regular file"},
		{"below a file", plain + "/x", "not a directory"},
		{"not executable", plain, "not executable: chmod +x"},
		{"another architecture", file(t, "m32", foreign), "it is a binary for EM_M32, which this machine does not run"},
		{"no loader", file(t, "sh", absent), "its dynamic loader /absent/xxx"},
		{"no interpreter", file(t, "s", []byte("#!/absent/sh\n")), "the program that its first line (#!) names is not on this machine"},
		{"neither", file(t, "text", []byte("hello\n")), "neither a binary for this system nor a script"},
		{"garbage", script(t, `printf 'hello\n\377world'`), `this is no MicroPython: asked what it is, it printed "hello\n\xffworld"`},
		{"nothing", script(t, ""), `it printed ""`},
		{"echo", script(t, `echo "$@"`), "this is no MicroPython: asked what it is, it printed"},
		{"endless", script(t, "exec yes"), "prints without end"},
		{"endless children", script(t, "yes & yes"), "prints without end"},
		{"fails", script(t, "echo first >&2; echo 'bad option' >&2; exit 3"), "it failed: exit status 3 (bad option)"},
		{"dies", script(t, "kill -9 $$"), "it failed: signal: killed"},
		{"half the facts", script(t, "printf '"+sentinel+`{"name":'`), "this is no MicroPython"},
		{"bad facts", tells(t, `{"name":1}`), "does not tell what it is"},
		{"another Python", tells(t, `{"name":"cpython","version":[3,13,1,"final",0]}`), "this is cpython 3.13.1-final, not MicroPython"},
		{"too old", tells(t, `{"name":"micropython","version":[1,19,1],"modules":["ssl"]}`), "this is MicroPython 1.19.1: the rig needs 1.20 or newer"},
		{"ancient", tells(t, `{"name":"micropython","version":[0,99,0],"modules":["ssl"]}`), "the rig needs 1.20 or newer"},
		{"no TLS", tells(t, `{"name":"micropython","version":[1,25,0,""],"modules":["socket"]}`), "this MicroPython 1.25.0 has neither tls nor ssl"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Select(t.Context(), tt.choice, Options{})
			if err == nil {
				t.Fatalf("no error, but %+v", f)
			}
			if msg := err.Error(); !strings.Contains(msg, tt.says) || strings.Contains(msg, "\n") || !strings.HasPrefix(msg, "firmware ") {
				t.Errorf("error is\n%s\nwant one line with\n%s", msg, tt.says)
			}
		})
	}
}

// What a firmware tells is taken over; the oldest that is good enough is.
func TestSelectPath(t *testing.T) {
	path := tells(t, good)
	f, err := Select(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if f.Name != "script" || f.Listed || f.Version != "1.20.0" || f.Path != path || !slices.Equal(f.Argv, []string{path}) {
		t.Errorf("got %+v", f)
	}
	if !f.Has("ssl") || f.Has("tls") {
		t.Errorf("modules are %q", f.Modules)
	}
	// A name without a slash is a file where it is not in the table, and
	// what is started does not depend on the working directory.
	t.Chdir(filepath.Dir(path))
	if f, err := Select(t.Context(), "script", Options{}); err != nil || f.Path != path {
		t.Errorf("by its bare name: %+v, %v", f, err)
	}
	// The caller's environment reaches a wrapper.
	t.Setenv("TRUSTRIG_TEST", "seen")
	if f, err := Select(t.Context(), script(t, `test "$TRUSTRIG_TEST" = seen && exec '`+path+`'`), Options{}); err != nil {
		t.Errorf("a wrapper that looks for the caller's variable: %+v, %v", f, err)
	}
}

// A firmware that hangs ends when its time is over, its children too.
func TestAskHangs(t *testing.T) {
	pidFile := filepath.Join(t.TempDir(), "pid")
	path := script(t, "sleep 1000 & echo $! > '"+pidFile+"'; wait")
	start := time.Now()
	_, err := ask(t.Context(), []string{path}, 500*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "it gave no answer in 500ms") {
		t.Errorf("error is %v", err)
	}
	if d := time.Since(start); d > askTime {
		t.Errorf("took %v", d)
	}
	pid, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	// Gone, or dead and not yet buried by init. On a busy machine a process
	// that was killed must first be given a processor to die on.
	for deadline := time.Now().Add(10 * time.Second); ; {
		stat, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/stat")
		if err != nil || regexp.MustCompile(`\) [ZX] `).Match(stat) {
			break
		}
		if time.Now().After(deadline) {
			t.Errorf("the child lives: %s", stat)
			break
		}
		<-time.After(time.Millisecond)
	}

	ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, errors.New("the caller's end"))
	defer cancel()
	if _, err := ask(ctx, []string{path}, askTime); err == nil || err.Error() != "the caller's end" {
		t.Errorf("error is %v, want the cause of the context's end", err)
	}
}

func TestFacts(t *testing.T) {
	v := func(n ...any) []any { return n }
	for _, tt := range []struct {
		facts                     facts
		version, linked, compiled string
	}{
		{facts{Version: v(1.0, 25.0, 0.0, ""), MbedTLS: "Mbed TLS 3.6.3", Number: 0x03060600, Mapped: true}, "1.25.0", "3.6.6", "3.6.3"},
		{facts{Version: v(1.0, 27.0, 0.0, "preview"), MbedTLS: "Mbed TLS 3.6.3", Library: "libmbedtls.so.3.6.10", Mapped: true}, "1.27.0-preview", "3.6.10", "3.6.3"},
		{facts{Version: v(1.0, 26.0, 1.0), MbedTLS: "mbed TLS 2.28.3", Mapped: true}, "1.26.1", "2.28.3", "2.28.3"},
		{facts{Version: v(1.0, 26.0, 1.0), MbedTLS: "Mbed TLS 3.6.3", Library: "libmbedtls.so.21", Mapped: true}, "1.26.1", "", "3.6.3"},
		{facts{Version: v(1.0, 26.0, 1.0), MbedTLS: "Mbed TLS 3.6.3"}, "1.26.1", "", "3.6.3"},
		{facts{Version: v(1.0, 20.0, 0.0), Mapped: true}, "1.20.0", "", ""},
	} {
		f := tt.facts
		if f.version() != tt.version || f.linked() != tt.linked || f.compiled() != tt.compiled {
			t.Errorf("%+v is version %q, linked %q, compiled %q; want %+v", f, f.version(), f.linked(), f.compiled(), tt)
		}
	}
}

// Without Debian's the choice is that of PATH, and a line says so; without
// either the error tells both.
func TestSelectFallback(t *testing.T) {
	t.Setenv(cache.Env, t.TempDir())
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	_, err := Select(t.Context(), "", Options{})
	if err == nil || !strings.Contains(err.Error(), "this machine has no apt-get; nor is there a micropython on PATH") {
		t.Errorf("error is %v", err)
	}
	path := filepath.Join(bin, "micropython")
	if err := os.Symlink(tells(t, good), path); err != nil {
		t.Fatal(err)
	}
	var said []string
	f, err := Select(t.Context(), "", Options{Say: func(line string) { said = append(said, line) }})
	if err != nil {
		t.Fatal(err)
	}
	if last := said[len(said)-1]; f.Path != path || !strings.HasPrefix(last, "using "+path+" from PATH, for ") {
		t.Errorf("chose %s, said %q", f.Path, said)
	}
	if _, err := Select(t.Context(), Default, Options{}); err == nil {
		t.Error("asked for by name, it is not replaced by another")
	}
}

func TestExplainStart(t *testing.T) {
	if got := explainStart("/bin/sh", syscall.ETXTBSY).Error(); !strings.Contains(got, "text file busy") {
		t.Errorf("unexpected errors are told as they are, not %q", got)
	}
}
