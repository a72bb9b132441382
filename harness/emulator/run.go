package emulator

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"trustrig/harness/emulator/console"
)

// maxTraceback bounds what an exception may print, in bytes.
const maxTraceback = 1 << 20

// syncWait bounds how long the agent takes to say that no interrupt is left.
const syncWait = 5 * time.Second

// commands that carry a program; the letters are those of the agent.
const (
	commandFile   = 'f'
	commandSingle = 's'
	commandScript = 'b' // a file of the flash memory, by its name
	commandSync   = 'y'
)

// Run implements console.Interpreter. It ends before the program does only
// when the process is killed.
func (p *process) Run(_ context.Context, source []byte, mode console.Mode, line *console.Line) (console.Result, error) {
	if mode == console.Single {
		return p.run(commandSingle, source, line)
	}
	return p.run(commandFile, source, line)
}

// script runs a file of the flash memory, if it is there.
func (p *process) script(name string, line *console.Line) (console.Result, error) {
	result, err := p.run(commandScript, []byte(name), line)
	line.PrintCooked(result.Traceback)
	line.Flush()
	return result, err
}

func (p *process) run(command byte, payload []byte, line *console.Line) (console.Result, error) {
	p.key.Store(0x03)
	if err := p.send(command, payload); err != nil {
		return console.Result{}, err
	}
	ints := &interrupter{signal: p.interrupt}
	keys := &keyboard{in: &p.stdin, key: &p.key, press: ints.press}
	keys.start(line)
	line.Flush() // while the interpreter is at work
	result, err := p.follow(ints, line)
	signals := ints.end()
	keys.stop(line)
	if err == nil && signals > 0 && result.Exit != console.HardReset {
		err = p.sync()
	}
	return result, err
}

// follow relays a program's output until the program has ended.
func (p *process) follow(ints *interrupter, line *console.Line) (result console.Result, err error) {
	raised, verbatim := false, false
	for {
		output, f, err := p.event(line.Flush)
		switch {
		case err != nil:
			return result, err
		case len(output) > 0 && raised:
			n := min(len(output), maxTraceback-len(result.Traceback))
			result.Traceback = append(result.Traceback, output[:n]...)
		case len(output) > 0 && verbatim:
			_, _ = line.Write(output)
		case len(output) > 0:
			line.PrintCooked(output)
		}
		switch f.letter {
		case frameBegun:
			ints.begin()
		case frameAgain:
			ints.again()
		case frameKey:
			p.key.Store(int32(f.number))
		case frameVerbatim, frameCooked:
			verbatim = f.letter == frameVerbatim
		case frameReset:
			return console.Result{Exit: console.HardReset}, nil
		case frameRaised:
			raised, result.Traceback = true, nil
		case frameExited:
			return console.Result{Exit: console.SoftReset}, nil
		case frameDone:
			result.Traceback = withoutAgent(result.Traceback)
			return result, nil
		}
	}
}

// sync makes sure that no interrupt is left in the interpreter: each signal
// sent has been raised, in the program or in the agent.
func (p *process) sync() error {
	if err := p.send(commandSync, nil); err != nil {
		return err
	}
	var failed error
	err := p.await(syncWait, func(_ []byte, f frame) bool {
		if f.letter == frameIdle { // it may have hit the sync command
			failed = p.send(commandSync, nil)
		}
		return failed != nil || f.letter == frameSynced && f.number == p.seq
	})
	if err != nil {
		return fmt.Errorf("after an interrupt: %w", err)
	}
	return failed
}

// withoutAgent drops the lines of a traceback that are the emulator's own and
// that a board would not have.
func withoutAgent(traceback []byte) []byte {
	kept := traceback[:0]
	for line := range bytes.Lines(traceback) {
		own := bytes.HasPrefix(line, []byte(`  File "`+agentFile+`", line `)) ||
			bytes.HasPrefix(line, []byte(`  File "`+cameraPrefix))
		if !own {
			kept = append(kept, line...)
		}
	}
	return kept
}
