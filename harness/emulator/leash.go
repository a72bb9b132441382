package emulator

import (
	"fmt"
	"os"

	"github.com/creack/pty"
)

// leash is a terminal that exists to be hung up. The firmware's process, and
// whatever wrapper starts it, form a session of their own with the leash as
// controlling terminal; when this program ends, in whatever way, the kernel
// closes the leash and sends the session SIGHUP, which ends an interpreter in
// an endless loop, too.
type leash struct {
	held, tied *os.File
}

func newLeash() (*leash, error) {
	held, tied, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("opening a terminal for the firmware's session: %w", err)
	}
	return &leash{held, tied}, nil
}

func (l *leash) close() {
	_ = l.held.Close()
	_ = l.tied.Close()
}
