package emulator

import (
	"sync"
	"time"
)

// interruptGap is the shortest time between two interrupts. MicroPython's unix
// port exits when one comes while the last has not been raised yet; what C
// code is busy with, such as a signature, takes less than this.
const interruptGap = 250 * time.Millisecond

// interrupter turns presses of the interrupt key into signals to a program
// while it runs, and only then.
type interrupter struct {
	signal func() // sends SIGINT

	mu      sync.Mutex
	begun   bool // the program runs
	ended   bool
	pressed bool // and not yet signalled
	sent    int  // signals
	last    time.Time
	timer   *time.Timer
}

// press asks for an interrupt. Presses that come before it is sent are one.
func (i *interrupter) press() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.pressed = true
	i.deliver()
}

// begin says that the program runs from now on.
func (i *interrupter) begin() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.begun = true
	i.deliver()
}

// again sends an interrupt that the program put off, which it has taken in.
func (i *interrupter) again() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.pressed = true
	i.last = time.Time{}
	i.deliver()
}

// end says that the program has ended: no signal is sent after it. It returns
// how many were, for one may still be on its way into the interpreter.
func (i *interrupter) end() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ended = true
	if i.timer != nil {
		i.timer.Stop()
	}
	return i.sent
}

func (i *interrupter) deliver() {
	if !i.begun || i.ended || !i.pressed {
		return
	}
	if wait := interruptGap - time.Since(i.last); wait > 0 {
		if i.timer != nil {
			i.timer.Stop()
		}
		i.timer = time.AfterFunc(wait, func() {
			i.mu.Lock()
			defer i.mu.Unlock()
			i.deliver()
		})
		return
	}
	i.pressed = false
	i.last = time.Now()
	i.sent++
	i.signal()
}
