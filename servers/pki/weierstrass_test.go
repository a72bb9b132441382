package pki

import (
	"math/big"
	"testing"
)

// TestCurves: the generator lies on the curve, and its order is n. That
// signatures are right is what TestEitherIsWellMade and OpenSSL say.
func TestCurves(t *testing.T) {
	for name, c := range curves {
		g := c.generator
		left := new(big.Int).Exp(g.y, big.NewInt(2), c.p)
		right := new(big.Int).Exp(g.x, big.NewInt(3), c.p)
		right.Add(right, new(big.Int).Mul(c.a, g.x)).Add(right, c.b).Mod(right, c.p)
		if left.Cmp(right) != 0 {
			t.Errorf("%s: the generator is not on the curve", name)
		}
		if q := c.times(c.n, g); q.x != nil {
			t.Errorf("%s: n times the generator is not the neutral element", name)
		}
		if q := c.times(new(big.Int).Add(c.n, big.NewInt(1)), g); q.x == nil || q.x.Cmp(g.x) != 0 || q.y.Cmp(g.y) != 0 {
			t.Errorf("%s: n+1 times the generator is not the generator", name)
		}
	}
}
