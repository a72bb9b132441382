package harness

// A Sighting is what the server saw of one connection: the second witness
// beside the device's [Outcome].
type Sighting struct {
	// Connection counts the connections of one endpoint, from 1.
	Connection int `json:"connection"`
	// ClientHello is whether a whole ClientHello arrived.
	ClientHello bool `json:"client_hello"`
	// SNI is the host_name of the server_name extension byte by byte as it
	// was sent (RFC 6066 section 3), or "" where none was.
	SNI string `json:"sni"`
	// Version and CipherSuite are what was negotiated, in the names of
	// crypto/tls ("TLS 1.3", "TLS_AES_128_GCM_SHA256"), or "".
	Version     string `json:"tls,omitempty"`
	CipherSuite string `json:"cipher,omitempty"`
	// ChainBytes is the sum of the DER lengths of the certificates sent.
	ChainBytes int `json:"chain_bytes"`
	// Handshake is whether the client's Finished arrived and was right.
	Handshake bool `json:"handshake"`
	// Alert is the first fatal alert that the client sent, by its name in
	// RFC 8446 section 6 ("unknown_ca"), or "" where none was seen. It is
	// read from the records below the server's TLS, for in TLS 1.3 a
	// rejecting mbedTLS sends it in plaintext where crypto/tls expects
	// ciphertext. An alert that was encrypted and could not be read is
	// "encrypted".
	Alert string `json:"alert"`
	// Received is the first line of application data from the client,
	// without its newline: the rig's nonce if all went well.
	Received string `json:"received,omitempty"`
	// Reply is the server's own nonce, sent back after Received.
	Reply string `json:"reply,omitempty"`
	// Nonce is whether Received is the nonce of this very attempt. The
	// runner sets it; a server does not know what to expect.
	Nonce bool `json:"nonce"`
	// Played is the behaviour that the server was to show, once it came to
	// show it.
	Played string `json:"played,omitempty"`
	// Lacks is what the client does not offer and the behaviour needs.
	Lacks string `json:"lacks,omitempty"`
	// End is how the connection ended.
	End End `json:"end"`
	// Error is what the server's TLS reported, for the reader of a record;
	// no verdict depends on it.
	Error string `json:"error,omitempty"`
}

// An End is how a connection ended, seen from the server.
type End string

const (
	EndCloseNotify End = "close_notify" // the client closed TLS in order
	EndEOF         End = "eof"          // the client closed TCP, no close_notify before
	EndReset       End = "reset"        // a TCP reset
	EndTimeout     End = "timeout"      // the server's patience ran out
	EndServer      End = "server"       // the server ended it, as it was told to
)
