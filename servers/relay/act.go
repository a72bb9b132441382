package relay

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"time"
)

// An Act is something that a relay can do to a connection.
type Act struct {
	Name string
	Is   string // in a sentence
	// Version is the version of TLS in which alone it can be done, which the
	// server must be made to choose; 0 where any will do.
	Version uint16

	greet step // at once, before anything was read
	begin func() player
}

// dripping is the pause between two bytes of a drip. One a second is what an
// attacker would take; the rig has no time for that, and a client can not
// tell, for it is faster than any timeout that it may have set.
const dripping = 20 * time.Millisecond

// Garbage that is no TLS from its first byte on, and a web server's answer to
// a request in TLS.
const (
	garbage   = "\xde\xad\xbe\xef\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
	plainHTTP = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 18\r\n\r\nthis is plain HTTP\n"
)

// Acts returns the table of all acts, in a fixed order.
func Acts() []Act {
	return slices.Concat(framing(), disorder(), forgeries(), strangers(), breaks())
}

// framing is what RFC 5246 section 6.2.1 leaves to a sender.
func framing() []Act {
	acts := []Act{
		{Name: "faithful", Is: "everything is passed on as it is", begin: faithful},
		{Name: "byte-by-byte", Is: "each byte comes in a TCP segment of its own", begin: slowly(0)},
		{Name: "joined", Is: "the server's first flight comes in one record", Version: tls.VersionTLS12, begin: func() player { return join() }},
	}
	for _, n := range []int{4, 100, 512, 1400} {
		acts = append(acts, Act{
			Name: fmt.Sprintf("split-%d", n), Version: tls.VersionTLS12, begin: split(n),
			Is: fmt.Sprintf("handshake messages come in records of %d bytes", n),
		})
	}
	return acts
}

// disorder is what RFC 5246 section 7.3 calls a fatal error.
func disorder() []Act {
	var acts []Act
	for _, m := range []string{"certificate", "server-key-exchange"} {
		acts = append(acts,
			Act{Name: "drop-" + m, Is: "the server's " + m + " does not come", begin: drop(m)},
			Act{Name: "repeat-" + m, Is: "the server's " + m + " comes twice", begin: repeat(m)},
			Act{Name: "late-" + m, Is: "the server's " + m + " comes after the message that follows it", begin: late(m)},
		)
	}
	acts = append(acts,
		Act{Name: "drop-finished", Is: "the server's finished does not come", begin: drop("finished")},
		// A client may have sent its data before the second one comes.
		Act{Name: "repeat-finished", Is: "the server's finished comes twice, and nothing goes to the server any more", begin: twice("finished")},
		Act{Name: "late-change-cipher-spec", Is: "the server's finished comes before its change-cipher-spec", begin: late("change-cipher-spec")},
		Act{Name: "drop-change-cipher-spec", Is: "the server's change-cipher-spec does not come", begin: drop("change-cipher-spec")},
	)
	for i := range acts {
		acts[i].Version = tls.VersionTLS12
	}
	return acts
}

// forgeries are messages that the server did not send so.
func forgeries() []Act {
	return []Act{
		{Name: "forged-key-exchange", Version: tls.VersionTLS12, begin: alter("server-key-exchange", changed(forgeKeyExchange)),
			Is: "a man in the middle relays the real chain and puts a key of his own under the server's signature"},
		{Name: "empty-certificate-list", Version: tls.VersionTLS12, begin: alter("certificate", noCertificates),
			Is: "the server's certificate message holds no certificate"},
		{Name: "suite-not-offered", Version: tls.VersionTLS12, begin: alter("server-hello", changed(selectSuite(tls.TLS_RSA_WITH_RC4_128_SHA))),
			Is: "the server chooses a cipher suite that no camera offers"},
		{Name: "version-not-offered", Version: tls.VersionTLS12, begin: alter("server-hello", changed(selectVersion(tls.VersionTLS11))),
			Is: "the server chooses TLS 1.1"},
		{Name: "record-too-long", begin: alter("server-hello", tooLong),
			Is: "the server's first record is longer than a record can be"},
		{Name: "hello-request", Version: tls.VersionTLS12, begin: prefix("certificate", helloRequest, 0, 0, 0),
			Is: "the server asks for a renegotiation in the middle of the handshake"},
	}
}

// strangers speak no TLS.
func strangers() []Act {
	return []Act{
		{Name: "garbage", Is: "the server answers with bytes that are no TLS", begin: instead(garbage)},
		{Name: "plain-http", Is: "the server answers in plain HTTP", begin: instead(plainHTTP)},
	}
}

// breaks end a connection, or let it hang, at each message.
func breaks() []Act {
	acts := []Act{
		{Name: "closes-at-once", Is: "the server closes without a word", greet: step{end: shut, played: true}},
		{Name: "resets-at-once", Is: "the server resets the connection at once", greet: step{end: reset, played: true}},
		{Name: "drips", Is: "the server's bytes come one by one, and slowly", begin: slowly(dripping)},
		{Name: "closes-in-certificate", Is: "the server closes in the middle of its certificate", Version: tls.VersionTLS12, begin: within("certificate", shut)},
		{Name: "resets-in-certificate", Is: "the server resets in the middle of its certificate", Version: tls.VersionTLS12, begin: within("certificate", reset)},
		{Name: "stalls-in-certificate", Is: "the server stalls in the middle of its certificate", Version: tls.VersionTLS12, begin: within("certificate", stall)},
		{Name: "closes-after-handshake", Is: "the server closes right after its finished", Version: tls.VersionTLS12, begin: after("finished", shut)},
		{Name: "resets-after-handshake", Is: "the server resets right after its finished", Version: tls.VersionTLS12, begin: after("finished", reset)},
		{Name: "stalls-after-handshake", Is: "the server says nothing after its finished", Version: tls.VersionTLS12, begin: after("finished", stall)},
	}
	for _, m := range []string{"server-hello", "certificate", "server-key-exchange", "server-hello-done", "change-cipher-spec", "finished"} {
		acts = append(acts, breaksBefore("", m, m, tls.VersionTLS12)...)
	}
	// The rig's own server sends each of these in a record of its own.
	for i, m := range []string{"encrypted-extensions", "certificate", "certificate-verify", "finished"} {
		acts = append(acts, breaksBefore("tls13-", m, fmt.Sprintf("data-%d", i+1), tls.VersionTLS13)...)
	}
	return acts
}

func breaksBefore(prefix, message, unit string, version uint16) []Act {
	return []Act{
		{Name: "stalls-before-" + prefix + message, Version: version, begin: before(unit, stall), Is: "the server stalls where its " + message + " is due"},
		{Name: "closes-before-" + prefix + message, Version: version, begin: before(unit, shut), Is: "the server closes where its " + message + " is due"},
		{Name: "resets-before-" + prefix + message, Version: version, begin: before(unit, reset), Is: "the server resets where its " + message + " is due"},
	}
}

// Find returns the act of a name.
func Find(name string) (Act, bool) {
	acts := Acts()
	i := slices.IndexFunc(acts, func(a Act) bool { return a.Name == name })
	if i < 0 {
		return Act{}, false
	}
	return acts[i], true
}

// An UnknownError is the name of an act that is not in the table.
type UnknownError string

func (e UnknownError) Error() string {
	var names []string
	for _, a := range Acts() {
		names = append(names, a.Name)
	}
	return fmt.Sprintf("a relay has no act %q; it has %s", string(e), strings.Join(names, ", "))
}
