package emulator

import "time"

// bitsPerByte is a byte on a line with 8 data bits, no parity, 1 stop bit.
const bitsPerByte = 10

// paceStep is the longest stretch of line time that is passed on in one piece.
const paceStep = 5 * time.Millisecond

// pace is one direction of a line with a rate: a byte is there once its last
// bit is. Without a rate everything is there at once.
type pace struct {
	baud int
	next time.Time // when the line is free
}

func newPace(baud int) *pace { return &pace{baud: baud} }

// burst returns how many of n bytes are passed on in one piece.
func (p *pace) burst(n int) int {
	if p.baud <= 0 {
		return n
	}
	return min(n, max(1, int(int64(paceStep)*int64(p.baud)/bitsPerByte/int64(time.Second))))
}

// start begins a stretch in which the line is busy. A stretch keeps the rate
// although timers are late; time in which the line is idle is gone.
func (p *pace) start() {
	if now := time.Now(); p.next.Before(now) {
		p.next = now
	}
}

// wait waits until n bytes have gone over the line. It returns false when stop
// is closed before.
func (p *pace) wait(n int, stop <-chan struct{}) bool {
	if p.baud <= 0 {
		return true
	}
	p.next = p.next.Add(time.Duration(n) * bitsPerByte * time.Second / time.Duration(p.baud))
	timer := time.NewTimer(time.Until(p.next))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-stop:
		return false
	}
}
