package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// buildTimeout bounds the building of an image. The slowest installs Debian
// packages.
const buildTimeout = 10 * time.Minute

// A File is one file of an image's build context.
type File struct {
	Name string
	Mode int64
	Data []byte
}

// Image returns the name of an image built of these files, a Dockerfile among
// them, and builds it where Docker has none of just these. name is the image's
// name without its tag, which is made of the files' digest. say, which may be
// nil, is told when it has to be built.
func (e *Engine) Image(ctx context.Context, name string, files []File, say func(string)) (string, error) {
	archive, err := archive(files)
	if err != nil {
		return "", fmt.Errorf("packing image %s: %w", name, err)
	}
	sum := sha256.Sum256(archive)
	tag := hex.EncodeToString(sum[:8])
	ref := name + ":" + tag
	_, err = e.provider.Client().ImageInspect(ctx, ref)
	if err == nil {
		return ref, nil
	}
	if !errdefs.IsNotFound(err) {
		return "", fmt.Errorf("looking for image %s: %w", ref, err)
	}
	if say != nil {
		say("building the image " + ref)
	}
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	_, err = e.provider.BuildImage(ctx, &testcontainers.ContainerRequest{
		FromDockerfile: testcontainers.FromDockerfile{
			ContextArchive: bytes.NewReader(archive), Repo: name, Tag: tag, KeepImage: true,
			// The host's way to a package archive, its names included.
			BuildOptionsModifier: func(o *client.ImageBuildOptions) { o.NetworkMode = "host" },
		},
	})
	if err != nil {
		return "", fmt.Errorf("building image %s: %w", ref, err)
	}
	return ref, nil
}

// archive packs files so that equal files make equal archives.
func archive(files []File) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		h := &tar.Header{Name: f.Name, Mode: f.Mode, Size: int64(len(f.Data)), ModTime: time.Unix(0, 0)}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.Data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
