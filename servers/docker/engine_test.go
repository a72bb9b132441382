package docker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

// engine opens Docker for a test. Where it does not answer, the test is
// skipped, but not in CI.
func engine(t *testing.T) *Engine {
	t.Helper()
	e, err := Open(t.Context())
	if errors.Is(err, ErrAbsent) && os.Getenv("CI") != "true" {
		t.Skip("not run without Docker: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

const (
	exits = "os.Exit(3)"
	stays = "time.Sleep(time.Hour)"
)

// talker is an image whose program prints a line, and then does what the Go
// statement says.
func talker(t *testing.T, e *Engine, line, then string) string {
	t.Helper()
	dir := t.TempDir()
	source := fmt.Sprintf("package main\n\nimport (\"fmt\"; \"os\"; \"time\")\n\nfunc main() { fmt.Println(%q); %s }\n\nvar _, _ = os.Exit, time.Sleep\n", line, then)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", "talker", "main.go")
	build.Dir, build.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	binary, err := os.ReadFile(filepath.Join(dir, "talker"))
	if err != nil {
		t.Fatal(err)
	}
	ref, err := e.Image(t.Context(), "trustrig/test", []File{
		{Name: "Dockerfile", Mode: 0o644, Data: []byte("FROM scratch\nCOPY talker /\nENTRYPOINT [\"/talker\"]\n")},
		{Name: "talker", Mode: 0o755, Data: binary},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Another test may have made, and removed, the same.
		e.provider.Client().ImageRemove(context.Background(), ref, client.ImageRemoveOptions{Force: true, PruneChildren: true})
	})
	return ref
}

func TestImageIsBuiltOnce(t *testing.T) {
	e := engine(t)
	created := func(ref string) string {
		seen, err := e.provider.Client().ImageInspect(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		return seen.ID + seen.Created + seen.Metadata.LastTagTime.String()
	}
	first := talker(t, e, "once", exits)
	before := created(first)
	if again := talker(t, e, "once", exits); again != first || created(again) != before {
		t.Errorf("the same files gave %s, then %s, or built it twice", first, again)
	}
	if other := talker(t, e, "twice", exits); other == first {
		t.Errorf("other files gave %s too", other)
	}
}

func TestImageBroken(t *testing.T) {
	e := engine(t)
	_, err := e.Image(t.Context(), "trustrig/test", []File{{Name: "Dockerfile", Mode: 0o644, Data: []byte("FROM scratch\nCOPY absent /\n")}}, nil)
	if err == nil || !strings.Contains(err.Error(), "trustrig/test:") || !strings.Contains(err.Error(), "absent") {
		t.Errorf("an image that cannot be built: %v", err)
	}
}

// TestRunFails holds that a container that ends instead of getting ready is
// reported with what it printed, and removed.
func TestRunFails(t *testing.T) {
	e := engine(t)
	const part = "test-run-fails"
	c, err := e.Run(t.Context(), Spec{Part: part, Image: talker(t, e, "I cannot go on", exits), Ready: "ready "})
	if err == nil {
		t.Fatalf("it is ready: %s", c.Ready())
	}
	for _, want := range []string{part, "I cannot go on"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q: %v", want, err)
		}
	}
	left, err := e.provider.Client().ContainerList(t.Context(), client.ContainerListOptions{
		All: true, Filters: make(client.Filters).Add("label", LabelPart+"="+part),
	})
	if err != nil || len(left.Items) != 0 {
		t.Errorf("%d containers left, %v", len(left.Items), err)
	}
}

func TestRunReady(t *testing.T) {
	e := engine(t)
	c, err := e.Run(t.Context(), Spec{Part: "test-run-ready", Image: talker(t, e, "ready at 12", stays), Ready: "ready at "})
	if err != nil {
		t.Fatal(err)
	}
	if c.Ready() != "12" {
		t.Errorf("ready: %q", c.Ready())
	}
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := e.provider.Client().ContainerInspect(t.Context(), c.ID(), client.ContainerInspectOptions{}); !errdefs.IsNotFound(err) {
		t.Errorf("the container is still there: %v", err)
	}
}

func TestArchiveIsStable(t *testing.T) {
	files := []File{{Name: "a", Mode: 0o644, Data: []byte("x")}, {Name: "b", Mode: 0o755, Data: nil}}
	a, errA := archive(files)
	b, errB := archive(files)
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("equal files make unequal archives: %v, %v", errA, errB)
	}
}
