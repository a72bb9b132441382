package emulator

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

//go:embed agent/*.py agent/modules/*.py
var agentFiles embed.FS

const (
	agentFile    = "trustrig_agent.py"
	cameraPrefix = "camera_" // of the modules that extend the firmware's own
)

// folder is where an emulated camera keeps what outlives its process.
type folder struct {
	dir  string
	temp bool // made here, removed at the end
}

// openFolder makes the folder and what is missing in it. With dir empty it is
// a temporary one.
func openFolder(dir string, flash int64, frozen fs.FS) (folder, error) {
	f := folder{dir: dir}
	if dir == "" {
		var err error
		if f.dir, err = os.MkdirTemp("", "trustrig-camera-"); err != nil {
			return f, err
		}
		f.temp = true
	}
	err := f.fill(flash, frozen)
	if err != nil {
		return f, errors.Join(fmt.Errorf("preparing the camera's folder: %w", err), f.close())
	}
	return f, nil
}

func (f folder) start() string { return filepath.Join(f.dir, "agent", "start.py") }
func (f folder) flash() string { return filepath.Join(f.dir, "flash.img") }
func (f folder) clock() string { return filepath.Join(f.dir, "clock") }
func (f folder) hosts() string { return filepath.Join(f.dir, "hosts") }
func (f folder) link() string  { return filepath.Join(f.dir, "port") }

func (f folder) close() error {
	if !f.temp {
		return nil
	}
	return os.RemoveAll(f.dir)
}

func (f *folder) fill(flash int64, frozen fs.FS) error {
	var err error
	if f.dir, err = filepath.Abs(f.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(f.dir, "agent", "frozen"), 0o755); err != nil {
		return err
	}
	if err := copyFiles(filepath.Join(f.dir, "agent"), "", agentFiles, "agent"); err != nil {
		return err
	}
	if err := copyFiles(filepath.Join(f.dir, "agent"), cameraPrefix, agentFiles, "agent/modules"); err != nil {
		return err
	}
	if frozen != nil {
		if err := copyFiles(filepath.Join(f.dir, "agent", "frozen"), "", frozen, "."); err != nil {
			return err
		}
	}
	return f.sizeFlash(flash)
}

// sizeFlash makes the image, blank, which the firmware then formats. One that
// is there keeps what it holds and must have the size.
func (f folder) sizeFlash(size int64) error {
	info, err := os.Stat(f.flash())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		image, err := os.Create(f.flash())
		if err != nil {
			return err
		}
		return errors.Join(image.Truncate(size), image.Close())
	case err != nil:
		return err
	case info.Size() != size:
		return fmt.Errorf("the flash image %s has %d bytes, not %d; remove it to start with a blank one",
			f.flash(), info.Size(), size)
	}
	return nil
}

// copyFiles writes the Python files of a folder of from, their names prefixed.
func copyFiles(to, prefix string, from fs.FS, dir string) error {
	entries, err := fs.ReadDir(from, dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".py") {
			continue
		}
		text, err := fs.ReadFile(from, filepath.ToSlash(filepath.Join(dir, e.Name())))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, prefix+e.Name()), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
