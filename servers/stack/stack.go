// Package stack runs server software of the field in containers, to present
// the same chains as the rig's own server does: see packages nginx, haproxy,
// mosquitto and gnutls.
//
// One container of each software has a site a chain. A connection to a site
// goes through a relay, which hears the client's alert; what the software
// decrypted it tells itself, in its log. That the log is complete is known by
// a fence: a request of the rig's own, which the software logs after whatever
// came before.
package stack

import (
	"context"
	"net/netip"

	"trustrig/servers/docker"
)

// A Software is one stack.
type Software struct {
	Name string
	// Files make its image: a Dockerfile, whose base is [Base], and what that
	// copies. The image's entry point prints a line that begins with
	// [Starting] first.
	Files []docker.File
	// Configure returns the files that the container is given.
	Configure func(Config) ([]docker.File, error)
	// Read makes an event of a line of the log, if it tells of one.
	Read func(line string) (Event, bool)
	// UpEach is whether each site says by itself that it is up.
	UpEach bool
	// Published is whether it can not be told to listen on loopback alone.
	Published bool
	// Fence makes the software log the token; it is given the control port,
	// or where there is none, the site's.
	Fence func(ctx context.Context, at netip.AddrPort, token string) error
	// Tells is how many sources of events there are, from each of which the
	// token comes; 0 means one, the log.
	Tells int
	// Attend, which may be nil, starts what answers clients beside the
	// software, at its control port. What it returns ends it.
	Attend func(ctx context.Context, control netip.AddrPort, tell func(Event)) (stop func() error, err error)
}

const (
	// Base stands in Dockerfiles for the name of the base image.
	Base = "debian:trixie-slim"
	// Starting begins the first line that a container prints.
	Starting = "trustrig-starting"
)

// A Config is what a software is to serve.
type Config struct {
	Addr    netip.Addr
	Control uint16 // a port without TLS, for the rig
	Sites   []Site
}

// A Site is one chain on one port.
type Site struct {
	Name  string
	Port  uint16
	Chain []byte // in PEM, as it is to be sent
	Key   []byte // in PEM
}

// An Event is what a line of a log tells.
type Event struct {
	Up      bool   // the software serves; with UpEach, the Site does
	Site    string // by name, "" where unknown
	Client  uint16 // the client's port, 0 where unknown
	Port    uint16 // the Site's port, 0 where unknown
	Refused string // why the software does not serve the Site
	// Received is the client's nonce, and Reply the software's answer.
	Received, Reply string
	Token           string // of a fence
	Error           string // why a handshake failed
	Played          string // a behaviour that the software has shown
}
