package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// lastLines is how many lines of a log go into an error.
const lastLines = 8

var errDied = errors.New("the container ended")

// A journal is what a software has told, in order. It is safe for concurrent
// use.
type journal struct {
	read func(string) (Event, bool)

	mu      sync.Mutex
	partial []byte
	events  []Event
	tail    []string
	over    bool
	changed chan struct{} // closed, and made anew, at each change
}

func newJournal(read func(string) (Event, bool)) *journal {
	return &journal{read: read, changed: make(chan struct{})}
}

// Write takes a piece of the log.
func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.partial = append(j.partial, b...)
	for {
		line, rest, whole := bytes.Cut(j.partial, []byte("\n"))
		if !whole {
			break
		}
		j.take(strings.TrimRight(string(line), "\r"))
		j.partial = rest
	}
	j.note()
	return len(b), nil
}

func (j *journal) take(line string) {
	if e, ok := j.read(line); ok {
		j.events = append(j.events, e)
	}
	j.tail = append(j.tail, line)
	j.tail = j.tail[max(0, len(j.tail)-lastLines):]
}

// tell adds an event that is in no log.
func (j *journal) tell(e Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, e)
	j.note()
}

// end says that nothing more will come.
func (j *journal) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.over = true
	j.note()
}

// note wakes those who wait. The caller holds mu.
func (j *journal) note() {
	close(j.changed)
	j.changed = make(chan struct{})
}

func (j *journal) len() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.events)
}

// since returns the events from the n-th on.
func (j *journal) since(n int) []Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.events[n:len(j.events):len(j.events)]
}

func (j *journal) ended() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.over
}

// wait waits until enough has been told. It fails when the software ends
// first, with its last lines, or ctx does.
func (j *journal) wait(ctx context.Context, enough func([]Event) bool) error {
	for {
		j.mu.Lock()
		done, over, changed := enough(j.events), j.over, j.changed
		tail := strings.Join(j.tail, "; ")
		j.mu.Unlock()
		switch {
		case done:
			return nil
		case over:
			return fmt.Errorf("%w; its last lines: %s", errDied, tail)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%w; its last lines: %s", context.Cause(ctx), tail)
		}
	}
}
