package bench

import "testing"

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		in   []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{3, 1}, 2}, {[]float64{9, 1, 2}, 2}} {
		if got := median(tt.in); got != tt.want {
			t.Errorf("median(%v) = %v, want %v", tt.in, got, tt.want)
		}
	}
}

func TestTargets(t *testing.T) {
	if m := atMost(1.15, Measure{Value: 1.15}); !*m.Met {
		t.Error("a target of at most is met by itself")
	}
	if m := atMost(1.15, Measure{Value: 1.16}); *m.Met {
		t.Error("more than a target of at most is a miss")
	}
	if m := atLeast(20, Measure{Value: 19.9}); *m.Met {
		t.Error("less than a target of at least is a miss")
	}
}
