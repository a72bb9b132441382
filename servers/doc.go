// Package servers starts the servers whose endpoints a run's devices connect
// to: in a container by Testcontainers, or in the rig's own process where
// there is no Docker. Both are the same server, of package tlsserver, behind
// the same control connection.
package servers
