package debian

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"trustrig/firmware/cache"
)

func openCache(t *testing.T) *cache.Cache {
	t.Helper()
	t.Setenv(cache.Env, filepath.Join(t.TempDir(), "a cache")) // a space must not matter
	c, err := cache.Open()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sources makes the host's apt know only the archives of a sources.list.
func sources(t *testing.T, list string) {
	t.Helper()
	dir := t.TempDir()
	conf := filepath.Join(dir, "apt.conf")
	err := errors.Join(
		os.WriteFile(filepath.Join(dir, "sources.list"), []byte(list), 0o644),
		os.WriteFile(conf, []byte(`Dir::Etc::sourceparts "/dev/null"; Dir::Etc::sourcelist "`+dir+`/sources.list";`), 0o644),
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("APT_CONFIG", conf)
}

var small = Request{Suite: "trixie", Arch: Native(), Packages: []string{"micropython-mpremote"}}

// unreachable is what apt-get says without a network, as against what it says
// of a wrong name or signature.
var unreachable = regexp.MustCompile(`(?i)could not resolve|could not connect|temporary failure|network is unreachable|connection (timed out|refused)`)

func skipOffline(t *testing.T, err error) {
	t.Helper()
	if err != nil && unreachable.MatchString(err.Error()) {
		t.Skipf("skipped, for Debian's archive can not be reached: %v", err)
	}
}

func TestFetch(t *testing.T) {
	c, dir := openCache(t), t.TempDir()
	before := systemState(t)
	got, err := Fetch(t.Context(), c, small, dir)
	skipOffline(t, err)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Name != "micropython-mpremote" || got[0].Arch != "all" || !strings.HasPrefix(got[0].Version, "1.") {
		t.Errorf("fetched %+v, want the one package, without what it depends on", got)
	}
	if info, err := os.Stat(filepath.Join(dir, "usr/bin/mpremote")); err != nil || info.Mode()&0o111 == 0 {
		t.Errorf("mpremote is not unpacked: %v", err)
	}
	if after := systemState(t); !bytes.Equal(before, after) {
		t.Errorf("the system's folders changed from\n%s\nto\n%s", before, after)
	}
	indexes, err := filepath.Glob(filepath.Join(c.Dir(), "apt", "*", "lists", "*_dists_*"))
	if err != nil || len(indexes) != 2 {
		t.Errorf("fetched %q, %v; want the release and the index of one architecture", indexes, err)
	}
	info, err := os.Stat(filepath.Join(c.Dir(), "apt", "trixie-"+Native(), "apt.conf"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("apt.conf, which may hold a proxy's password, has mode %v, %v", info.Mode(), err)
	}
}

// systemState lists what apt-get would change, with dates.
func systemState(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, pattern := range []string{"/var/lib/apt/lists", "/var/lib/apt/lists/*", "/var/cache/apt", "/var/cache/apt/*", "/var/cache/apt/archives/*", "/var/lib/dpkg/status"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if info, err := os.Stat(name); err == nil {
				b.WriteString(name + " " + info.ModTime().String() + "\n")
			}
		}
	}
	return b.Bytes()
}

func TestFetchTrouble(t *testing.T) {
	bad := "deb file:" + filepath.Join(t.TempDir(), "debian") + " trixie main\n"
	for _, tt := range []struct{ name, list, says string }{
		{"no archive", "", "no Debian archive in the host's apt sources"},
		{"unusable archive", bad, "does not have a Release file"},
		{"unreadable sources", "deb nonsense\n", "reading the host's apt sources: apt-get: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := openCache(t)
			sources(t, tt.list)
			_, err := Fetch(t.Context(), c, small, t.TempDir())
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error is %v, want one line with %q", err, tt.says)
			}
		})
	}
	t.Run("no apt", func(t *testing.T) {
		c := openCache(t)
		t.Setenv("PATH", t.TempDir())
		if _, err := Fetch(t.Context(), c, small, t.TempDir()); err == nil || !strings.Contains(err.Error(), "this machine has no apt-get") {
			t.Errorf("error is %v", err)
		}
	})
}

// An archive that is not signed with Debian's key is refused, whatever the
// host trusts.
func TestFetchUnsigned(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "debian")
	dist := filepath.Join(archive, "dists", "trixie")
	index := filepath.Join(dist, "main", "binary-"+Native())
	err := errors.Join(os.MkdirAll(index, 0o755),
		os.WriteFile(filepath.Join(index, "Packages"), nil, 0o644),
		os.WriteFile(filepath.Join(dist, "Release"), []byte("Suite: trixie\nCodename: trixie\nComponents: main\nArchitectures: "+Native()+"\nDate: Sat, 15 Nov 2025 10:00:00 UTC\nSHA256:\n e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 main/binary-"+Native()+"/Packages\n"), 0o644))
	if err != nil {
		t.Fatal(err)
	}
	c := openCache(t)
	sources(t, "deb [trusted=yes allow-insecure=yes] file:"+archive+" trixie main\n")
	_, err = Fetch(t.Context(), c, small, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "is not signed") {
		t.Errorf("error is %v, want one of the signature", err)
	}
}

func TestFetchCancelled(t *testing.T) {
	c := openCache(t)
	sources(t, "deb file:"+filepath.Join(t.TempDir(), "debian")+" trixie main\n")
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the user's wish")
	cancel(why)
	if _, err := Fetch(ctx, c, small, t.TempDir()); !errors.Is(err, why) {
		t.Errorf("error is %v, want the cause of the context's end", err)
	}
}

// The lists of a try that failed do not spoil the next one, which takes the
// next archive.
func TestFetchSecondArchive(t *testing.T) {
	c := openCache(t)
	host, err := askHost(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sources(t, "deb file:"+filepath.Join(t.TempDir(), "debian")+" trixie main\ndeb "+host.archives[0]+" trixie main\n")
	_, err = Fetch(t.Context(), c, small, t.TempDir())
	skipOffline(t, err)
	if err != nil {
		t.Error(err)
	}
}
