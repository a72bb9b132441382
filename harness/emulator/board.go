package emulator

import (
	"context"
	"errors"
	"time"

	"trustrig/harness/emulator/console"
)

// Why a life of the interpreter ends from outside.
var (
	errOff     = errors.New("the camera was switched off")
	errRestart = errors.New("the camera was restarted")
)

// softReboot is what a board says at a soft reset.
const softReboot = "MPY: soft reboot\r\n"

// Bounds of the wait before the firmware is started again when it crashed
// before it came up.
const (
	retryFirst = 100 * time.Millisecond
	retryLast  = 5 * time.Second
)

// run is the camera's life from power-on to Close. The first start's failure
// goes to failed and ends it.
func (e *Emulator) run(ctx context.Context, failed chan<- error) {
	defer close(e.done)
	repl := &console.Console{Window: e.cfg.Window}
	cold, first, retry := true, true, retryFirst
	for ctx.Err() == nil {
		next, up, err := e.live(ctx, repl, cold)
		if !up && first && err != nil {
			failed <- err
			return
		}
		first = false
		cold = next == console.Hard
		if cold {
			repl = &console.Console{Window: e.cfg.Window}
		}
		if up {
			retry = retryFirst
			continue
		}
		e.logf("%v; starting it again in %v", err, retry)
		select {
		case <-ctx.Done():
		case <-time.After(retry):
		}
		retry = min(2*retry, retryLast)
	}
}

// live is one life of the interpreter: it starts, runs boot.py and main.py,
// and serves the REPL until a reset. up tells whether it ever answered.
func (e *Emulator) live(ctx context.Context, repl *console.Console, cold bool) (next console.Reset, up bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := e.powerOn(cancel); err != nil {
		return console.Hard, false, err
	}
	p, err := startProcess(e.argv(), e.cfg.Env, e.settings(), e.loop, e.cfg.StartTimeout)
	if err != nil {
		return console.Hard, false, err
	}
	e.loop = p.loop
	defer p.closeFiles()
	defer p.kill()
	go func() {
		<-p.exited
		cancel(errGone)
	}()
	defer context.AfterFunc(ctx, p.kill)()
	e.cameUp()
	next, err = e.serve(ctx, p, repl, cold)
	if err != nil {
		if cause := context.Cause(ctx); cause == nil || errors.Is(cause, errGone) {
			e.crashed(p, err)
		}
		next = console.Hard
	}
	return next, true, e.leave(next)
}

// serve runs what a board runs after a reset, in its order.
func (e *Emulator) serve(ctx context.Context, p *process, repl *console.Console, cold bool) (console.Reset, error) {
	scripts := []string{"boot.py"}
	if cold || !repl.Raw && !e.cfg.MainOnce {
		scripts = append(scripts, "main.py")
	}
	for _, name := range scripts {
		result, err := p.script(name, e.line)
		if err != nil {
			return console.Hard, err
		}
		switch result.Exit {
		case console.SoftReset:
			return console.Soft, nil
		case console.HardReset:
			return console.Hard, nil
		}
	}
	repl.Banner = p.name + "; " + e.cfg.Machine
	return repl.Serve(ctx, e.line, p)
}

// leave says what a board says when it resets.
func (e *Emulator) leave(next console.Reset) error {
	if next == console.Soft {
		e.line.Print(softReboot)
		e.line.Flush()
		return nil
	}
	e.line.Take() // what came in for the old life
	if e.cfg.Reenumerate {
		return e.replug()
	}
	return nil
}

// powerOn begins a life: cancel is what ends it.
func (e *Emulator) powerOn(cancel context.CancelCauseFunc) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reset = cancel
	if !e.power && !e.folder.hasClock() {
		e.logf("the file of the clock is not what it was left as: the clock is back at power-on")
		e.power = true
	}
	if !e.power {
		return nil
	}
	e.power = false
	return e.setPowerOnClock()
}

// cameUp tells those who wait that the firmware answers.
func (e *Emulator) cameUp() {
	e.mu.Lock()
	defer e.mu.Unlock()
	close(e.next)
	e.next = make(chan struct{})
}

// restart ends this life of the interpreter and waits for the next.
func (e *Emulator) restart(ctx context.Context) error {
	e.mu.Lock()
	reset, next := e.reset, e.next
	e.mu.Unlock()
	reset(errRestart)
	select {
	case <-next:
		return nil
	case <-e.done:
		return errOff
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (e *Emulator) crashed(p *process, err error) {
	p.lost()
	c := Crash{Time: time.Now(), Status: p.status(), Output: p.printed()}
	if !errors.Is(err, errGone) {
		c.Status = err.Error()
	}
	e.logf("%v", c)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.crashes = append(e.crashes, c)
}

// plug makes the port and its link.
func (e *Emulator) plug() error {
	p, err := openPort(e.cfg.Baud, e.in)
	if err != nil {
		return err
	}
	if err := setLink(e.cfg.Link, p.path); err != nil {
		p.close()
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.port = p
	return nil
}

func (e *Emulator) unplug() error {
	e.mu.Lock()
	p := e.port
	e.port = nil
	e.mu.Unlock()
	if p == nil {
		return nil
	}
	p.close()
	return removeLink(e.cfg.Link, p.path)
}

func (e *Emulator) replug() error {
	if err := e.unplug(); err != nil {
		return err
	}
	return e.plug()
}

// write sends to the port of the moment.
func (e *Emulator) write(b []byte) (int, error) {
	e.mu.Lock()
	p := e.port
	e.mu.Unlock()
	if p == nil {
		return 0, errOff
	}
	return p.Write(b)
}
