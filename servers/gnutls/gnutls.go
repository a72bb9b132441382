// Package gnutls is gnutls-serv, the server of GnuTLS, as a stack.
package gnutls

import (
	"embed"
	"strings"

	"trustrig/servers/docker"
	"trustrig/servers/stack"
)

//go:embed Dockerfile entry.sh
var files embed.FS

const (
	// TLS12 ends the names of sites that speak TLS 1.2 and nothing newer.
	TLS12 = "-tls12"
	// Renegotiation is what the software does, in TLS 1.2, with a client that
	// says the line [AskRenegotiation]: it sends a HelloRequest, answers with
	// a line, and goes on.
	Renegotiation    = "renegotiation"
	AskRenegotiation = "**REHANDSHAKE**"
)

// Software returns the stack. It answers a line, the client's nonce, with the
// same line: that the answer came under the session's keys is what it shows.
// It listens on every address it has and so gets a network of its own.
func Software() (stack.Software, error) {
	image, err := stack.Embedded(files, "Dockerfile", "entry.sh")
	if err != nil {
		return stack.Software{}, err
	}
	return stack.Software{
		Name: "gnutls", Files: image, Configure: configure, Read: read, Fence: stack.FenceTLS,
		UpEach: true, Published: true,
	}, nil
}

func configure(c stack.Config) ([]docker.File, error) {
	return stack.Templates{Site: "{{.Port}}\n", SiteName: "port"}.Files(c)
}

// read reads a line of gnutls-serv behind its site's name.
func read(line string) (stack.Event, bool) {
	rest, ok := strings.CutPrefix(line, "trustrig-said ")
	if !ok {
		return stack.Event{}, false
	}
	site, said, _ := strings.Cut(rest, " ")
	e := stack.Event{Site: site}
	switch got, isLine := strings.CutPrefix(said, "received cmd: "); {
	case isLine && got == AskRenegotiation:
		return e, false
	case said == "*** Sending rehandshake request":
		e.Played = Renegotiation
	case isLine && strings.HasPrefix(got, "fence-"):
		e.Token = got
	case isLine:
		e.Received, e.Reply = got, got
	case strings.HasPrefix(said, "Echo Server listening on IPv4 ") && strings.HasSuffix(said, "done"):
		e.Up = true
	case strings.HasPrefix(said, "Error in handshake: "):
		e.Error = said
	case strings.HasPrefix(said, "trustrig-ended "):
		e.Refused = "gnutls-serv ended: " + strings.TrimPrefix(said, "trustrig-ended ")
	default:
		return e, false
	}
	return e, true
}
