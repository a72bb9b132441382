// Package pki makes the certificate chains that trustrig's servers present.
//
// A [Recipe] says how a chain is made: a good chain, or a good chain (its
// twin) with one fault. [Recipes] is the table of all of them. A [Maker]
// turns a recipe into a [Chain]: the DER certificates that a server sends,
// the key that it holds, and the anchors that a device may be given.
//
// A chain is first a plan, which is data: who is certified by whom, from
// x509 templates. A fault is one function that changes one thing of a plan.
// Certificates that a fault leaves alone are shared with its twin, byte for
// byte, so that what a device says of the one and not of the other comes
// from the fault alone.
//
// All certificates are dated from T0, the instant that a run takes as now.
// Serial numbers are derived from a certificate's role and T0, not drawn, so
// that a faulty certificate keeps its twin's.
//
// Names and URLs lie under example.com, example.net and example.org (RFC
// 2606); distinguished names have the form of the real ones, not their text.
package pki
