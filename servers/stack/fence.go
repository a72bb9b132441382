package stack

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/netip"
)

// FenceHTTP asks for the token by HTTP.
func FenceHTTP(ctx context.Context, at netip.AddrPort, token string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at.String()+"/"+token, nil)
	if err != nil {
		return err
	}
	req.Close = true
	answer, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// FenceTLS says the token in a line over TLS, and waits for one in answer.
func FenceTLS(ctx context.Context, at netip.AddrPort, token string) error {
	// The server is the rig's own, behind its own port: whoever answers,
	// nothing but a token in its log comes of it.
	d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
	c, err := d.DialContext(ctx, "tcp", at.String())
	if err != nil {
		return err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	if _, err := io.WriteString(c, token+"\n"); err != nil {
		return err
	}
	if _, err := bufio.NewReader(c).ReadString('\n'); err != nil {
		return fmt.Errorf("no answer to a line: %w", err)
	}
	return nil
}
