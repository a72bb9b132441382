// Package repl speaks the raw REPL of MicroPython over any stream of bytes.
//
// The device's side is shared/runtime/pyexec.c of MicroPython 1.20 to 1.28;
// the raw-paste mode is described in its documentation, "The MicroPython
// Interactive Interpreter Mode", section "Raw-paste mode". A command goes
//
//	host    05 'A' 01            source, never more than granted      04
//	device              'R' 01 w w 01    01    01                         04 stdout 04 traceback 04 '>'
//
// where w w is the size of one grant (little endian, 128 by default) and
// each 01 grants that much more. Firmware that does not know or support the
// mode is sent the source in plain raw mode.
//
// Once a device has been seen to take the command, the source's first grants
// are sent along with it, so that a short command is one write and its answer.
//
// What the protocol can not tell: a script that prints byte 04 breaks the
// framing. Where what follows gives it away, Exec returns a [FramingError]
// and the connection is brought back to the prompt; a script that prints a
// whole well-formed end of its own run, and only then more, is found out at
// the next command. Output that must be believed therefore needs a mark of
// its own.
package repl
