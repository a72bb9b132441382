package servers

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"strings"

	"trustrig/servers/tlsserver"
)

// A Kind says where the servers run.
type Kind string

const (
	Auto      Kind = "auto"      // in Docker where it answers, else in the rig's process
	Docker    Kind = "docker"    // in Docker or not at all
	InProcess Kind = "inprocess" // in the rig's process
)

// ParseKind reads a kind as a user writes it.
func ParseKind(s string) (Kind, error) {
	switch k := Kind(s); k {
	case Auto, Docker, InProcess:
		return k, nil
	}
	return "", fmt.Errorf("no servers of kind %q: it is %s, %s or %s", s, Docker, InProcess, Auto)
}

// Options are what to start.
type Options struct {
	Kind Kind // Auto if empty
	// Addr is the address to listen on, 127.0.0.1 unless given. A real
	// camera needs one that its network reaches.
	Addr netip.Addr
	// Listeners is how many endpoints can be open at once,
	// [tlsserver.DefaultListeners] unless given.
	Listeners int
	// Cache is the folder in which the container's server is built, the
	// system's temporary folder unless given.
	Cache string
}

// A Server has endpoints to open: see [tlsserver.Client]. It is safe for
// concurrent use.
type Server struct {
	*tlsserver.Client
	kind Kind
	why  string
	addr netip.Addr // that endpoints listen on
	stop func() error
}

// Kind returns Docker or InProcess.
func (s *Server) Kind() Kind { return s.kind }

// Why says in one line where the servers run, and why there.
func (s *Server) Why() string { return s.why }

// Close ends the servers and removes what was started for them. It returns
// once nothing is left running.
func (s *Server) Close() error {
	s.Client.Close() // a connection that is gone already is as good
	return s.stop()
}

// A SetupError means that no servers can be had as they were asked for, and
// what to do about it.
type SetupError struct {
	Problem string // in a few words
	Hint    string // what to do
	Err     error  // what happened
}

func (e *SetupError) Error() string {
	return fmt.Sprintf("%s: %s; %s", e.Problem, oneLine(e.Err), e.Hint)
}

func (e *SetupError) Unwrap() error { return e.Err }

// Start starts the servers. Its error is a *[SetupError] unless ctx has ended.
func Start(ctx context.Context, o Options) (*Server, error) {
	o.Kind = cmp.Or(o.Kind, Auto)
	o.Addr = cmp.Or(o.Addr, netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	o.Listeners = cmp.Or(o.Listeners, tlsserver.DefaultListeners)
	if o.Kind == InProcess {
		return startInProcess(ctx, o, "servers: in-process, as asked")
	}
	s, err := startDocker(ctx, o)
	switch {
	case err == nil:
		return s, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("starting servers in Docker: %w", err)
	case o.Kind == Docker:
		return nil, err
	}
	return startInProcess(ctx, o, "servers: in-process, because Docker was of no use: "+oneLine(err))
}

// oneLine makes one line of an error that may have several.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
