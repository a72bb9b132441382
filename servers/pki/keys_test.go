package pki

import (
	"crypto/ecdsa"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// testKeys returns keys that are generated once a machine where TRUSTRIG_CACHE
// or the user's cache folder allows, else once a test.
func testKeys(t *testing.T) *Keys {
	t.Helper()
	dir := os.Getenv("TRUSTRIG_CACHE")
	if dir == "" {
		if cache, err := os.UserCacheDir(); err == nil {
			dir = filepath.Join(cache, "trustrig")
		}
	}
	if dir == "" {
		return NewKeys("")
	}
	return NewKeys(filepath.Join(dir, "keys"))
}

// TestKeyFile: a key is generated once, and kept in a file of mode 0600 in a
// folder of mode 0700.
func TestKeyFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	spec := keySpec{"some-role", p256}
	first := mustKey(t, NewKeys(dir), spec)
	second := mustKey(t, NewKeys(dir), spec)
	if !first.Equal(second) {
		t.Error("the second Keys on the folder made a key of its own")
	}
	if mustKey(t, NewKeys(dir), keySpec{"other-role", p256}).Equal(first) {
		t.Error("two roles have one key")
	}
	for path, want := range map[string]fs.FileMode{dir: 0o700, filepath.Join(dir, spec.file()): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", filepath.Base(path), info.Mode().Perm(), want)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%d files are left, %v; want the two keys", len(entries), err)
	}
}

func mustKey(t *testing.T, keys *Keys, spec keySpec) *ecdsa.PrivateKey {
	t.Helper()
	key, err := keys.get(spec)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*ecdsa.PrivateKey)
}

// TestKeyRace: many at once on one folder end with one key.
func TestKeyRace(t *testing.T) {
	dir := t.TempDir()
	spec := keySpec{"race", p256}
	got := make([]*ecdsa.PrivateKey, 16)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			key, err := NewKeys(dir).get(spec)
			if err != nil {
				t.Error(err)
				return
			}
			got[i] = key.(*ecdsa.PrivateKey)
		})
	}
	wg.Wait()
	for i := range got {
		if got[i] == nil || !got[i].Equal(got[0]) {
			t.Fatalf("key %d is another one", i)
		}
	}
}

// TestKeyNeverReplaced: who comes second leaves the first one's key alone.
func TestKeyNeverReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.pem")
	first, second := mustKey(t, NewKeys(""), keySpec{"a", p256}), mustKey(t, NewKeys(""), keySpec{"b", p256})
	if err := writeKey(path, first); err != nil {
		t.Fatal(err)
	}
	if err := writeKey(path, second); !errors.Is(err, fs.ErrExist) {
		t.Errorf("writing over a key: %v", err)
	}
	if got, err := readKey(path); err != nil || !first.Equal(got) {
		t.Errorf("the first key is gone: %v", err)
	}
}

// TestKeyTrouble: a file that holds no key is named, with what to do.
func TestKeyTrouble(t *testing.T) {
	spec := keySpec{"some-role", p256}
	for name, text := range map[string]string{
		"no PEM":   "garbage",
		"no PKCS8": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"empty":    "",
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, spec.file())
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := NewKeys(dir).get(spec)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "remove it") {
			t.Errorf("%s: %v", name, err)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewKeys(file).get(spec); err == nil {
		t.Error("a file served as the key folder")
	}
}
