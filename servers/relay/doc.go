// Package relay stands between a client and a TLS server, any server, and
// does what the server itself can not be told to do: it splits and joins
// handshake messages, drops, repeats and reorders them, forges one, stalls,
// drips, closes or resets at any of them. It also hears what the client says
// of it, for servers that do not tell.
//
// A relay holds no key. Up to the ChangeCipherSpec of TLS 1.2, and up to the
// ServerHello of TLS 1.3, it reads what the server sends message by message;
// after that record by record. The client's half goes through unchanged.
package relay
