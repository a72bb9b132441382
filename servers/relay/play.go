package relay

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"time"
)

// An end says what becomes of a connection after a step.
type end int

const (
	goOn  end = iota
	stall     // send nothing more and wait for the client to give up
	shut      // close in order
	reset     // close with a TCP reset
)

// A step is what a relay does on a unit of the server's.
type step struct {
	out    []byte
	slow   bool          // byte by byte, each in a segment of its own
	pause  time.Duration // between those bytes
	end    end
	played bool // what sets the act apart has been done
}

// A player makes steps of the units of one connection, in their order.
type player func(unit) step

func pass(u unit) step { return step{out: u.bytes()} }

// faithful passes everything on. Its part is played by what the relay hears.
func faithful() player {
	return func(u unit) step { return step{out: u.bytes(), played: true} }
}

// before ends the connection where the unit of that name is due.
func before(name string, e end) func() player {
	return func() player {
		return func(u unit) step {
			if u.name != name {
				return pass(u)
			}
			return step{end: e, played: true}
		}
	}
}

// within ends the connection in the middle of the unit of that name.
func within(name string, e end) func() player {
	return func() player {
		return func(u unit) step {
			if u.name != name {
				return pass(u)
			}
			whole := u.bytes()
			return step{out: whole[:len(whole)/2], end: e, played: true}
		}
	}
}

// after ends the connection behind the unit of that name.
func after(name string, e end) func() player {
	return func() player {
		return func(u unit) step {
			if u.name != name {
				return pass(u)
			}
			return step{out: u.bytes(), end: e, played: true}
		}
	}
}

// twice sends the unit of that name twice, and ends there.
func twice(name string) func() player {
	return func() player {
		return func(u unit) step {
			if u.name != name {
				return pass(u)
			}
			return step{out: slices.Concat(u.bytes(), u.bytes()), end: stall, played: true}
		}
	}
}

// instead answers the client with something else, and closes.
func instead(out string) func() player {
	return func() player {
		return func(unit) step { return step{out: []byte(out), end: shut, played: true} }
	}
}

// slowly sends byte by byte.
func slowly(pause time.Duration) func() player {
	return func() player {
		return func(u unit) step { return step{out: u.bytes(), slow: true, pause: pause, played: true} }
	}
}

// split cuts plaintext messages into records of n bytes.
func split(n int) func() player {
	return func() player {
		return func(u unit) step {
			return step{out: u.records(n), played: u.kind == handshake && len(u.body) > n}
		}
	}
}

// join puts the messages of the server's first flight into one record: RFC
// 5246 section 6.2.1 allows it as far as 2^14 bytes go.
func join() player {
	var held []byte
	return func(u unit) step {
		if u.kind != handshake || u.name == "finished" {
			return pass(u)
		}
		held = append(held, u.body...)
		if u.name != "server-hello-done" {
			return step{}
		}
		u.body = held
		return step{out: u.bytes(), played: len(held) <= 1<<14}
	}
}

// drop leaves the unit of that name out.
func drop(name string) func() player {
	return alter(name, func(unit) []byte { return nil })
}

// repeat sends the unit of that name twice.
func repeat(name string) func() player {
	return alter(name, func(u unit) []byte { return slices.Concat(u.bytes(), u.bytes()) })
}

// prefix sends a message of the given bytes before the unit of that name.
func prefix(name string, message ...byte) func() player {
	return alter(name, func(u unit) []byte {
		return slices.Concat(unit{kind: handshake, version: u.version, body: message}.bytes(), u.bytes())
	})
}

// alter sends other bytes for the unit of that name.
func alter(name string, change func(unit) []byte) func() player {
	return func() player {
		return func(u unit) step {
			if u.name != name {
				return pass(u)
			}
			return step{out: change(u), played: true}
		}
	}
}

// late sends the unit of that name after the one that follows it.
func late(name string) func() player {
	return func() player {
		var held []byte
		return func(u unit) step {
			switch {
			case u.name == name:
				held = u.bytes()
				return step{}
			case held != nil:
				out := slices.Concat(u.bytes(), held)
				held = nil
				return step{out: out, played: true}
			}
			return pass(u)
		}
	}
}

// changed sends a copy of the message, changed in place.
func changed(change func(message []byte)) func(unit) []byte {
	return func(u unit) []byte {
		u.body = slices.Clone(u.body)
		change(u.body)
		return u.bytes()
	}
}

// noCertificates is a Certificate message with an empty list.
func noCertificates(u unit) []byte {
	u.body = []byte{certificate, 0, 0, 3, 0, 0, 0}
	return u.bytes()
}

// tooLong claims a record of one byte more than a record can have.
func tooLong(u unit) []byte {
	head := u.record(nil)
	binary.BigEndian.PutUint16(head[3:], maxPayload+1)
	return slices.Concat(head, make([]byte, maxPayload+1))
}

// Offsets in a ServerHello: header 4, version 2, random 32, then the session
// identifier behind its length.
const (
	atVersion = 4
	atSession = 4 + 2 + 32
)

// selectVersion changes the ServerHello's legacy_version.
func selectVersion(version uint16) func([]byte) {
	return func(m []byte) {
		if len(m) >= atVersion+2 {
			binary.BigEndian.PutUint16(m[atVersion:], version)
		}
	}
}

// selectSuite changes the ServerHello's cipher_suite.
func selectSuite(suite uint16) func([]byte) {
	return func(m []byte) {
		if at := suiteOffset(m); at > 0 {
			binary.BigEndian.PutUint16(m[at:], suite)
		}
	}
}

// suiteOffset is where a ServerHello has its cipher_suite, 0 in one that is
// too short.
func suiteOffset(m []byte) int {
	if len(m) <= atSession {
		return 0
	}
	if at := atSession + 1 + int(m[atSession]); len(m) >= at+2 {
		return at
	}
	return 0
}

// curves of named_curve that [forgeKeyExchange] knows: RFC 8446 section
// 4.2.7.
var curves = map[uint16]ecdh.Curve{23: ecdh.P256(), 24: ecdh.P384(), 25: ecdh.P521(), 29: ecdh.X25519()}

// forgeKeyExchange puts a key of the relay's own into a ServerKeyExchange of
// ECDHE and leaves the server's signature as it is: what a man in the middle
// can do who relays the real chain and holds no key. RFC 8422 section 5.4.
func forgeKeyExchange(m []byte) {
	const at = 4 // curve_type 1, named_curve 2, length 1, point
	if len(m) < at+4 || m[at] != 3 {
		return
	}
	curve := curves[binary.BigEndian.Uint16(m[at+1:])]
	if curve == nil || len(m) < at+4+int(m[at+3]) {
		return
	}
	key, err := curve.GenerateKey(rand.Reader)
	if err == nil && len(key.PublicKey().Bytes()) == int(m[at+3]) {
		copy(m[at+4:], key.PublicKey().Bytes())
	}
}
