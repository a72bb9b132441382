package stack

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
)

// Ports are taken from below those that Linux gives to outgoing connections
// (ip(7), ip_local_port_range), so that none of these takes one between the
// choice and its use.
const (
	firstPort = 20000
	lastPort  = 32767
	portTries = 1000
)

// FreePorts returns n ports of addr that nobody listens on.
func FreePorts(addr netip.Addr, n int) ([]uint16, error) {
	taken := make(map[uint16]bool)
	var ports []uint16
	var err error
	for range portTries {
		if len(ports) == n {
			return ports, nil
		}
		p := uint16(firstPort + rand.IntN(lastPort-firstPort+1))
		if taken[p] {
			continue
		}
		var l net.Listener
		if l, err = net.Listen("tcp", netip.AddrPortFrom(addr, p).String()); err != nil {
			continue
		}
		l.Close()
		taken[p] = true
		ports = append(ports, p)
	}
	return nil, fmt.Errorf("looking for %d free ports of %s: %w", n, addr, err)
}
