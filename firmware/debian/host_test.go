package debian

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func recorded(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Recorded with apt 2.6 from a sources.list with a mirror list, security
// updates, source packages, another vendor's archive for Debian, one with a
// component main, a flat one, another architecture's, and a plain mirror.
func TestParseArchives(t *testing.T) {
	want := []string{
		"mirror+file:/etc/apt/mirrors/debian.list",
		"http://ftp.example.org/pub/debian",
		"http://mirror.example.org/debian",
		"https://vendor.example.com/apt", // may be one; its signature tells
	}
	if diff := cmp.Diff(want, parseArchives(recorded(t, "indextargets.txt"))); diff != "" {
		t.Error(diff)
	}
	if got := parseArchives(""); len(got) != 0 {
		t.Errorf("no sources give %q", got)
	}
}

// Recorded with apt 2.6: what concerns the network is kept, in the host's
// spelling, and neither hooks nor what weakens the check of signatures.
func TestParseSettings(t *testing.T) {
	want := `Acquire::http "";
Acquire::http::Proxy "http://user:pass@proxy.example.org:3142/";
Acquire::http::Proxy::mirror.example.org "DIRECT";
Acquire::http::No-Cache "true";
Acquire::https "";
Acquire::https::CaInfo "/etc/ssl/certs/ours.pem";
Acquire::https::AllowRedirect "false";
Acquire::ForceIPv4 "true";
Acquire::Check-Valid-Until "false";
Acquire::Check-Date "false";
`
	if diff := cmp.Diff(want, parseSettings(recorded(t, "apt-config.txt"))); diff != "" {
		t.Error(diff)
	}
	// apt's names know no case.
	if got := parseSettings("acquire::HTTP::proxy \"x\";\nAcquire::httpx \"y\";\n"); got != "acquire::HTTP::proxy \"x\";\n" {
		t.Errorf("kept %q", got)
	}
}

func TestFindKeyring(t *testing.T) {
	here := filepath.Join(t.TempDir(), "ring.gpg")
	if err := os.WriteFile(here, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := findKeyring([]string{here + "x", here}); got != here || err != nil {
		t.Errorf("found %q, %v", got, err)
	}
	if _, err := findKeyring([]string{here + "x"}); err == nil || !strings.Contains(err.Error(), "install the package debian-archive-keyring") {
		t.Errorf("error is %v", err)
	}
}

func TestComplaint(t *testing.T) {
	for _, tt := range []struct{ name, stderr, want string }{
		{"nothing", "", ""},
		{"apt's", "W: slow\nE: Failed to fetch x\n   404\nE: Some index files failed\nnote\n", "Failed to fetch x; Some index files failed"},
		{"other", "dpkg-deb: error: bad\n\n", "dpkg-deb: error: bad"},
	} {
		if got := complaint(tt.stderr); got != tt.want {
			t.Errorf("%s: complaint is %q, want %q", tt.name, got, tt.want)
		}
	}
}
