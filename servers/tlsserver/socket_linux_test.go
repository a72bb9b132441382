package tlsserver

import (
	"syscall"
	"testing"
)

func TestAcknowledgeAtOnce(t *testing.T) {
	l, _, release := held(t)
	defer release()
	c := connect(t, l)
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	quick := func() (on int) {
		raw.Control(func(fd uintptr) { on, err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK) })
		if err != nil {
			t.Fatal(err)
		}
		return on
	}
	raw.Control(func(fd uintptr) { err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 0) })
	if err != nil || quick() != 0 {
		t.Fatalf("delayed acknowledgements cannot be turned on: %v", err)
	}
	if acknowledgeAtOnce(c); quick() != 1 {
		t.Error("acknowledgements are still delayed")
	}
}
