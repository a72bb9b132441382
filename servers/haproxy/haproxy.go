// Package haproxy is HAProxy, whose TLS is OpenSSL's, as a stack.
package haproxy

import (
	"embed"
	"strconv"
	"strings"

	"trustrig/servers/docker"
	"trustrig/servers/stack"
)

//go:embed Dockerfile entry.sh haproxy.cfg.tmpl site.cfg.tmpl
var files embed.FS

// Software returns the stack. It answers an HTTP request, whose path is the
// client's nonce, with a random identifier of its own.
func Software() (stack.Software, error) {
	image, err := stack.Embedded(files, "Dockerfile", "entry.sh")
	if err != nil {
		return stack.Software{}, err
	}
	return stack.Software{Name: "haproxy", Files: image, Configure: configure, Read: read, Fence: stack.FenceHTTP}, nil
}

func configure(c stack.Config) ([]docker.File, error) {
	head, err := files.ReadFile("haproxy.cfg.tmpl")
	if err != nil {
		return nil, err
	}
	site, err := files.ReadFile("site.cfg.tmpl")
	if err != nil {
		return nil, err
	}
	return stack.Templates{Head: string(head), HeadName: "srv/haproxy.cfg", Site: string(site), SiteName: "site.cfg"}.Files(c)
}

// read reads a line of the log, as the formats in haproxy.cfg.tmpl have it.
func read(line string) (stack.Event, bool) {
	if strings.Contains(line, "Loading success") {
		return stack.Event{Up: true}, true
	}
	f := strings.Fields(line)
	switch {
	case len(f) > 2 && f[0] == "trustrig-refused":
		return stack.Event{Site: f[1], Refused: strings.Join(f[2:], " ")}, true
	case len(f) > 2 && f[0] == "trustrig-failed":
		port, err := strconv.ParseUint(f[1], 10, 16)
		return stack.Event{Client: uint16(port), Error: strings.Join(f[2:], " ")}, err == nil
	case len(f) != 4 || f[0] != "trustrig-seen":
		return stack.Event{}, false
	}
	nonce := strings.TrimPrefix(f[3], "/")
	if strings.HasPrefix(nonce, "fence-") {
		return stack.Event{Token: nonce}, true
	}
	port, err := strconv.ParseUint(f[1], 10, 16)
	return stack.Event{Client: uint16(port), Received: nonce, Reply: f[2]}, err == nil
}
