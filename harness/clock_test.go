package harness

import (
	"testing"
	"time"
)

func TestRigClock(t *testing.T) {
	start := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var elapsed, set time.Duration
	c := &RigClock{start: start,
		elapsed: func() time.Duration { return elapsed },
		wall:    func() time.Time { return start.Add(elapsed + set) }}
	for _, s := range []struct {
		after, set time.Duration // since the start; by how much it is off
		by         time.Duration
	}{
		{time.Minute, 0, 0},
		{2 * time.Minute, time.Second, 0},
		{3 * time.Minute, -time.Hour, -time.Hour},
		{4 * time.Minute, -time.Hour, 0},
		{5 * time.Minute, 0, time.Hour},
	} {
		elapsed, set = s.after, s.set
		if by, stepped := c.Stepped(); by != s.by || stepped != (s.by != 0) {
			t.Errorf("%v after the start, %v off: stepped by %v (%t), want %v", s.after, s.set, by, stepped, s.by)
		}
		if now := c.Now(); !now.Equal(start.Add(s.after)) {
			t.Errorf("%v after the start, %v off, it is %v", s.after, s.set, now)
		}
	}
}
