package relay

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// message is a handshake message of n bytes of body.
func message(kind byte, n int) []byte {
	return append([]byte{kind, byte(n >> 16), byte(n >> 8), byte(n)}, bytes.Repeat([]byte{kind}, n)...)
}

func record(kind byte, payload []byte) []byte {
	return unit{kind: kind, version: [2]byte{3, 3}}.record(payload)
}

// read returns what a server sends in units, and the error that ended it.
func read(r io.Reader) ([]unit, error) {
	var all []unit
	units := newReader(r)
	for {
		u, err := units.next()
		if err != nil {
			return all, err
		}
		all = append(all, u)
	}
}

func namesOf(units []unit) []string {
	var all []string
	for _, u := range units {
		all = append(all, u.name)
	}
	return all
}

// tls12 is a server's half of a handshake of TLS 1.2.
func tls12(n int) []byte {
	var flight []byte
	for _, m := range [][]byte{message(2, 70), message(11, 1500), message(12, 300), message(14, 0)} {
		flight = append(flight, m...)
	}
	flight = unit{kind: handshake, version: [2]byte{3, 3}, body: flight}.records(n)
	return slices.Concat(flight, record(20, []byte{1}), record(22, make([]byte, 40)), record(23, make([]byte, 60)), record(21, make([]byte, 30)))
}

// TestUnits holds that messages are found however they are framed.
func TestUnits(t *testing.T) {
	want := []string{"server-hello", "certificate", "server-key-exchange", "server-hello-done", "change-cipher-spec", "finished", "data-1", "alert"}
	for _, n := range []int{1, 3, 4, 5, 73, 74, 75, 1400, 1 << 14} {
		got, err := read(iotest.OneByteReader(bytes.NewReader(tls12(n))))
		if diff := cmp.Diff(want, namesOf(got)); diff != "" || err != io.EOF {
			t.Errorf("records of %d: %v (-want +got):\n%s", n, err, diff)
		}
		if len(got) > 1 && !bytes.Equal(got[1].body, message(11, 1500)) {
			t.Errorf("records of %d: the certificate came out otherwise", n)
		}
	}
}

func TestNoUnits(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []byte
		want error
	}{
		{"plain HTTP", []byte("HTTP/1.1 400 Bad Request\r\n"), errNoTLS},
		{"SSL 2", []byte{22, 2, 0, 0, 1, 0}, errNoTLS},
		{"a record that is too long", []byte{22, 3, 3, 0x48, 1}, errNoTLS},
		{"a message of 16 MB", record(22, []byte{11, 255, 255, 255}), errNoTLS},
		{"cut in a header", []byte{22, 3}, io.ErrUnexpectedEOF},
		{"cut in a payload", []byte{22, 3, 3, 0, 4, 2}, io.ErrUnexpectedEOF},
		{"nothing", nil, io.EOF},
	} {
		if got, err := read(bytes.NewReader(c.in)); len(got) > 0 || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.name, namesOf(got), err, c.want)
		}
	}
}

// TestPlayers drives players with a server's half, and reads again what comes
// out.
func TestPlayers(t *testing.T) {
	for act, want := range map[string][]string{
		"faithful":                     {"server-hello", "certificate", "server-key-exchange", "server-hello-done", "change-cipher-spec", "finished", "data-1", "alert"},
		"joined":                       {"server-hello", "certificate", "server-key-exchange", "server-hello-done", "change-cipher-spec", "finished", "data-1", "alert"},
		"split-4":                      {"server-hello", "certificate", "server-key-exchange", "server-hello-done", "change-cipher-spec", "finished", "data-1", "alert"},
		"drop-certificate":             {"server-hello", "server-key-exchange", "server-hello-done", "change-cipher-spec", "finished", "data-1", "alert"},
		"repeat-server-key-exchange":   {"server-hello", "certificate", "server-key-exchange", "server-key-exchange", "server-hello-done", "change-cipher-spec", "finished", "data-1", "alert"},
		"late-certificate":             {"server-hello", "server-key-exchange", "certificate", "server-hello-done", "change-cipher-spec", "finished", "data-1", "alert"},
		"drop-finished":                {"server-hello", "certificate", "server-key-exchange", "server-hello-done", "change-cipher-spec", "data-1", "alert"},
		"hello-request":                {"server-hello", "hello-request", "certificate", "server-key-exchange", "server-hello-done", "change-cipher-spec", "finished", "data-1", "alert"},
		"stalls-before-certificate":    {"server-hello"},
		"closes-after-handshake":       {"server-hello", "certificate", "server-key-exchange", "server-hello-done", "change-cipher-spec", "finished"},
		"resets-before-server-hello":   nil,
		"stalls-before-tls13-finished": {"server-hello", "certificate", "server-key-exchange", "server-hello-done", "change-cipher-spec", "finished", "data-1", "alert"},
	} {
		out, played := perform(t, act, tls12(1<<14))
		got, err := read(bytes.NewReader(out))
		if diff := cmp.Diff(want, namesOf(got)); diff != "" || err != io.EOF {
			t.Errorf("%s: %v (-want +got):\n%s", act, err, diff)
		}
		if want := act != "stalls-before-tls13-finished"; played != want {
			t.Errorf("%s: played %v", act, played)
		}
	}
}

func perform(t *testing.T, act string, in []byte) (out []byte, played bool) {
	t.Helper()
	a, ok := Find(act)
	if !ok {
		t.Fatal(UnknownError(act))
	}
	units, err := read(bytes.NewReader(in))
	if err != io.EOF {
		t.Fatal(err)
	}
	next := a.begin()
	for _, u := range units {
		s := next(u)
		out, played = append(out, s.out...), played || s.played
		if s.end != goOn {
			break
		}
	}
	return out, played
}

func TestRecordSizes(t *testing.T) {
	for act, want := range map[string]int{"split-4": 4, "split-100": 100, "split-512": 512, "split-1400": 1400} {
		out, _ := perform(t, act, tls12(1<<14))
		longest := 0
		for r := newReader(bytes.NewReader(out)); ; {
			u, err := r.record()
			if err != nil {
				break
			}
			if u.kind == handshake && len(u.body) != 40 { // but for the encrypted one
				longest = max(longest, len(u.body))
			}
		}
		if longest != want {
			t.Errorf("%s: the longest record has %d bytes", act, longest)
		}
	}
}

// FuzzReader holds that a server's bytes, whatever they are, come out of the
// faithful act so that they read as the same units again.
func FuzzReader(f *testing.F) {
	f.Add(tls12(100), 7)
	f.Add([]byte("HTTP/1.1 200 OK\r\n"), 1)
	f.Fuzz(func(t *testing.T, in []byte, n int) {
		units, _ := read(bytes.NewReader(in))
		var out []byte
		for _, u := range units {
			out = append(out, u.records(max(1, n&0x3fff))...)
		}
		again, err := read(bytes.NewReader(out))
		if err != io.EOF {
			t.Fatalf("what was passed on does not read: %v", err)
		}
		// Records that went may be of another version where a message came
		// in several.
		same := func(a, b unit) bool { return a.name == b.name && a.kind == b.kind && bytes.Equal(a.body, b.body) }
		if !slices.EqualFunc(units, again, same) {
			t.Errorf("%q came and %q went", namesOf(units), namesOf(again))
		}
	})
}

// FuzzForgeries holds that no message, however malformed, stops the relay.
func FuzzForgeries(f *testing.F) {
	f.Add(message(12, 4), byte(12))
	f.Add(append([]byte{12, 0, 0, 36, 3, 0, 29, 32}, make([]byte, 32)...), byte(12))
	f.Fuzz(func(t *testing.T, body []byte, kind byte) {
		for _, a := range forgeries() {
			next := a.begin()
			for _, name := range names {
				next(unit{name: name, kind: handshake, body: body})
			}
		}
		var v wireView
		v.take(unit{name: "server-hello", kind: handshake, body: body})
		v.take(unit{name: "certificate", kind: handshake, body: body})
	})
}
