package emulator

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestInterrupter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var signals atomic.Int32
		i := &interrupter{signal: func() { signals.Add(1) }}
		expect := func(when string, want int32) {
			t.Helper()
			synctest.Wait()
			if got := signals.Load(); got != want {
				t.Errorf("%s: %d signals, want %d", when, got, want)
			}
		}
		i.press()
		i.press()
		expect("before the program has begun", 0)
		i.begin()
		expect("begun, pressed twice before", 1)
		i.press()
		i.press()
		expect("pressed again at once", 1)
		time.Sleep(interruptGap)
		expect("after the gap", 2)
		i.again()
		expect("put off by the program", 3)
		i.press()
		if got := i.end(); got != 3 {
			t.Errorf("end says %d signals, want 3", got)
		}
		i.press()
		i.again()
		time.Sleep(2 * interruptGap)
		expect("after the end", 3)
	})
}
