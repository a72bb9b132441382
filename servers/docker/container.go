package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

const (
	// LabelPart says what a container is for. Every container of the
	// project has it.
	LabelPart = "trustrig.part"
	// LabelRig names the process that started it.
	LabelRig = "trustrig.rig"

	startTimeout  = 30 * time.Second
	removeTimeout = 20 * time.Second
	// readyPoll is how often the log of a starting container is read.
	readyPoll = 10 * time.Millisecond
	// logTail bounds how much of a log goes into an error.
	logTail = 2000
)

// A Spec is what to run.
type Spec struct {
	Part  string // what it is for, as a label
	Image string
	Args  []string
	Env   map[string]string
	// Ready begins the line that the container prints once it can be used.
	Ready string
	// Files are put into the container before it starts. A container that
	// gets any may write to its file system.
	Files []File
	// Publish are TCP ports of a container that can not be told to listen on
	// loopback alone: it gets a network of its own, and each of these a port
	// of the host's loopback, see [Container.Published].
	Publish []uint16
}

// A Container is running, or was.
type Container struct {
	engine *Engine
	c      testcontainers.Container
	ready  string
}

// Run starts a container and waits until it says that it is ready.
func (e *Engine) Run(ctx context.Context, s Spec) (_ *Container, err error) {
	c := &Container{engine: e}
	line := regexp.MustCompile(`(?m)` + regexp.QuoteMeta(s.Ready) + `([^\r\n]*)\r?\n`)
	ready := wait.ForLog(line.String()).WithPollInterval(readyPoll).WithStartupTimeout(startTimeout).
		Submatch(func(_ string, matches [][][]byte) error {
			if len(matches) == 0 {
				return fmt.Errorf("it did not print a line that begins with %q", s.Ready)
			}
			c.ready = string(matches[0][1])
			return nil
		})
	c.c, err = e.provider.RunContainer(ctx, testcontainers.ContainerRequest{
		Image: s.Image, Cmd: s.Args, Env: s.Env, WaitingFor: ready,
		Labels: map[string]string{LabelPart: s.Part, LabelRig: e.rig.String()},
		LifecycleHooks: []testcontainers.ContainerLifecycleHooks{{
			PostCreates: []testcontainers.ContainerHook{func(ctx context.Context, made testcontainers.Container) error {
				return e.put(ctx, made.GetContainerID(), s.Files)
			}},
		}},
		ExposedPorts: s.exposed(),
		HostConfigModifier: func(h *container.HostConfig) {
			h.NetworkMode = "host"
			if len(s.Publish) > 0 {
				h.NetworkMode = "bridge"
			}
			h.PortBindings = s.bindings()
			h.ReadonlyRootfs = len(s.Files) == 0
			h.CapDrop = []string{"ALL"}
			h.SecurityOpt = []string{"no-new-privileges"}
		},
	})
	if err != nil {
		err = fmt.Errorf("starting container %s of image %s: %w%s", s.Part, s.Image, err, c.tail(ctx))
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// ID returns Docker's identifier of the container.
func (c *Container) ID() string { return c.c.GetContainerID() }

// Ready returns the rest of the line by which the container said that it is
// ready.
func (c *Container) Ready() string { return c.ready }

// tail returns the end of what the container has printed, to end an error.
func (c *Container) tail(ctx context.Context) string {
	if c.c == nil {
		return ""
	}
	logs, err := c.c.Logs(ctx)
	if err != nil {
		return ""
	}
	defer logs.Close()
	text, err := io.ReadAll(io.LimitReader(logs, 1<<20))
	if err != nil || len(text) == 0 {
		return ""
	}
	return "; it printed: " + strings.TrimSpace(string(text[max(0, len(text)-logTail):]))
}

// Close kills the container and removes it. It has a time limit of its own, so
// that it also works once everything else has been called off.
func (c *Container) Close() error {
	if c.c == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), removeTimeout)
	defer cancel()
	return c.engine.remove(ctx, c.ID())
}

// Kill ends what runs in the container, which stays.
func (c *Container) Kill(ctx context.Context) error {
	_, err := c.engine.provider.Client().ContainerKill(ctx, c.ID(), client.ContainerKillOptions{Signal: "KILL"})
	if err != nil {
		return fmt.Errorf("killing container %.12s: %w", c.ID(), err)
	}
	return nil
}

func (e *Engine) remove(ctx context.Context, id string) error {
	_, err := e.provider.Client().ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	// Two rigs may be sweeping at once.
	if err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) {
		return fmt.Errorf("removing container %.12s: %w", id, err)
	}
	return nil
}

// Sweep removes the containers of rigs that are gone, whatever state they are
// in, and leaves those of rigs that live. It returns how many it removed.
func (e *Engine) Sweep(ctx context.Context) (int, error) {
	list, err := e.provider.Client().ContainerList(ctx, client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", LabelRig),
	})
	if err != nil {
		return 0, fmt.Errorf("listing the rig's containers: %w", err)
	}
	removed := 0
	var problems []error
	for _, c := range list.Items {
		owner, err := parseRig(c.Labels[LabelRig])
		if err != nil {
			problems = append(problems, fmt.Errorf("container %.12s: %w", c.ID, err))
			continue
		}
		gone, err := owner.gone(e.rig)
		if err == nil && gone {
			err = e.remove(ctx, c.ID)
			removed++
		}
		problems = append(problems, err)
	}
	return removed, errors.Join(problems...)
}
