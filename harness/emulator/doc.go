// Package emulator plays a MicroPython camera behind a serial port: a PTY that
// go.bug.st/serial, mpremote or minicom open like a real board's.
//
// Behind the port stands the console (package console), which speaks the
// REPLs, and behind that the firmware: a process of MicroPython's unix port,
// which an agent written in MicroPython turns into a board. It has a FAT
// volume in an image file mounted at /flash and none of the host's files, the
// modules that a camera freezes in, and a clock of its own. A reset is a new
// process; the port stays.
//
// # Where it differs from a board
//
// Source is compiled when all of it has come in, so that a syntax error does
// not abort a raw-paste half-way. Type-ahead that a program leaves unread is
// bounded by the pipe to the process, 64 KiB, not by a few hundred bytes.
// Interrupts that follow each other within a quarter of a second are one, and
// one waits, up to two seconds, for a moment at which the unix port bears it
// (see moment.go); should it not, the camera restarts as after a hard fault.
// TLS sees the host's time, until a library is preloaded that hands the
// clock's file on to it. open() takes numbers, those of the process's own
// descriptors among them, and ffi reaches the host's C library: the camera is
// no sandbox for hostile code.
package emulator
