// Package console plays a MicroPython board's side of its serial console: the
// friendly REPL with banner, echo, line editing and paste mode, the raw REPL,
// raw-paste with its flow control, and the ways that a program or a key asks
// for a reset. It executes nothing itself: programs go to an Interpreter.
//
// The bytes are those of MicroPython's shared/runtime/pyexec.c and
// shared/readline/readline.c (1.25), which every port compiles in.
package console
