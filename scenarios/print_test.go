package scenarios

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"trustrig/servers/pki"
)

// TestPrinted does by hand what a printed scenario says: openssl presents the
// chain, the camera runs the script, and no more of trustrig is in it.
func TestPrinted(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("make deps installs it: %v", err)
	}
	s := session(t, Options{Servers: "inprocess", Baseline: "none"})
	for name, want := range map[string]string{
		goodScenario: "accepted: b'",
		"missing-intermediate-ecdsa/root/CERT_REQUIRED": "not correctly signed by the trusted CA",
		"asyncio/expired-leaf-ecdsa/root/CERT_REQUIRED": "validity has expired",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := Print(dir, named(t, name), pki.New(time.Now(), nil)); err != nil {
				t.Fatal(err)
			}
			port := presentByHand(t, dir)
			if anchor, err := os.ReadFile(filepath.Join(dir, "anchor.der")); err != nil {
				t.Fatal(err)
			} else if _, err := s.camera.Put(t.Context(), "/flash/trustrig.ca", anchor); err != nil {
				t.Fatal(err)
			}
			script, err := os.ReadFile(filepath.Join(dir, "camera.py"))
			if err != nil {
				t.Fatal(err)
			}
			source := strings.NewReplacer("192.168.1.2", "127.0.0.1", "8443", port).Replace(string(script))
			out, err := s.camera.Exec(t.Context(), source)
			said := string(out)
			if err != nil {
				said += err.Error()
			}
			if !strings.Contains(said, want) {
				t.Errorf("the camera says %q, want %q", said, want)
			}
		})
	}
}

// presentByHand runs the printed README's openssl command in the folder, on a
// port that the kernel chooses.
func presentByHand(t *testing.T, dir string) (port string) {
	t.Helper()
	readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`openssl s_server .*`).FindString(string(readme))
	args := strings.Fields(strings.Replace(line, "-accept 8443", "-accept 127.0.0.1:0", 1))
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		cmd.Wait() // killed: its error is no news
	})
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		if m := regexp.MustCompile(`^ACCEPT .*:(\d+)$`).FindStringSubmatch(scanner.Text()); m != nil {
			return m[1]
		}
	}
	t.Fatalf("%s did not come to accept connections", line)
	return ""
}
