//go:build !linux

package tlsserver

import (
	"errors"
	"net"
	"net/netip"
)

// errAborted is not told here: net.TCPListener passes over connections that
// were reset before they could be accepted.
var errAborted = errors.New("connection reset before it was accepted")

type acceptor struct{ tcp *net.TCPListener }

func newAcceptor(l *net.TCPListener) (acceptor, error) { return acceptor{l}, nil }

func (a acceptor) Close() error { return a.tcp.Close() }

func (a acceptor) Accept() (*net.TCPConn, netip.AddrPort, error) {
	c, err := a.tcp.AcceptTCP()
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	return c, peerOf(c.RemoteAddr()), nil
}

func acknowledgeAtOnce(*net.TCPConn) {}
