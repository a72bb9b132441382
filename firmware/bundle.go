package firmware

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// bundle is the firmware in an unpacked root folder, run through the dynamic
// loader and the libraries that lie in that folder too, whatever the host's.
func bundle(root string) (*Firmware, error) {
	path := filepath.Join(root, "usr/bin/micropython")
	interp, err := interpreter(path)
	if err != nil {
		return nil, err
	}
	loader, err := within(root, interp)
	if err != nil {
		return nil, err
	}
	libc, err := filepath.Glob(filepath.Join(root, "usr/lib/*/libc.so.6"))
	if err == nil && len(libc) != 1 {
		err = fmt.Errorf("%s holds %d C libraries in usr/lib, not one", root, len(libc))
	}
	if err != nil {
		return nil, err
	}
	lib := filepath.Dir(libc[0])
	if strings.ContainsAny(lib, ":;") {
		return nil, fmt.Errorf("the dynamic loader can not search %s, a path with a colon or semicolon", lib)
	}
	return &Firmware{Path: path, Argv: []string{loader, "--library-path", lib, path}}, nil
}

// within finds the absolute path name below root, where /lib may be a part of
// /usr, and the link to it not a part of any package.
func within(root, name string) (string, error) {
	for _, top := range []string{root, filepath.Join(root, "usr")} {
		path := filepath.Join(top, name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s holds no %s", root, name)
}

// interpreter is the dynamic loader that an ELF file names (PT_INTERP).
func interpreter(path string) (string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			name, err := io.ReadAll(p.Open())
			return strings.TrimRight(string(name), "\x00"), err
		}
	}
	return "", errors.New(path + " names no dynamic loader")
}
