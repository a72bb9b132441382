// Package tlsserver is the rig's own TLS server. The same code runs in the
// rig's process and, built as a static binary, in a container.
//
// A [Server] has a fixed pool of TCP listeners. Opening an endpoint leases one
// of them and tells it what to present; every connection that the listener
// accepts until the endpoint is closed belongs to that endpoint, in order.
// What the server saw of each is a [harness.Sighting].
//
// The server presents certificates exactly as it is told, in that order, and
// neither parses nor completes them. What the client sends is read twice: by
// crypto/tls, and by a tap of the records below it, for some of what a
// rejecting client says never gets past crypto/tls.
//
// Nothing is decided by time. The boundary between one endpoint's connections
// and the next one's is a connection of the server's own, the fence, which
// takes its place in the listener's queue behind every connection that was
// there before.
package tlsserver
