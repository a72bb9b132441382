//go:build !linux

package tlsserver

import "net"

// acknowledgeAtOnce does nothing where acknowledgements cannot be hurried.
func acknowledgeAtOnce(*net.TCPConn) {}
