package docker

import (
	"context"
	"fmt"
	"io"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
)

// Follow writes to w what the container prints, from its start, until it ends
// or ctx does. Standard output and standard error come as they were printed.
func (c *Container) Follow(ctx context.Context, w io.Writer) error {
	logs, err := c.engine.provider.Client().ContainerLogs(ctx, c.ID(), client.ContainerLogsOptions{
		ShowStdout: true, ShowStderr: true, Follow: true,
	})
	if err != nil {
		return fmt.Errorf("following the log of container %.12s: %w", c.ID(), err)
	}
	defer logs.Close()
	_, err = stdcopy.StdCopy(w, w, logs)
	return err
}
