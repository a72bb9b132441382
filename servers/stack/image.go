package stack

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"

	"trustrig/servers/docker"
)

// ErrImage is in the chain of Run's error where the software's image can not
// be had.
var ErrImage = errors.New("no image")

// Image returns the name of the image that these files of a folder make, a
// Dockerfile among them, and builds it where Docker has none.
func Image(ctx context.Context, e *docker.Engine, name string, from embed.FS, say func(string), names ...string) (string, error) {
	all, err := Embedded(from, names...)
	if err != nil {
		return "", err
	}
	return imageOf(ctx, e, Software{Name: name, Files: all}, say)
}

func imageOf(ctx context.Context, e *docker.Engine, s Software, say func(string)) (string, error) {
	base, err := e.Base(ctx, say)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrImage, err)
	}
	files := make([]docker.File, len(s.Files))
	for i, f := range s.Files {
		if f.Name == "Dockerfile" {
			f.Data = bytes.Replace(f.Data, []byte("FROM "+Base), []byte("FROM "+base), 1)
		}
		files[i] = f
	}
	ref, err := e.Image(ctx, "trustrig/"+s.Name, files, say)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrImage, err)
	}
	return ref, nil
}
