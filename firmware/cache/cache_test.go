package cache

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func open(t *testing.T) *Cache {
	t.Helper()
	t.Setenv(Env, filepath.Join(t.TempDir(), "the cache"))
	c, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOpen(t *testing.T) {
	home := t.TempDir()
	for _, tt := range []struct{ name, env, xdg, home, want string }{
		{"moved", filepath.Join(home, "moved"), "", home, filepath.Join(home, "moved")},
		{"user's", "", filepath.Join(home, "xdg"), home, filepath.Join(home, "xdg", "trustrig")},
		{"default", "", "", home, filepath.Join(home, ".cache", "trustrig")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(Env, tt.env)
			t.Setenv("XDG_CACHE_HOME", tt.xdg)
			t.Setenv("HOME", tt.home)
			c, err := Open()
			if err != nil {
				t.Fatal(err)
			}
			if c.Dir() != tt.want {
				t.Errorf("Dir() = %s, want %s", c.Dir(), tt.want)
			}
		})
	}
}

// Each trouble with the folder is one line that names the way out.
func TestOpenTrouble(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, env, says string }{
		{"no home", "", "user's cache folder"},
		{"below a file", filepath.Join(file, "cache"), "a file is in the way"},
		// Not even root may create folders there.
		{"not writable", "/sys/kernel/trustrig", "folder that can be written"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(Env, tt.env)
			t.Setenv("XDG_CACHE_HOME", "")
			t.Setenv("HOME", "")
			_, err := Open()
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range []string{tt.says, Env} {
				if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("error is %q, want one line with %q", err, want)
				}
			}
		})
	}
}

func TestNewest(t *testing.T) {
	c := open(t)
	if dir, v, ok := c.Newest("firmware/debian"); ok {
		t.Errorf("an empty cache has %s, version %s", dir, v)
	}
	// In the order in which they are made; the last of a name is the newest,
	// whatever its version says.
	for i, name := range []string{"debian-1.9", "debian-1.26.1+ds-1", "debian-1.25.0+ds-1", "debian-next-1.27", "debian-", "debian-x1"} {
		dir := filepath.Join(c.Dir(), "firmware", name)
		at := time.Unix(1e9+int64(i), 0)
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chtimes(dir, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"firmware/debian": "1.25.0+ds-1", "firmware/debian-next": "1.27"} {
		dir, v, ok := c.Newest(name)
		if wantDir := filepath.Join(c.Dir(), name+"-"+want); !ok || v != want || dir != wantDir {
			t.Errorf("Newest(%q) = %s, %s, %v; want %s, %s", name, dir, v, ok, wantDir, want)
		}
	}
}

func TestNames(t *testing.T) {
	c := open(t)
	for _, name := range []string{"", "/", "/x", "x/", "../x", "x/../y", ".x", "x/.y", "x y", "x:y", "x,y", "x@y", "x//y"} {
		if _, err := c.Make(t.Context(), name, func(string) error { t.Error("built"); return nil }); err == nil {
			t.Errorf("Make(%q) gives no error", name)
		}
		if dir, ok := c.Find(name); ok {
			t.Errorf("Find(%q) = %s", name, dir)
		}
	}
}
