package servers

import (
	"bytes"
	"context"
	_ "embed" // the Dockerfile
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"trustrig/servers/docker"
)

//go:embed tlsserver/image/Dockerfile
var dockerfile []byte

// errNoSource means that there is no source to build the server from.
var errNoSource = errors.New("the source of trustrig is not here")

// buildContext builds the container's server, a static binary, and returns the
// files of its image. The Go command keeps what it has built, so that an
// unchanged server costs a fraction of a second. It comes out the same byte by
// byte, for without its build ID the binary holds nothing but what it runs.
func buildContext(ctx context.Context, cache string) ([]docker.File, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	if cache != "" {
		if err := os.MkdirAll(cache, 0o755); err != nil {
			return nil, fmt.Errorf("building the container's server: %w", err)
		}
	}
	dir, err := os.MkdirTemp(cache, "tlsserver-")
	if err != nil {
		return nil, fmt.Errorf("building the container's server: %w", err)
	}
	defer os.RemoveAll(dir)
	out, err := filepath.Abs(filepath.Join(dir, "tlsserver"))
	if err != nil {
		return nil, fmt.Errorf("building the container's server: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", out, "trustrig/servers/tlsserver/image")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the container's server: %w: %s", err, bytes.TrimSpace(said))
	}
	binary, err := os.ReadFile(out)
	if err != nil {
		return nil, fmt.Errorf("building the container's server: %w", err)
	}
	return []docker.File{
		{Name: "Dockerfile", Mode: 0o644, Data: dockerfile},
		{Name: "tlsserver", Mode: 0o755, Data: binary},
	}, nil
}

// moduleRoot finds the checkout: the one around the working folder, else the
// one that this program was built in.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the checkout: %w", err)
	}
	_, self, _, _ := runtime.Caller(0)
	for _, from := range []string{dir, filepath.Dir(self)} {
		for dir := from; filepath.IsAbs(dir); dir = filepath.Dir(dir) {
			mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
			if err == nil && strings.HasPrefix(string(mod), "module trustrig\n") {
				return dir, nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return "", errNoSource
}
