package tlsserver

// Record types: RFC 8446 section 5.1, where they are called content types.
const (
	recordChangeCipherSpec = 20
	recordAlert            = 21
	recordHandshake        = 22
	recordApplicationData  = 23
	recordHeartbeat        = 24
)

// maxRecord is the largest length field of a record: 2^14 bytes and what
// encryption may add in TLS 1.2 (RFC 5246 section 6.2.3).
const maxRecord = 1<<14 + 2048

// A records splits one direction of a connection into TLS records as the
// bytes pass, however they are cut.
type records struct {
	header   [5]byte
	have     int // bytes of header
	left     int // bytes of the record's payload that have not come yet
	length   int
	payload  []byte
	garbled  bool // this is no TLS, or no longer: nothing more is read
	onRecord func(kind byte, length int, payload []byte)
	// keep is how many bytes of a payload of this type onRecord wants.
	keep func(kind byte) int
}

func (r *records) write(b []byte) {
	for len(b) > 0 && !r.garbled {
		if r.have < len(r.header) {
			n := copy(r.header[r.have:], b)
			r.have += n
			b = b[n:]
			if r.have == len(r.header) {
				r.begin()
			}
			continue
		}
		n := min(r.left, len(b))
		if room := r.keep(r.header[0]) - len(r.payload); room > 0 {
			r.payload = append(r.payload, b[:min(n, room)]...)
		}
		r.left -= n
		b = b[n:]
		if r.left == 0 {
			r.end()
		}
	}
}

// begin takes a whole header. A server that is sent no TLS at all, plain HTTP
// say, must not wait for a record of thousands of bytes.
func (r *records) begin() {
	r.length = int(r.header[3])<<8 | int(r.header[4])
	kind, major := r.header[0], r.header[1]
	if kind < recordChangeCipherSpec || kind > recordHeartbeat || major != 3 || r.length > maxRecord {
		r.garbled = true
		return
	}
	r.left = r.length
	r.payload = r.payload[:0]
	if r.left == 0 {
		r.end()
	}
}

func (r *records) end() {
	r.have = 0
	r.onRecord(r.header[0], r.length, r.payload)
}
