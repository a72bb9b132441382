package tlsserver

import (
	"net"
	"syscall"
)

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
