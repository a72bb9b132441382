package debian

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// ErrNoTool is in the chain of Base's error where mmdebstrap is not installed.
var ErrNoTool = errors.New("mmdebstrap is not installed: install the package mmdebstrap")

// Base makes the smallest system of a suite that apt-get works in, as a tar
// archive, from the host's own archive and with the host's way to it. It needs
// mmdebstrap, and root or user namespaces; it takes about 40 s.
func Base(ctx context.Context, suite, tar string) error {
	host, err := askHost(ctx)
	if err != nil {
		return err
	}
	if _, err := exec.LookPath("mmdebstrap"); err != nil {
		return fmt.Errorf("%w: %w", ErrNoTool, err)
	}
	keyring, err := findKeyring(keyrings)
	if err != nil {
		return err
	}
	settings := filepath.Join(filepath.Dir(tar), "apt.conf")
	if err := os.WriteFile(settings, []byte(host.settings), 0o600); err != nil {
		return err
	}
	for _, archive := range host.archives {
		source := fmt.Sprintf("deb [signed-by=%s] %s %s main", keyring, archive, suite)
		_, err = run(ctx, filepath.Dir(tar), nil, "mmdebstrap", "--variant=minbase", "--include=ca-certificates",
			"--aptopt="+settings, suite, tar, source)
		if err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}
