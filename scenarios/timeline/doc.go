// Package timeline asks when a camera that nobody touches stops connecting to
// an honest server: for a root, an intermediate or a leaf as its one anchor,
// over the years, in the calendar of a CA like Let's Encrypt.
//
// A [Calendar] holds what the CA has made known, each fact with the day on
// which it did, and beyond that what is assumed, by name. A server renews its
// leaf by that calendar. All chains are really made and really verified, by a
// [Verifier]: crypto/x509, or a device whose clock can be moved.
//
// Seen from an earlier day ([Options].AsOf), the calendar holds only what was
// known on it. That is how a forecast of today's can be judged: by what
// earlier ones would have said of outages that have come since.
package timeline
