package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// An algorithm says what kind of key pair a key is. Its text is part of a
// key file's name.
type algorithm string

const (
	rsa2048 algorithm = "rsa-2048"
	rsa3072 algorithm = "rsa-3072"
	rsa4096 algorithm = "rsa-4096"
	p256    algorithm = "p-256"
	p384    algorithm = "p-384"
)

// A keySpec names a key: two certificates with equal specs have the same
// key, in every run that has the same key folder.
type keySpec struct {
	role string
	algo algorithm
}

func (s keySpec) file() string { return s.role + "." + string(s.algo) + ".pem" }

// Keys holds private keys, in memory and, if it has a folder, in files. It is
// safe for concurrent use, also by several processes on one folder.
//
// A key says nothing about when or whether a certificate was made for it, so
// that keys may be kept from one run to the next while certificates are
// always new.
type Keys struct {
	dir  string
	mu   sync.Mutex
	held map[keySpec]*heldKey
}

type heldKey struct {
	mu  sync.Mutex
	key crypto.Signer
}

// NewKeys returns the keys in the folder dir, which is made with mode 0700
// when the first key is written. An empty dir keeps keys in memory only.
func NewKeys(dir string) *Keys {
	return &Keys{dir: dir, held: make(map[keySpec]*heldKey)}
}

// get returns the key, from memory, from its file, or newly generated.
func (k *Keys) get(spec keySpec) (crypto.Signer, error) {
	k.mu.Lock()
	h := k.held[spec]
	if h == nil {
		h = new(heldKey)
		k.held[spec] = h
	}
	k.mu.Unlock()

	h.mu.Lock()
	defer h.mu.Unlock()
	if h.key != nil {
		return h.key, nil
	}
	key, err := k.load(spec)
	if err != nil {
		return nil, err
	}
	h.key = key
	return key, nil
}

// load reads a key's file, or generates the key and writes the file.
func (k *Keys) load(spec keySpec) (crypto.Signer, error) {
	if k.dir == "" || !spec.algo.storable() {
		return generate(spec.algo)
	}
	path := filepath.Join(k.dir, spec.file())
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key, err = generate(spec.algo)
	if err != nil {
		return nil, fmt.Errorf("generating key %s: %w", spec.role, err)
	}
	switch err := writeKey(path, key); {
	case errors.Is(err, fs.ErrExist):
		return readKey(path) // another process was first: its key counts
	case err != nil:
		return nil, err
	}
	return key, nil
}

func readKey(path string) (crypto.Signer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("key file %s holds no PEM block; remove it to have a new key made", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w; remove it to have a new key made", path, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("key file %s: a %T cannot sign; remove it to have a new key made", path, key)
	}
	return signer, nil
}

// writeKey writes a key file whole or not at all. If the file is there
// already it is left alone and the error is fs.ErrExist: a link, unlike a
// rename, never replaces.
func writeKey(path string, key crypto.Signer) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encoding key for %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making key folder: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return fmt.Errorf("writing key: %w", err)
	}
	defer os.Remove(tmp.Name())
	err = pem.Encode(tmp, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := errors.Join(err, tmp.Close()); err != nil {
		return fmt.Errorf("writing key: %w", err)
	}
	if err := os.Link(tmp.Name(), path); err != nil {
		return fmt.Errorf("writing key: %w", err)
	}
	return nil
}

// storable reports whether PKCS #8 as Go writes it can hold such a key.
func (a algorithm) storable() bool { return true }

func generate(a algorithm) (crypto.Signer, error) {
	switch a {
	case rsa2048:
		return rsa.GenerateKey(rand.Reader, 2048)
	case rsa3072:
		return rsa.GenerateKey(rand.Reader, 3072)
	case rsa4096:
		return rsa.GenerateKey(rand.Reader, 4096)
	case p256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case p384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ed25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("unknown key algorithm %q", a)
}
