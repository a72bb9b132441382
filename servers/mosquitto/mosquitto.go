// Package mosquitto is Mosquitto, an MQTT broker whose TLS is OpenSSL's, as a
// stack.
package mosquitto

import (
	"embed"
	"regexp"
	"strings"

	"trustrig/servers/docker"
	"trustrig/servers/stack"
)

//go:embed Dockerfile entry.sh mosquitto.conf.tmpl
var files embed.FS

// Software returns the stack. A broker answers nothing by itself: the rig
// subscribes, without TLS, to what clients publish, and publishes a random
// answer. So the nonce has left the broker before it counts as received.
func Software() (stack.Software, error) {
	image, err := stack.Embedded(files, "Dockerfile", "entry.sh")
	if err != nil {
		return stack.Software{}, err
	}
	return stack.Software{
		Name: "mosquitto", Files: image, Configure: configure, Read: read, Fence: fence, Attend: attend, Tells: 2,
	}, nil
}

func configure(c stack.Config) ([]docker.File, error) {
	head, err := files.ReadFile("mosquitto.conf.tmpl")
	if err != nil {
		return nil, err
	}
	return stack.Templates{Head: string(head), HeadName: "srv/mosquitto.conf"}.Files(c)
}

var (
	tlsError  = regexp.MustCompile(`^(?:OpenSSL Error\[\d+\]|Client connection from \S+ failed): (.*)$`)
	published = regexp.MustCompile(`^Received PUBLISH from .*'` + prefix + `(` + fenceMark + `\w+)'`)
)

// read reads a line of the broker's log. The nonce is not taken from it but
// from what the rig's subscriber gets.
func read(line string) (stack.Event, bool) {
	if strings.HasPrefix(line, "mosquitto version ") && strings.HasSuffix(line, " running") {
		return stack.Event{Up: true}, true
	}
	if m := published.FindStringSubmatch(line); m != nil {
		return stack.Event{Token: m[1]}, true
	}
	if m := tlsError.FindStringSubmatch(line); m != nil {
		return stack.Event{Error: m[1]}, true
	}
	return stack.Event{}, false
}
