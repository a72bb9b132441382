package emulator

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"trustrig/firmware"
)

// tailLen bounds what is kept of a process's last output, in bytes.
const tailLen = 2048

// hangWait is how long an interrupted interpreter may wait for a mutex.
const hangWait = 500 * time.Millisecond

// errGone is why a command can not be answered: the process has ended.
var errGone = errors.New("the firmware's process has ended")

// process is one life of the firmware's interpreter, from reset to reset.
type process struct {
	cmd      *exec.Cmd
	leash    *leash
	commands *os.File
	output   *os.File
	stdin    stdin
	pid      int           // the interpreter's own, or 0 when unknown
	name     string        // of the firmware, "MicroPython v1.25.0 on 2025-04-15"
	key      atomic.Int32  // interrupt character
	exited   chan struct{} // closed when cmd has been waited for
	moment   moment
	loop     code // where the interpreter executes bytecode
	watches  sync.WaitGroup
	watching sync.Mutex // held while one of watches begins, and over killed
	killed   bool
	hung     atomic.Bool

	split splitter
	block []byte
	tail  []byte // of the output
	seq   uint32
}

// settings go to the agent, as JSON.
type settings struct {
	Mark    string `json:"mark"`
	Flash   string `json:"flash"`
	Size    int64  `json:"size"` // bytes
	Clock   string `json:"clock"`
	Faked   bool   `json:"faked"` // the process's time has the clock's offset in it
	Epoch   int    `json:"epoch"`
	First   int    `json:"first"` // year of the RTC
	Last    int    `json:"last"`
	ID      string `json:"id"`
	Machine string `json:"machine"`
	Loop    bool   `json:"loop"` // run the exercise in which the loop is found
}

// startProcess starts the interpreter and waits until its agent answers, at
// most for wait. The error says what the process printed.
//
// loop is where an earlier process of the same firmware executed bytecode; when
// it is not known it is found out.
func startProcess(argv, env []string, set settings, loop code, wait time.Duration) (*process, error) {
	mark := newMark()
	set.Mark = hex.EncodeToString(mark)
	set.Loop = loop == code{}
	p := &process{
		cmd:    exec.Command(argv[0], argv[1:]...),
		exited: make(chan struct{}),
		split:  splitter{mark: mark},
		block:  make([]byte, 64<<10),
		loop:   loop,
	}
	p.cmd.Env = env
	if err := p.spawn(); err != nil {
		return nil, err
	}
	text, err := json.Marshal(set)
	if err == nil {
		err = p.send('c', text)
	}
	if err == nil {
		err = p.hello(wait)
	}
	if err != nil {
		p.lost()
		p.closeFiles()
		return nil, fmt.Errorf("%w (%s); it printed: %s", err, p.status(), p.printed())
	}
	p.moment = moment{pid: p.pid, flash: findFlash(p.pid, set.Flash)}
	p.moment.loop, _ = stretchOf(p.pid, p.loop)
	return p, nil
}

// spawn starts the process with its pipes: commands on descriptor 3, the
// output once more on 4, the leash on 5.
func (p *process) spawn() (err error) {
	defer func() {
		if err != nil {
			p.closeFiles()
		}
	}()
	var commands, output *os.File // the process's ends
	if commands, p.commands, err = newPipe(ourWriter); err != nil {
		return err
	}
	defer commands.Close()
	if p.output, output, err = newPipe(ourReader); err != nil {
		return err
	}
	defer output.Close()
	if p.stdin.r, p.stdin.w, err = newPipe(ourWriter); err != nil {
		return err
	}
	if p.leash, err = newLeash(); err != nil {
		return err
	}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = p.stdin.r, output, output
	p.cmd.ExtraFiles = []*os.File{commands, output, p.leash.tied}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 5}
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("starting the firmware: %w", err)
	}
	go func() {
		defer close(p.exited)
		_ = p.cmd.Wait() // its state is in cmd
	}()
	return nil
}

func (p *process) closeFiles() {
	for _, f := range []*os.File{p.commands, p.output, p.stdin.r, p.stdin.w} {
		if f != nil {
			_ = f.Close()
		}
	}
	if p.leash != nil {
		p.leash.close()
	}
}

// kill ends the process, with all that it started, and waits for it.
func (p *process) kill() {
	p.signalGroup(unix.SIGKILL)
	<-p.exited
	firmware.ForgetClock(p.cmd.Process.Pid)
	p.watching.Lock()
	p.killed = true
	p.watching.Unlock()
	p.watches.Wait()
}

// lost waits a moment for a process that closed its output to end by itself,
// so that its status is its own, makes sure that it is gone, and keeps the last
// of its output.
func (p *process) lost() {
	select {
	case <-p.exited:
	case <-time.After(time.Second):
	}
	p.kill()
	_ = p.await(time.Second, func([]byte, frame) bool { return false }) // up to its end
}

func (p *process) signalGroup(s unix.Signal) { _ = unix.Kill(-p.cmd.Process.Pid, s) }

// watch runs f beside the process, unless the process is being killed: kill
// waits for those that were begun before it, and none may begin after.
func (p *process) watch(f func()) {
	p.watching.Lock()
	defer p.watching.Unlock()
	if !p.killed {
		p.watches.Go(f)
	}
}

// interrupt sends SIGINT to the interpreter, past the wrapper that may have
// started it; where its number is not known, to all of its group. Should it be
// left waiting for a mutex for ever, it is killed, as a board's watchdog would.
func (p *process) interrupt() {
	if group, err := unix.Getpgid(p.pid); p.pid <= 0 || err != nil || group != p.cmd.Process.Pid {
		p.signalGroup(unix.SIGINT)
		return
	}
	p.moment.interrupt()
	p.watch(func() {
		for range 2 {
			select {
			case <-p.exited:
				return
			case <-time.After(hangWait / 2):
			}
			if !waitsForLock(p.pid) {
				return
			}
		}
		p.hung.Store(true)
		p.signalGroup(unix.SIGKILL)
	})
}

// status tells how the process ended. Only for when it has.
func (p *process) status() string {
	if p.hung.Load() {
		return "hung after an interrupt"
	}
	return p.cmd.ProcessState.String()
}

// printed returns the last of the process's output on one line.
func (p *process) printed() string {
	lines := bytes.FieldsFunc(p.tail, func(r rune) bool { return r == '\n' || r == '\r' })
	if len(lines) == 0 {
		return "nothing"
	}
	return string(bytes.Join(lines, []byte(" | ")))
}

func (p *process) keep(output []byte) {
	p.tail = append(p.tail, output...)
	if extra := len(p.tail) - tailLen; extra > 0 {
		p.tail = append(p.tail[:0], p.tail[extra:]...)
	}
}

// send gives the agent a command.
func (p *process) send(letter byte, payload []byte) error {
	p.seq++
	msg := make([]byte, 0, 9+len(payload))
	msg = append(msg, letter)
	msg = binary.LittleEndian.AppendUint32(msg, p.seq)
	msg = binary.LittleEndian.AppendUint32(msg, uint32(len(payload)))
	if _, err := p.commands.Write(append(msg, payload...)); err != nil {
		return errGone
	}
	return nil
}

// event returns the next stretch of output or the next frame; wait is called
// before it waits for one.
func (p *process) event(wait func()) (output []byte, f frame, err error) {
	for {
		if output, f, ok := p.split.next(); ok {
			p.keep(output)
			return output, f, nil
		}
		wait()
		n, err := p.output.Read(p.block)
		switch {
		case n > 0:
			p.split.add(p.block[:n])
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, frame{}, errors.New("the firmware does not answer")
		default:
			return nil, frame{}, errGone
		}
	}
}

// hello waits until the agent answers.
func (p *process) hello(wait time.Duration) error {
	var name []byte
	named := false
	err := p.await(wait, func(output []byte, f frame) bool {
		if named {
			name = append(name, output...)
		}
		switch f.letter {
		case frameLoop:
			p.pid = int(f.number)
			p.loop, _ = codeOf(p.pid, findLoop(p.pid))
			_ = unix.Kill(p.pid, unix.SIGINT) // ends the exercise
		case frameName:
			named = true
		}
		p.name, p.pid = string(name), int(f.number)
		return f.letter == frameHello
	})
	if err != nil {
		return fmt.Errorf("starting the firmware: %w", err)
	}
	return nil
}

// await reads up to the event that match accepts.
func (p *process) await(wait time.Duration, match func([]byte, frame) bool) error {
	_ = p.output.SetReadDeadline(time.Now().Add(wait))
	defer p.output.SetReadDeadline(time.Time{})
	for {
		output, f, err := p.event(func() {})
		if err != nil {
			return err
		}
		if match(output, f) {
			return nil
		}
	}
}

// pipe ends that stay in this program.
const (
	ourReader = iota
	ourWriter
)

// newPipe returns a pipe between this program and the firmware's process,
// whose end must block, while ours must not, for its deadlines to work.
func newPipe(ours int) (r, w *os.File, err error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, fmt.Errorf("making a pipe to the firmware: %w", err)
	}
	if err := unix.SetNonblock(fds[ours], true); err != nil {
		return nil, nil, fmt.Errorf("making a pipe to the firmware: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "|0"), os.NewFile(uintptr(fds[1]), "|1"), nil
}
