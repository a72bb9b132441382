// Package nginx is nginx, whose TLS is OpenSSL's, as a stack.
package nginx

import (
	"embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"trustrig/servers/docker"
	"trustrig/servers/stack"
)

//go:embed Dockerfile entry.sh nginx.conf.tmpl site.conf.tmpl
var files embed.FS

// Software returns the stack. It answers an HTTP request, whose path is the
// client's nonce, with a random identifier of its own.
func Software() (stack.Software, error) {
	image, err := stack.Embedded(files, "Dockerfile", "entry.sh")
	if err != nil {
		return stack.Software{}, err
	}
	return stack.Software{Name: "nginx", Files: image, Configure: configure, Read: read, Fence: stack.FenceHTTP}, nil
}

// check makes nginx look at one site by itself, without a port.
const check = `daemon off;
pid /tmp/check.pid;
error_log stderr info;
events {}
http {
	client_body_temp_path /tmp/body;
	proxy_temp_path /tmp/proxy;
	fastcgi_temp_path /tmp/fastcgi;
	uwsgi_temp_path /tmp/uwsgi;
	scgi_temp_path /tmp/scgi;
	access_log off;
	ssl_ciphers DEFAULT:@SECLEVEL=0;
	include %s/site.conf;
}
`

func configure(c stack.Config) ([]docker.File, error) {
	head, err := files.ReadFile("nginx.conf.tmpl")
	if err != nil {
		return nil, err
	}
	site, err := files.ReadFile("site.conf.tmpl")
	if err != nil {
		return nil, err
	}
	all, err := stack.Templates{Head: string(head), HeadName: "srv/nginx.conf", Site: string(site), SiteName: "site.conf"}.Files(c)
	if err != nil {
		return nil, err
	}
	for _, s := range c.Sites {
		dir := stack.Folder + "/" + s.Name
		all = append(all, docker.File{Name: dir + "/check.conf", Mode: 0o644, Data: fmt.Appendf(nil, check, "/"+dir)})
	}
	return all, nil
}

// An error of a handshake names the server's port, and not the client's.
var handshakeError = regexp.MustCompile(`\[\w+\] \d+#\d+: \*\d+ (.*) while SSL handshaking, client: \S+, server: \S+:(\d+)$`)

// read reads a line of the access log, as the format in nginx.conf.tmpl has
// it, or of the error log.
func read(line string) (stack.Event, bool) {
	if m := handshakeError.FindStringSubmatch(line); m != nil {
		port, err := strconv.ParseUint(m[2], 10, 16)
		return stack.Event{Port: uint16(port), Error: m[1]}, err == nil
	}
	if strings.Contains(line, "start worker process ") {
		return stack.Event{Up: true}, true
	}
	f := strings.Fields(line)
	switch {
	case len(f) > 2 && f[0] == "trustrig-refused":
		return stack.Event{Site: f[1], Refused: strings.Join(f[2:], " ")}, true
	case len(f) != 5 || f[0] != "trustrig-seen":
		return stack.Event{}, false
	}
	nonce := strings.TrimPrefix(f[4], "/")
	if strings.HasPrefix(nonce, "fence-") {
		return stack.Event{Token: nonce}, true
	}
	port, err := strconv.ParseUint(f[2], 10, 16)
	return stack.Event{Client: uint16(port), Received: nonce, Reply: f[3]}, err == nil
}
