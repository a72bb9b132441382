package device

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"go.bug.st/serial/enumerator"
)

// listTries: the list fails as a whole when one port comes or goes meanwhile.
const listTries = 3

// ports lists the serial ports of the machine. Pseudo-terminals are not among
// them.
func ports() ([]*enumerator.PortDetails, error) {
	var list []*enumerator.PortDetails
	var err error
	for range listTries {
		if list, err = enumerator.GetDetailedPortsList(); err == nil {
			break
		}
	}
	return slices.DeleteFunc(list, func(p *enumerator.PortDetails) bool { return p.Name == "" }), err
}

// found says which ports there are.
func found() string {
	list, err := ports()
	if err != nil {
		return fmt.Sprintf("and listing the ports failed: %v", err)
	}
	if len(list) == 0 {
		return "no serial port was found: is the board plugged in, with a cable that carries data?"
	}
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.Name
		if p.IsUSB {
			names[i] += fmt.Sprintf(" (%s:%s, USB serial %q)", p.VID, p.PID, p.SerialNumber)
		}
	}
	return "found " + strings.Join(names, ", ")
}

// usbPort finds a port's USB identity. Other ports are not asked for it, for
// listing opens each of them.
func usbPort(path string) (*enumerator.PortDetails, bool) {
	base := filepath.Base(path)
	if !strings.HasPrefix(base, "ttyACM") && !strings.HasPrefix(base, "ttyUSB") {
		return nil, false
	}
	list, err := ports()
	if err != nil {
		return nil, false
	}
	for _, p := range list {
		if p.Name == path && p.IsUSB && p.SerialNumber != "" {
			return p, true
		}
	}
	return nil, false
}

// lockKey names what is locked: the board itself where it can be known, for
// it may come back under another name when it resets, else the port.
func lockKey(path string) string {
	if p, ok := usbPort(path); ok {
		return "usb-" + p.VID + "-" + p.PID + "-" + p.SerialNumber
	}
	return path
}
