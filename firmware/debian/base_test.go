package debian

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBaseWithoutTool takes mmdebstrap away and leaves what asks the host.
func TestBaseWithoutTool(t *testing.T) {
	dir := t.TempDir()
	for _, tool := range []string{"apt-get", "apt-config", "dpkg"} {
		at, err := exec.LookPath(tool)
		if err != nil {
			t.Skip("not run on a machine that is no Debian: ", err)
		}
		if err := os.Symlink(at, filepath.Join(dir, tool)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	tar := filepath.Join(t.TempDir(), "base.tar")
	err := Base(t.Context(), "trixie", tar)
	if !errors.Is(err, ErrNoTool) || !strings.Contains(err.Error(), "install the package mmdebstrap") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(tar); err == nil {
		t.Error("there is an archive all the same")
	}
}
