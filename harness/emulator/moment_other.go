//go:build !amd64

package emulator

import "golang.org/x/sys/unix"

// harmlessCalls are the system calls in which an interrupt leaves nothing
// half-done in the interpreter.
var harmlessCalls = []int{
	unix.SYS_READ, unix.SYS_WRITE, unix.SYS_PPOLL, unix.SYS_PSELECT6,
	unix.SYS_EPOLL_PWAIT, unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_RECVFROM,
	unix.SYS_SENDTO, unix.SYS_ACCEPT, unix.SYS_CONNECT,
}
