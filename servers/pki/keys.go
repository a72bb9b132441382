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
	"math/big"
	"os"
	"path/filepath"
	"sync"
)

// An algorithm says what kind of key pair a key is. Its text is part of a
// key file's name.
type algorithm string

const (
	rsa1024       algorithm = "rsa-1024"
	rsa2047       algorithm = "rsa-2047"
	rsa2048       algorithm = "rsa-2048"
	rsa2048e3     algorithm = "rsa-2048-exponent-3"
	rsa3072       algorithm = "rsa-3072"
	rsa4096       algorithm = "rsa-4096"
	rsa8192       algorithm = "rsa-8192"
	p192          algorithm = "p-192"
	p224          algorithm = "p-224"
	p256          algorithm = "p-256"
	p384          algorithm = "p-384"
	p521          algorithm = "p-521"
	secp256k1     algorithm = "secp256k1"
	brainpoolP256 algorithm = "brainpoolP256r1"
	ed25519Key    algorithm = "ed25519"
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

// storable reports whether crypto/x509 writes such a key as PKCS #8. Keys on
// other curves cost nothing to make.
func (a algorithm) storable() bool {
	_, odd := curves[a]
	return !odd
}

var rsaBits = map[algorithm]int{rsa1024: 1024, rsa2047: 2047, rsa2048: 2048, rsa3072: 3072, rsa4096: 4096}

var ellipticCurves = map[algorithm]elliptic.Curve{
	p224: elliptic.P224(), p256: elliptic.P256(), p384: elliptic.P384(), p521: elliptic.P521(),
}

func generate(a algorithm) (crypto.Signer, error) {
	if bits := rsaBits[a]; bits > 0 {
		return rsa.GenerateKey(rand.Reader, bits)
	}
	if curve := ellipticCurves[a]; curve != nil {
		return ecdsa.GenerateKey(curve, rand.Reader)
	}
	if curve, ok := curves[a]; ok {
		return curve.generate()
	}
	switch a {
	case ed25519Key:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	case rsa2048e3:
		return generateRSA(3, 2048, 1024, 1024)
	case rsa8192: // of many primes: two of 4096 bits take minutes, and the modulus does not show it
		return generateRSA(65537, 8192, 1024, 1024, 1024, 1024, 1024, 1024, 1024, 1025)
	}
	return nil, fmt.Errorf("unknown key algorithm %q", a)
}

// generateRSA returns a key with the exponent e, a modulus of the given
// length, and primes of the given lengths. Products of many primes are a bit
// or two shorter than their lengths together.
func generateRSA(e, modulusBits int, primeBits ...int) (*rsa.PrivateKey, error) {
	one := big.NewInt(1)
	for {
		key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: big.NewInt(1), E: e}}
		phi := big.NewInt(1)
		for _, bits := range primeBits {
			p, err := rand.Prime(rand.Reader, bits)
			if err != nil {
				return nil, err
			}
			key.Primes = append(key.Primes, p)
			key.N.Mul(key.N, p)
			phi.Mul(phi, new(big.Int).Sub(p, one))
		}
		key.D = new(big.Int).ModInverse(big.NewInt(int64(e)), phi)
		if key.D == nil || key.N.BitLen() != modulusBits {
			continue // e divides a p-1, or the length is another
		}
		key.Precompute()
		return key, key.Validate()
	}
}
