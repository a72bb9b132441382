package stack

import (
	"embed"
	"fmt"

	"trustrig/servers/docker"
)

// Embedded returns files of an image.
func Embedded(from embed.FS, names ...string) ([]docker.File, error) {
	var all []docker.File
	for _, name := range names {
		data, err := from.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the files of a stack's image: %w", err)
		}
		all = append(all, docker.File{Name: name, Mode: 0o644, Data: data})
	}
	return all, nil
}
