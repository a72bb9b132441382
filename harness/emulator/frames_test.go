package emulator

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func frameText(mark []byte, letter byte, number uint32) []byte {
	return binary.LittleEndian.AppendUint32(append(bytes.Clone(mark), letter), number)
}

// events splits text that comes in blocks of size bytes.
func events(mark, text []byte, size int) (got []string) {
	s := splitter{mark: mark}
	var output []byte
	for len(text) > 0 {
		n := min(size, len(text))
		s.add(text[:n])
		text = text[n:]
		for {
			p, f, ok := s.next()
			if !ok {
				break
			}
			output = append(output, p...)
			if f.letter != 0 {
				got = append(got, string(output), fmt.Sprintf("%c%d", f.letter, f.number))
				output = nil
			}
		}
	}
	return append(got, string(append(output, s.buf...)))
}

func TestSplitter(t *testing.T) {
	mark := newMark()
	text := bytes.Join([][]byte{
		frameText(mark, 'B', 1), []byte("out\x00put"), mark[:10], frameText(mark, 'D', 0xfffefdfc),
		{0, 0}, frameText(mark, 'B', 0), frameText(mark, 'D', 0), []byte("rest"), mark[:9],
	}, nil)
	want := []string{"", "B1", "out\x00put" + string(mark[:10]), "D4294901244", "\x00\x00", "B0", "", "D0", "rest" + string(mark[:9])}
	for size := 1; size <= len(text); size++ {
		if diff := cmp.Diff(want, events(mark, text, size)); diff != "" {
			t.Fatalf("blocks of %d bytes (-want +got):\n%s", size, diff)
		}
	}
}

// FuzzSplitter checks that output comes through whole, however it is cut, and
// that no frame is seen where none was sent.
func FuzzSplitter(f *testing.F) {
	mark := append([]byte{0}, bytes.Repeat([]byte{1}, markLen-1)...)
	f.Add([]byte("plain"), 1)
	f.Add([]byte{0, 1, 1, 0, 1}, 2)
	f.Fuzz(func(t *testing.T, output []byte, size int) {
		if size < 1 || bytes.Contains(output, mark) {
			return
		}
		text := append(bytes.Clone(output), frameText(mark, 'D', 7)...)
		want := []string{string(output), "D7", ""}
		if diff := cmp.Diff(want, events(mark, text, size)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMarks(t *testing.T) {
	a, b := newMark(), newMark()
	if bytes.Equal(a, b) || len(a) != markLen || a[0] != 0 || bytes.IndexByte(a[1:], 0) >= 0 {
		t.Errorf("marks %x, %x", a, b)
	}
}
