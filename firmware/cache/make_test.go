package cache

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// makerEnv makes the test binary a process that makes the entry of that name
// and does not end until its standard input does.
const makerEnv = "TRUSTRIG_TEST_MAKER"

func TestMain(m *testing.M) {
	if name := os.Getenv(makerEnv); name != "" {
		makerMain(name)
	}
	os.Exit(m.Run())
}

func makerMain(name string) {
	c, err := Open()
	if err == nil {
		_, err = c.Make(context.Background(), name, func(dir string) error {
			err := os.WriteFile(filepath.Join(dir, "by"), []byte("child"), 0o644)
			fmt.Println("building")
			io.Copy(io.Discard, os.Stdin)
			return err
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A maker is another process in the middle of making an entry.
type maker struct {
	cmd    *exec.Cmd
	finish io.Closer
}

func startMaker(t *testing.T, name string) maker {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), makerEnv+"="+name)
	cmd.Stderr = os.Stderr
	stdin, err1 := cmd.StdinPipe()
	stdout, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if line != "building\n" {
		t.Fatalf("the maker says %q, %v", line, err)
	}
	return maker{cmd, stdin}
}

func write(name, text string) func(string) error {
	return func(dir string) error { return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600) }
}

// folder lists the files and folders of the cache's folder name.
func folder(t *testing.T, c *Cache, name string) []string {
	t.Helper()
	list, err := os.ReadDir(filepath.Join(c.Dir(), name))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

func TestMake(t *testing.T) {
	c := open(t)
	var built atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			dir, err := c.Make(t.Context(), "keys/a-1", func(dir string) error {
				built.Add(1)
				return write("key", "secret")(dir)
			})
			if err != nil {
				t.Error(err)
				return
			}
			key := filepath.Join(dir, "key")
			text, err := os.ReadFile(key)
			info, err2 := os.Stat(key)
			if err != nil || err2 != nil || string(text) != "secret" || info.Mode() != 0o600 {
				t.Errorf("%s holds %q (%v, %v)", key, text, err, err2)
			}
		})
	}
	wg.Wait()
	if built.Load() != 1 {
		t.Errorf("built %d times, want once", built.Load())
	}
	if got := folder(t, c, "keys"); !slices.Equal(got, []string{"a-1"}) {
		t.Errorf("the folder holds %q", got)
	}
}

// A failed build leaves nothing, and the next one may succeed.
func TestMakeFails(t *testing.T) {
	c := open(t)
	broken := errors.New("broken")
	_, err := c.Make(t.Context(), "x/a-1", func(dir string) error { return errors.Join(write("f", "half")(dir), broken) })
	if !errors.Is(err, broken) {
		t.Fatalf("error is %v", err)
	}
	if got := folder(t, c, "x"); len(got) != 0 {
		t.Errorf("the folder holds %q", got)
	}
	if _, err := c.Make(t.Context(), "x/a-1", write("f", "whole")); err != nil {
		t.Error(err)
	}
}

func TestMakeDiskFull(t *testing.T) {
	c := open(t)
	_, err := c.Make(t.Context(), "x/a-1", func(string) error {
		return os.WriteFile("/dev/full", []byte("x"), 0)
	})
	if err == nil || !strings.Contains(err.Error(), "disk is full") || !strings.Contains(err.Error(), Env) {
		t.Errorf("error is %v", err)
	}
}

func TestMakeNewest(t *testing.T) {
	c := open(t)
	make := func(version string) (string, error) {
		return c.MakeNewest(t.Context(), "firmware/debian", func(dir string) (string, error) {
			// What is unpacked there may be dated long ago.
			old := time.Unix(1e9, 0)
			return version, errors.Join(write("v", version)(dir), os.Chtimes(dir, old, old))
		})
	}
	first, err := make("1.25.0+ds-1")
	if want := filepath.Join(c.Dir(), "firmware/debian-1.25.0+ds-1"); err != nil || first != want {
		t.Fatalf("made %s, %v; want %s", first, err, want)
	}
	again, err := make("1.26.1")
	if err != nil || again != first {
		t.Errorf("made %s, %v; want %s, which is there", again, err, first)
	}
	info, err := os.Stat(first)
	if err != nil || time.Since(info.ModTime()) > time.Hour {
		t.Errorf("the entry is dated %v, not when it was made (%v)", info.ModTime(), err)
	}
	if _, err := c.MakeNewest(t.Context(), "firmware/other", func(string) (string, error) { return "a/../b", nil }); err == nil {
		t.Error("a version that is a path gives no error")
	}
	// Somebody else puts the version there under an exact name meanwhile.
	dir, err := c.MakeNewest(t.Context(), "tool/x", func(string) (string, error) {
		_, err := c.Make(t.Context(), "tool/x-1", write("by", "other"))
		return "1", err
	})
	if text, _ := os.ReadFile(filepath.Join(dir, "by")); err != nil || string(text) != "other" {
		t.Errorf("%s is by %q, %v", dir, text, err)
	}
}

// While another process makes an entry, one waits as long as its context
// lasts, does not build, and has the other's entry in the end.
func TestMakeInTwoProcesses(t *testing.T) {
	c := open(t)
	other := startMaker(t, "x/a-1")
	fail := func(string) error { t.Error("built beside the other process"); return nil }
	ctx, cancel := context.WithTimeout(t.Context(), 5*lockPoll)
	defer cancel()
	if _, err := c.Make(ctx, "x/a-1", fail); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("error is %v, want that of the context", err)
	}
	// Another name does not wait, and does not sweep what the other makes.
	if _, err := c.Make(t.Context(), "x/b-1", write("f", "")); err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error, 1)
	go func() {
		dir, err := c.Make(t.Context(), "x/a-1", fail)
		if text, _ := os.ReadFile(filepath.Join(dir, "by")); err == nil && string(text) != "child" {
			err = fmt.Errorf("%s is by %q", dir, text)
		}
		waiting <- err
	}()
	other.finish.Close()
	if err := errors.Join(<-waiting, other.cmd.Wait()); err != nil {
		t.Error(err)
	}
}

// What a killed maker leaves is swept by the next maker of the same entry,
// and by that of another one in the same folder.
func TestKilledMaker(t *testing.T) {
	for _, next := range []string{"x/a-1", "x/b-1"} {
		t.Run(next, func(t *testing.T) {
			c := open(t)
			other := startMaker(t, "x/a-1")
			if got := folder(t, c, "x"); len(got) != 1 || !strings.HasSuffix(got[0], ".tmp") {
				t.Fatalf("the folder holds %q, want the unfinished entry", got)
			}
			other.cmd.Process.Kill()
			other.cmd.Wait()
			if _, ok := c.Find("x/a-1"); ok {
				t.Error("the unfinished entry can be found")
			}
			dir, err := c.Make(t.Context(), next, write("f", "mine"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(dir, "by")); err == nil {
				t.Error("the entry holds what the killed maker wrote")
			}
			if got := folder(t, c, "x"); !slices.Equal(got, []string{filepath.Base(next)}) {
				t.Errorf("the folder holds %q", got)
			}
		})
	}
}

// A scratch folder is kept, and used by one at a time.
func TestScratch(t *testing.T) {
	c := open(t)
	var inside atomic.Int32
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			err := c.Scratch(t.Context(), "apt/trixie-amd64", func(dir string) error {
				if inside.Add(1) != 1 {
					t.Error("two use it at once")
				}
				defer inside.Add(-1)
				return write(fmt.Sprint(i), "")(dir)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := folder(t, c, "apt/trixie-amd64"); !slices.Equal(got, []string{"0", "1", "2", "3"}) {
		t.Errorf("the folder holds %q", got)
	}
}
