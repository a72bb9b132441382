package debian

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// unpackBinary extracts the files of the package deb into dir.
func unpackBinary(ctx context.Context, deb, dir string) (Package, error) {
	out, err := run(ctx, dir, nil, "dpkg-deb", "--showformat=${Package}\n${Version}\n${Architecture}", "--show", deb)
	if err != nil {
		return Package{}, err
	}
	f := strings.Fields(out)
	if len(f) != 3 {
		return Package{}, fmt.Errorf("dpkg-deb names no package, version and architecture in %q", out)
	}
	_, err = run(ctx, dir, nil, "dpkg-deb", "--extract", deb, dir)
	return Package{Name: f[0], Version: f[1], Arch: f[2]}, err
}

// unpackSource extracts the source that dsc describes into a folder of dir.
// apt-get has compared the files with the signed index.
func unpackSource(ctx context.Context, dsc, dir string) (Package, error) {
	text, err := os.ReadFile(dsc)
	if err != nil {
		return Package{}, err
	}
	p, err := parseDSC(string(text))
	if err != nil {
		return Package{}, err
	}
	_, err = run(ctx, dir, nil, "dpkg-source", "--skip-patches", "--extract", dsc, filepath.Join(dir, p.Name))
	return p, err
}

// parseDSC reads name and version from a description of a source package
// (dsc(5)), which may be wrapped in a signature.
func parseDSC(text string) (Package, error) {
	p := Package{Arch: Source}
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(line, ":")
		switch value = strings.TrimSpace(value); key {
		case "Source":
			p.Name = value
		case "Version":
			p.Version = value
		}
	}
	if p.Name == "" || p.Version == "" || strings.ContainsRune(p.Name, '/') {
		return Package{}, errors.New("it names no source package and version")
	}
	return p, nil
}
