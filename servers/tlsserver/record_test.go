package tlsserver

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A record is what a test sees of one.
type record struct {
	Kind    byte
	Length  int
	Payload string
}

// readRecords splits b, which comes in pieces of n bytes, keeping 4 bytes of
// each payload.
func readRecords(b []byte, n int) (got []record, garbled bool) {
	r := records{
		keep:     func(byte) int { return 4 },
		onRecord: func(kind byte, length int, payload []byte) { got = append(got, record{kind, length, string(payload)}) },
	}
	for len(b) > 0 {
		cut := min(n, len(b))
		r.write(b[:cut])
		b = b[cut:]
	}
	return got, r.garbled
}

func TestRecords(t *testing.T) {
	for _, c := range []struct {
		name    string
		in      string
		want    []record
		garbled bool
	}{
		{name: "nothing"},
		{name: "an alert", in: "\x15\x03\x03\x00\x02\x02\x30", want: []record{{21, 2, "\x02\x30"}}},
		{name: "half an alert", in: "\x15\x03\x03\x00\x02\x02"},
		{name: "half a header", in: "\x15\x03\x03"},
		{
			name: "records in a row, one of them empty",
			in:   "\x16\x03\x01\x00\x05hello\x17\x03\x03\x00\x00\x14\x03\x03\x00\x01\x01",
			want: []record{{22, 5, "hell"}, {23, 0, ""}, {20, 1, "\x01"}},
		},
		{name: "SSL 2", in: "\x80\x2e\x01\x03\x01\x00\x15", garbled: true},
		{name: "plain HTTP", in: "GET / HTTP/1.1\r\n\r\n", garbled: true},
		{name: "a record that is too long", in: "\x16\x03\x03\x48\x01", garbled: true},
		{name: "a record as long as can be", in: "\x16\x03\x03\x48\x00" + string(make([]byte, 0x4800)), want: []record{{22, 0x4800, "\x00\x00\x00\x00"}}},
		{name: "garbage after an alert", in: "\x15\x03\x03\x00\x02\x02\x30GET / HTTP", want: []record{{21, 2, "\x02\x30"}}, garbled: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, n := range []int{1, 2, 3, 4, 5, 6, 7, 8, 1 << 20} {
				got, garbled := readRecords([]byte(c.in), n)
				if diff := cmp.Diff(c.want, got); diff != "" || garbled != c.garbled {
					t.Errorf("in pieces of %d: garbled %v, records (-want +got):\n%s", n, garbled, diff)
				}
			}
		})
	}
}

// FuzzRecords holds that how the bytes are cut changes nothing, and that no
// more is kept than was asked for.
func FuzzRecords(f *testing.F) {
	f.Add([]byte("\x16\x03\x01\x00\x05hello\x15\x03\x03\x00\x02\x02\x30"), 3)
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"), 1)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		if n < 1 {
			return
		}
		whole, garbledWhole := readRecords(bytes.Clone(b), len(b)+1)
		cut, garbledCut := readRecords(b, n)
		if diff := cmp.Diff(whole, cut); diff != "" || garbledWhole != garbledCut {
			t.Errorf("in one piece and in pieces of %d: garbled %v, %v\n%s", n, garbledWhole, garbledCut, diff)
		}
		for _, r := range whole {
			if len(r.Payload) > min(4, r.Length) {
				t.Errorf("kept %d bytes of %+v", len(r.Payload), r)
			}
		}
	})
}
