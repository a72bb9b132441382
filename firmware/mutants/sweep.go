package mutants

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
)

// A Sweep decides which allocation of mbedTLS fails in a running firmware. The
// firmware maps the file that it writes.
type Sweep struct{ file *os.File }

func newSweep(path string) (*Sweep, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("making the file that decides which allocation fails: %w", err)
	}
	s := &Sweep{file}
	return s, s.FailAt(0)
}

// FailAt has the n-th allocation from now on fail; none for 0.
func (s *Sweep) FailAt(n int) error {
	var b [8]byte
	binary.NativeEndian.PutUint32(b[:], uint32(n))
	if _, err := s.file.WriteAt(b[:], 0); err != nil {
		return fmt.Errorf("deciding which allocation fails: %w", err)
	}
	return nil
}

// Count returns how many allocations there were since [Sweep.FailAt].
func (s *Sweep) Count() (int, error) {
	var b [8]byte
	if _, err := io.ReadFull(io.NewSectionReader(s.file, 0, 8), b[:]); err != nil {
		return 0, fmt.Errorf("reading the count of allocations: %w", err)
	}
	return int(binary.NativeEndian.Uint32(b[4:])), nil
}

// Close closes the file. It is for after the firmware has ended.
func (s *Sweep) Close() error { return s.file.Close() }
