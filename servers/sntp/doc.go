// Package sntp is the rig's time server: SNTP version 4 (RFC 4330) that can
// also answer with a chosen time, wrongly, late, or not at all.
//
// A camera sets its clock by one unauthenticated datagram, and the dates of
// certificates are worth what that clock is. A [Server] plays the server that
// the camera asks, or the attacker who answers in its place.
//
// An SNTP timestamp counts seconds since 1900 in 32 bits, which return to
// zero on 2036-02-07 at 06:28:16 UTC. Which turn is meant is for the client to
// guess: RFC 4330 section 3 takes timestamps with the highest bit clear for
// 2036 and later, MicroPython's ntptime all those that would be before 2024
// (see [Heard]).
package sntp
