package docker

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"trustrig/firmware/debian"
)

const (
	suite = "trixie"
	// registryBase is the base of images with Debian packages in them, and
	// ownBase what takes its place where no registry has it.
	registryBase = "debian:" + suite + "-slim"
	ownBase      = "trustrig/debian:" + suite

	pullTimeout = 2 * time.Minute
)

// Base returns the name of a Debian image to build others from: Docker's own
// debian:trixie-slim, pulled if need be; where no registry answers, one that is
// made of the host's Debian archive, once. say, which may be nil, is told what
// takes long.
func (e *Engine) Base(ctx context.Context, say func(string)) (string, error) {
	if say == nil {
		say = func(string) {}
	}
	for _, ref := range []string{registryBase, ownBase} {
		_, err := e.provider.Client().ImageInspect(ctx, ref)
		if err == nil {
			return ref, nil
		}
		if !errdefs.IsNotFound(err) {
			return "", fmt.Errorf("looking for image %s: %w", ref, err)
		}
	}
	say("pulling the image " + registryBase)
	pulled := e.pull(ctx, registryBase)
	if pulled == nil {
		return registryBase, nil
	}
	say(fmt.Sprintf("no registry has %s; making it with mmdebstrap, which takes about a minute", registryBase))
	if err := e.makeBase(ctx); err != nil {
		return "", fmt.Errorf("making the image %s: %w; nor could it be pulled: %v", ownBase, err, pulled)
	}
	return ownBase, nil
}

func (e *Engine) pull(ctx context.Context, ref string) error {
	ctx, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	answer, err := e.provider.Client().ImagePull(ctx, ref, client.ImagePullOptions{})
	if err != nil {
		return err
	}
	defer answer.Close()
	return answer.Wait(ctx)
}

func (e *Engine) makeBase(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "trustrig-base-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tar := filepath.Join(dir, "base.tar")
	if err := debian.Base(ctx, suite, tar); err != nil {
		return err
	}
	f, err := os.Open(tar)
	if err != nil {
		return err
	}
	defer f.Close()
	answer, err := e.provider.Client().ImageImport(ctx, client.ImageImportSource{Source: f, SourceName: "-"}, ownBase,
		client.ImageImportOptions{Changes: []string{`CMD ["bash"]`, "LABEL trustrig.part=base"}})
	if err != nil {
		return err
	}
	return answer.Close()
}
