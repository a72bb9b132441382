package firmware

import (
	"fmt"
	"strconv"
	"strings"
)

// A Size is a number of bytes as a flag gives it: "262144", "256K", "4M".
type Size int64

// String implements flag.Value.
func (s *Size) String() string {
	switch n := int64(*s); {
	case n != 0 && n%(1<<20) == 0:
		return fmt.Sprintf("%dM", n>>20)
	case n != 0 && n%(1<<10) == 0:
		return fmt.Sprintf("%dK", n>>10)
	default:
		return fmt.Sprint(n)
	}
}

// Set implements flag.Value.
func (s *Size) Set(text string) error {
	digits, shift := text, 0
	for suffix, n := range map[string]int{"K": 10, "M": 20} {
		if d, ok := strings.CutSuffix(strings.ToUpper(text), suffix); ok {
			digits, shift = d, n
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > 1<<40>>shift {
		return fmt.Errorf("%q is no size: give bytes, or as in 256K or 4M", text)
	}
	*s = Size(n << shift)
	return nil
}
