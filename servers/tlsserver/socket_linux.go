package tlsserver

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
)

// errAborted says that a client had reset its connection before it could be
// accepted.
var errAborted = errors.New("connection reset before it was accepted")

// An acceptor accepts the connections of a listener, and says where one was
// reset before it could be accepted, which net.TCPListener passes over in
// silence: such a client has connected, and is counted.
type acceptor struct {
	file *os.File
	raw  syscall.RawConn
}

func newAcceptor(l *net.TCPListener) (acceptor, error) {
	file, err := l.File()
	if err != nil {
		return acceptor{}, err
	}
	raw, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return acceptor{}, err
	}
	return acceptor{file, raw}, nil
}

func (a acceptor) Close() error { return a.file.Close() }

// Accept waits for a connection and returns it with its client's address. Its
// error is errAborted, or says that nothing more will be accepted.
func (a acceptor) Accept() (*net.TCPConn, netip.AddrPort, error) {
	for {
		var fd int
		var from syscall.Sockaddr
		var err error
		closed := a.raw.Read(func(listener uintptr) bool {
			fd, from, err = syscall.Accept4(int(listener), syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
			return err != syscall.EAGAIN
		})
		if closed != nil {
			return nil, netip.AddrPort{}, closed
		}
		switch err {
		case nil:
			return tcpConn(fd, from)
		case syscall.ECONNABORTED:
			return nil, netip.AddrPort{}, errAborted
		case syscall.EINTR:
		default:
			return nil, netip.AddrPort{}, os.NewSyscallError("accept4", err)
		}
	}
}

// tcpConn makes a connection of an accepted socket. Where its client's address
// comes from matters: of a connection that has been reset since, the socket no
// longer knows it.
func tcpConn(fd int, from syscall.Sockaddr) (*net.TCPConn, netip.AddrPort, error) {
	var peer netip.AddrPort
	switch sa := from.(type) {
	case *syscall.SockaddrInet4:
		peer = netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *syscall.SockaddrInet6:
		peer = netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).Unmap(), uint16(sa.Port))
	}
	f := os.NewFile(uintptr(fd), "tcp")
	defer f.Close() // FileConn duplicates it
	c, err := net.FileConn(f)
	if err != nil {
		return nil, peer, errAborted
	}
	return c.(*net.TCPConn), peer, nil // with TCP_NODELAY, as all of package net's
}

// acknowledgeAtOnce turns delayed acknowledgements off until the kernel turns
// them on again: tcp(7), TCP_QUICKACK.
func acknowledgeAtOnce(c *net.TCPConn) {
	raw, err := c.SyscallConn()
	if err != nil {
		return // closed: the read that follows says so
	}
	raw.Control(func(fd uintptr) {
		syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) // a wish, not a need
	})
}
