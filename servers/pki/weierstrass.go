package pki

import (
	"crypto"
	"crypto/rand"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"

	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Curves that crypto/elliptic does not have, for CA keys that a device must
// or may refuse. Slow, and not constant in time: these keys protect nothing.

// A curve is y² = x³ + ax + b over the integers modulo p, with a generator g
// of order n.
type curve struct {
	oid              asn1.ObjectIdentifier
	p, a, b, n       *big.Int
	generator        point
	coordinateOctets int
}

// A point has coordinates, or is the neutral element if x is nil.
type point struct{ x, y *big.Int }

// curves by algorithm: SEC 2 (2.4.1 secp256k1), SEC 2 version 1 (2.5
// secp192r1) and RFC 5639 section 3.4 (brainpoolP256r1).
var curves = map[algorithm]curve{
	p192: newCurve(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 1},
		"fffffffffffffffffffffffffffffffeffffffffffffffff",
		"fffffffffffffffffffffffffffffffefffffffffffffffc",
		"64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1",
		"188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012",
		"07192b95ffc8da78631011ed6b24cdd573f977a11e794811",
		"ffffffffffffffffffffffff99def836146bc9b1b4d22831"),
	secp256k1: newCurve(asn1.ObjectIdentifier{1, 3, 132, 0, 10},
		"fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
		"0", "7",
		"79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
		"483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
		"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"),
	brainpoolP256: newCurve(asn1.ObjectIdentifier{1, 3, 36, 3, 3, 2, 8, 1, 1, 7},
		"a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
		"7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
		"26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
		"8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
		"547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
		"a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7"),
}

func newCurve(oid asn1.ObjectIdentifier, p, a, b, x, y, n string) curve {
	number := func(hex string) *big.Int {
		i, _ := new(big.Int).SetString(hex, 16) // a test checks that the generator lies on the curve
		return i
	}
	c := curve{oid: oid, p: number(p), a: number(a), b: number(b), n: number(n), generator: point{number(x), number(y)}}
	c.coordinateOctets = (c.p.BitLen() + 7) / 8
	return c
}

// add returns q + r (SEC 1 section 2.2.1).
func (c curve) add(q, r point) point {
	switch {
	case q.x == nil:
		return r
	case r.x == nil:
		return q
	}
	var slope *big.Int
	if q.x.Cmp(r.x) != 0 {
		dy, dx := new(big.Int).Sub(r.y, q.y), new(big.Int).Sub(r.x, q.x)
		slope = dy.Mul(dy, dx.ModInverse(dx.Mod(dx, c.p), c.p))
	} else {
		if q.y.Cmp(r.y) != 0 || q.y.Sign() == 0 {
			return point{}
		}
		top := new(big.Int).Mul(q.x, q.x)
		top.Mul(top, big.NewInt(3)).Add(top, c.a)
		bottom := new(big.Int).Lsh(q.y, 1)
		slope = top.Mul(top, bottom.ModInverse(bottom.Mod(bottom, c.p), c.p))
	}
	slope.Mod(slope, c.p)
	x := new(big.Int).Mul(slope, slope)
	x.Sub(x, q.x).Sub(x, r.x).Mod(x, c.p)
	y := new(big.Int).Sub(q.x, x)
	y.Mul(y, slope).Sub(y, q.y).Mod(y, c.p)
	return point{x, y}
}

// times returns k·q.
func (c curve) times(k *big.Int, q point) point {
	var sum point
	for i := k.BitLen() - 1; i >= 0; i-- {
		sum = c.add(sum, sum)
		if k.Bit(i) == 1 {
			sum = c.add(sum, q)
		}
	}
	return sum
}

// scalar draws a number from 1 to n-1.
func (c curve) scalar() (*big.Int, error) {
	k, err := rand.Int(rand.Reader, new(big.Int).Sub(c.n, big.NewInt(1)))
	if err != nil {
		return nil, fmt.Errorf("drawing a scalar: %w", err)
	}
	return k.Add(k, big.NewInt(1)), nil
}

// A curveKey is an ECDSA key on such a curve.
type curveKey struct {
	curve  curve
	secret *big.Int
	public point
}

// A curvePublicKey is its public half.
type curvePublicKey struct {
	curve  curve
	public point
}

func (c curve) generate() (*curveKey, error) {
	d, err := c.scalar()
	if err != nil {
		return nil, err
	}
	return &curveKey{c, d, c.times(d, c.generator)}, nil
}

// Public returns a *curvePublicKey.
func (k *curveKey) Public() crypto.PublicKey { return &curvePublicKey{k.curve, k.public} }

// Sign computes an ECDSA signature in DER (FIPS 186-5 section 6.4.1).
func (k *curveKey) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	z := new(big.Int).SetBytes(digest)
	if excess := len(digest)*8 - k.curve.n.BitLen(); excess > 0 {
		z.Rsh(z, uint(excess))
	}
	for {
		nonce, err := k.curve.scalar()
		if err != nil {
			return nil, err
		}
		r := k.curve.times(nonce, k.curve.generator).x
		r.Mod(r, k.curve.n)
		s := new(big.Int).Mul(r, k.secret)
		s.Add(s, z).Mul(s, nonce.ModInverse(nonce, k.curve.n)).Mod(s, k.curve.n)
		if r.Sign() > 0 && s.Sign() > 0 {
			return ecdsaValue(r, s), nil
		}
	}
}

// spki encodes the SubjectPublicKeyInfo (RFC 5480 section 2): a named curve,
// an uncompressed point.
func (p *curvePublicKey) spki() (spki, bits []byte) {
	bits = make([]byte, 1+2*p.curve.coordinateOctets)
	bits[0] = 4
	p.public.x.FillBytes(bits[1 : 1+p.curve.coordinateOctets])
	p.public.y.FillBytes(bits[1+p.curve.coordinateOctets:])
	ecPublicKey := objectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1})
	return wrap(cbasn1.SEQUENCE, wrap(cbasn1.SEQUENCE, ecPublicKey, objectIdentifier(p.curve.oid)), bitString(bits)), bits
}
