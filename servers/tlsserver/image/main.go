// Command image is the rig's TLS server in a container: see package tlsserver.
//
// It prints where it takes orders, obeys the one rig that knows the token, and
// exits when that rig hangs up.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"syscall"

	"trustrig/servers/tlsserver"
)

func main() {
	addr := flag.String("addr", "127.0.0.1", "listen on this `address`")
	listeners := flag.Int("listeners", tlsserver.DefaultListeners, "have this `number` of endpoints open at once")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *addr, *listeners, os.Getenv(tlsserver.TokenVariable))
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "tlsserver: error: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr string, listeners int, token string) error {
	at, err := netip.ParseAddr(addr)
	if err != nil {
		return err
	}
	server, err := tlsserver.New(ctx, at, listeners)
	if err != nil {
		return err
	}
	defer server.Close()
	control, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return fmt.Errorf("opening the control port: %w", err)
	}
	fmt.Printf("%s%s\n", tlsserver.ReadyLine, control.Addr())
	return server.ServeRig(ctx, control, token)
}
