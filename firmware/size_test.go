package firmware

import "testing"

func TestSize(t *testing.T) {
	for text, want := range map[string]Size{
		"0": 0, "262144": 256 << 10, "256K": 256 << 10, "256k": 256 << 10, "4M": 4 << 20, "1000": 1000,
	} {
		var s Size
		if err := s.Set(text); err != nil || s != want {
			t.Errorf("Set(%q): %d, %v; want %d", text, s, err, want)
		}
		var again Size
		if err := again.Set(s.String()); err != nil || again != s {
			t.Errorf("%d prints as %q, which reads as %d, %v", s, s.String(), again, err)
		}
	}
	for _, text := range []string{"", "K", "-1", "256KB", "1.5M", "99999999999999M", "0x10"} {
		if s := Size(7); s.Set(text) == nil || s != 7 {
			t.Errorf("Set(%q) is no error, or left %d", text, s)
		}
	}
}
