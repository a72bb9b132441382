package sntp

import (
	"encoding/binary"
	"time"
)

// packetSize is the length of a message without the optional authenticator
// (RFC 4330 section 4).
const packetSize = 48

// Leap indicators and modes of RFC 4330 section 4.
const (
	leapNone           = 0
	leapUnsynchronised = 3

	modeActive  = 1 // symmetric active
	modePassive = 2 // symmetric passive
	modeClient  = 3
	modeServer  = 4
)

// A timestamp is NTP's: seconds since 1900 modulo 2^32, and a fraction of a
// second, of 32 bits each.
type timestamp uint64

// era0 is the instant that timestamps count from; eras are 2^32 s apart.
var era0 = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

func stamp(t time.Time) timestamp {
	seconds := uint32(t.Unix() - era0) // modulo 2^32 is what the format does
	fraction := uint64(t.Nanosecond()) << 32 / uint64(time.Second)
	return timestamp(uint64(seconds)<<32 | fraction)
}

// firstHeard is the first second that MicroPython's ntptime can hear.
var firstHeard = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// Heard returns what MicroPython's ntptime makes of an answer that says t. It
// drops the fraction, and adds 2^32 s to what would be before 2024, so that it
// can be set to the years 2024 to 2160 and to no other (micropython-lib,
// micropython/net/ntptime, version 0.1.1).
func Heard(t time.Time) time.Time {
	seconds := uint32(t.Unix() - firstHeard.Unix()) // the turn that begins with firstHeard
	return firstHeard.Add(time.Duration(seconds) * time.Second)
}

// A request is what a client asked, as far as the answer depends on it.
type request struct {
	version  uint8
	mode     uint8
	poll     byte
	transmit timestamp
}

// parse reads a request. Short ones, and those that no server answers, are
// not ok.
func parse(b []byte) (r request, ok bool) {
	if len(b) > 0 {
		r.version, r.mode = b[0]>>3&7, b[0]&7
	}
	if len(b) < packetSize {
		return r, false
	}
	r.poll, r.transmit = b[2], timestamp(binary.BigEndian.Uint64(b[40:]))
	return r, r.mode == modeClient || r.mode == modeActive
}

// A reply is a server's message as RFC 4330 section 6 has it.
type reply struct {
	leap      uint8
	stratum   byte
	reference string // identifier: four ASCII characters
	now       time.Time
	transmit  timestamp
}

// encode answers the request.
func (r reply) encode(q request) []byte {
	mode := byte(modeServer)
	if q.mode == modeActive {
		mode = modePassive
	}
	b := make([]byte, packetSize)
	b[0] = r.leap<<6 | q.version<<3 | mode
	b[1] = r.stratum
	b[2] = q.poll
	b[3] = 0xec // precision: 2^-20 s
	copy(b[12:16], r.reference)
	binary.BigEndian.PutUint64(b[16:], uint64(stamp(r.now)))
	binary.BigEndian.PutUint64(b[24:], uint64(q.transmit))
	binary.BigEndian.PutUint64(b[32:], uint64(stamp(r.now)))
	binary.BigEndian.PutUint64(b[40:], uint64(r.transmit))
	return b
}
