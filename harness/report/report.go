// Package report writes a run record: as JSON for machines and the archive,
// as JUnit for CI, as a table for the terminal.
package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"trustrig/harness"
)

// Prepare makes the report folder and proves that it can be written, so that
// a long run does not end in a record that can not be kept.
func Prepare(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the report folder: %w", err)
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return fmt.Errorf("the report folder %s can not be written: %w", dir, err)
	}
	probe.Close()
	return os.Remove(probe.Name())
}

// Write puts run.json and junit.xml into dir, each whole or not at all.
func Write(dir string, r *harness.RunRecord) error {
	record, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the run record: %w", err)
	}
	var junit bytes.Buffer
	if err := JUnit(&junit, r); err != nil {
		return err
	}
	for name, data := range map[string][]byte{"run.json": append(record, '\n'), "junit.xml": junit.Bytes()} {
		path := filepath.Join(dir, name)
		if err := renameio.WriteFile(path, data, 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
	}
	return nil
}

// Read returns the run record in dir.
func Read(dir string) (*harness.RunRecord, error) {
	path := filepath.Join(dir, "run.json")
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the run record: %w", err)
	}
	var r harness.RunRecord
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("reading the run record %s: %w", path, err)
	}
	if r.Schema != harness.Schema {
		return nil, fmt.Errorf("run record %s has schema %d, this trustrig reads %d", path, r.Schema, harness.Schema)
	}
	return &r, nil
}
