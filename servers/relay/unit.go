package relay

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// Record types (RFC 8446 section 5.1) and handshake types (section 4, and
// RFC 5246 section 7.4).
const (
	changeCipherSpec = 20
	alert            = 21
	handshake        = 22
	applicationData  = 23

	helloRequest      = 0
	serverHello       = 2
	certificate       = 11
	serverKeyExchange = 12
)

// maxPayload bounds a record: 2^14 bytes and what encryption may add in
// TLS 1.2 (RFC 5246 section 6.2.3). maxMessage bounds a message that is put
// together from records.
const (
	maxPayload = 1<<14 + 2048
	maxMessage = 1 << 18
)

// names are the messages that a server sends in plaintext.
var names = map[byte]string{
	helloRequest: "hello-request", serverHello: "server-hello", 4: "new-session-ticket",
	certificate: "certificate", serverKeyExchange: "server-key-exchange", 13: "certificate-request",
	14: "server-hello-done", 22: "certificate-status",
}

// A unit is one handshake message in plaintext, or one record of anything
// else.
type unit struct {
	// name is the message's, or what the record is: "change-cipher-spec",
	// "alert", "finished" for a handshake record under encryption (in
	// TLS 1.2 the server sends but one), "data-1", "data-2", … for those of
	// application data.
	name    string
	kind    byte    // of record
	version [2]byte // of record
	body    []byte  // the message with its header, or the record's payload
}

// bytes is the unit in as few records as can be.
func (u unit) bytes() []byte { return u.records(1 << 14) }

// records is the unit in records of n bytes of payload.
func (u unit) records(n int) []byte {
	if u.kind != handshake || u.name == "finished" {
		n = max(1, len(u.body)) // what is encrypted can not be cut
	}
	if len(u.body) == 0 {
		return u.record(nil)
	}
	var out []byte
	for body := u.body; len(body) > 0; {
		cut := min(n, len(body))
		out = append(out, u.record(body[:cut])...)
		body = body[cut:]
	}
	return out
}

func (u unit) record(payload []byte) []byte {
	head := []byte{u.kind, u.version[0], u.version[1], byte(len(payload) >> 8), byte(len(payload))}
	return append(head, payload...)
}

// errNoTLS means that the server does not speak TLS, or no longer.
var errNoTLS = errors.New("the server sent what is no TLS record")

// A reader makes units of what a server sends.
type reader struct {
	r       *bufio.Reader
	sealed  bool   // after ChangeCipherSpec handshake records are encrypted
	pending []byte // handshake bytes that make no whole message yet
	from    unit   // the record that they are from
	data    int    // records of application data so far
}

func newReader(r io.Reader) *reader { return &reader{r: bufio.NewReader(r)} }

// next returns the next unit. Its error is io.EOF where the server has closed
// between two units.
func (r *reader) next() (unit, error) {
	for {
		if u, ok, err := r.message(); ok || err != nil {
			return u, err
		}
		u, err := r.record()
		if err != nil {
			return unit{}, err
		}
		switch {
		case u.kind == handshake && !r.sealed:
			r.pending, r.from = append(r.pending, u.body...), u
			continue
		case u.kind == handshake:
			u.name = "finished"
		case u.kind == changeCipherSpec:
			u.name, r.sealed = "change-cipher-spec", true
		case u.kind == alert:
			u.name = "alert"
		default:
			r.data++
			u.name = fmt.Sprintf("data-%d", r.data)
		}
		return u, nil
	}
}

// message takes a whole handshake message off what is pending.
func (r *reader) message() (unit, bool, error) {
	const header = 4
	if len(r.pending) < header {
		return unit{}, false, nil
	}
	length := header + int(r.pending[1])<<16 + int(r.pending[2])<<8 + int(r.pending[3])
	if length > maxMessage {
		return unit{}, false, errNoTLS
	}
	if len(r.pending) < length {
		return unit{}, false, nil
	}
	u := r.from
	u.body, r.pending = r.pending[:length:length], r.pending[length:]
	u.name = names[u.body[0]]
	if u.name == "" {
		u.name = fmt.Sprintf("handshake-%d", u.body[0])
	}
	return u, true, nil
}

// record reads one record.
func (r *reader) record() (unit, error) {
	var head [5]byte
	if _, err := io.ReadFull(r.r, head[:]); err != nil {
		return unit{}, err
	}
	length := int(head[3])<<8 | int(head[4])
	if head[0] < changeCipherSpec || head[0] > applicationData+1 || head[1] != 3 || length > maxPayload {
		return unit{}, errNoTLS
	}
	u := unit{kind: head[0], version: [2]byte{head[1], head[2]}, body: make([]byte, length)}
	if _, err := io.ReadFull(r.r, u.body); err != nil {
		return unit{}, fmt.Errorf("in the middle of a record: %w", io.ErrUnexpectedEOF)
	}
	return u, nil
}
