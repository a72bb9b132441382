package docker

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"

	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
)

// loopback is where published ports are to be found.
var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// exposed names the published ports as Testcontainers wants them.
func (s Spec) exposed() []string {
	var ports []string
	for _, p := range s.Publish {
		ports = append(ports, portOf(p).String())
	}
	return ports
}

func (s Spec) bindings() network.PortMap {
	ports := make(network.PortMap)
	for _, p := range s.Publish {
		ports[portOf(p)] = []network.PortBinding{{HostIP: loopback}}
	}
	return ports
}

func portOf(p uint16) network.Port {
	port, _ := network.PortFrom(p, network.TCP) // fails for unknown protocols alone
	return port
}

// Published returns where each published port can be reached.
func (c *Container) Published(ctx context.Context) (map[uint16]netip.AddrPort, error) {
	seen, err := c.engine.provider.Client().ContainerInspect(ctx, c.ID(), client.ContainerInspectOptions{})
	if err != nil {
		return nil, fmt.Errorf("asking where container %.12s is reached: %w", c.ID(), err)
	}
	at := make(map[uint16]netip.AddrPort)
	for port, bindings := range seen.Container.NetworkSettings.Ports {
		for _, b := range bindings {
			if to, err := netip.ParseAddrPort("127.0.0.1:" + b.HostPort); err == nil {
				at[port.Num()] = to
			}
		}
	}
	return at, nil
}

// put copies files into a container.
func (e *Engine) put(ctx context.Context, id string, files []File) error {
	if len(files) == 0 {
		return nil
	}
	packed, err := archive(files)
	if err != nil {
		return fmt.Errorf("packing files for container %.12s: %w", id, err)
	}
	_, err = e.provider.Client().CopyToContainer(ctx, id, client.CopyToContainerOptions{DestinationPath: "/", Content: bytes.NewReader(packed)})
	if err != nil {
		return fmt.Errorf("putting files into container %.12s: %w", id, err)
	}
	return nil
}
