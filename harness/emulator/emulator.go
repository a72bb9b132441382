package emulator

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"trustrig/harness/emulator/console"
)

// Config describes an emulated camera. Only Command must be set.
type Config struct {
	// Command starts the firmware: MicroPython's unix port, or a wrapper that
	// passes its arguments, descriptors and environment on.
	Command []string
	// Env is the firmware's environment, this process's when nil. TZ is set to
	// UTC-14, so that local time taken for UTC shows.
	Env []string
	// Dir keeps the flash image and the clock, over Close too. When empty it
	// is a temporary folder, removed by Close.
	Dir string
	// FlashSize is the size of the flash memory in bytes, a multiple of 512;
	// 0 means 4 MiB.
	FlashSize int64
	// Heap is the size of the interpreter's heap in bytes; 0 means the
	// firmware's own.
	Heap int64
	// Modules are Python modules that the camera has frozen in: the .py files
	// at its top. One that the firmware has natively stays the firmware's.
	Modules fs.FS
	// PowerOn is what the clock shows after Start with a new folder and after
	// PowerCycle; the zero time means the host's.
	PowerOn time.Time
	// FakeTime is whether Env and Command preload libfaketime into the
	// firmware's process, so that the clock is the process's whole time and not
	// only what its modules tell.
	FakeTime bool
	// Epoch is the year from which the camera's time.time() counts, 1970 or
	// 2000; 0 means 1970.
	Epoch int
	// FirstYear and LastYear bound what the RTC can be set to; 0 means no bound.
	FirstYear, LastYear int
	// Hosts are the names that the camera resolves, where Env and Command
	// preload libnss_wrapper.
	Hosts map[string]netip.Addr
	// ID is machine.unique_id().
	ID []byte
	// Machine is the board's name in the banner and in os.uname().
	Machine string
	// Window is the raw-paste window increment in bytes; 0 means
	// console.DefaultWindow, which is what boards have.
	Window int
	// Baud is the line's rate, both ways, 10 bits a byte; 0 means no limit.
	Baud int
	// Link is a symbolic link to the port, made at Start and removed at Close,
	// so that the name never means the port of another camera; when empty it
	// is in the camera's folder.
	Link string
	// Reenumerate makes the port vanish at a hard reset and come back under
	// another name, as USB does; Link follows it.
	Reenumerate bool
	// MainOnce runs main.py after power-up and hard reset only, as OpenMV's
	// firmware does, not after a soft reset.
	MainOnce bool
	// StartTimeout bounds the time the firmware takes to come up; 0 means 10 s.
	StartTimeout time.Duration
	// Log receives a line for each event; nil for none.
	Log io.Writer
}

const (
	defaultFlash   = 4 << 20
	defaultTimeout = 10 * time.Second
	defaultID      = "trustrig-emu"
	defaultMachine = "trustrig emulated camera with unix"
)

// Crash is the end of a firmware's process that nobody asked for. The camera
// restarts after it as a board does after a hard fault.
type Crash struct {
	Time   time.Time
	Status string // "exit status 1", "signal: segmentation fault"
	Output string // the last that it printed
}

func (c Crash) String() string {
	return fmt.Sprintf("the firmware crashed (%s); it printed: %s", c.Status, c.Output)
}

// Emulator is a running emulated camera.
type Emulator struct {
	cfg    Config
	folder folder
	in     chan []byte
	line   *console.Line
	loop   code // of the firmware, owned by run
	stop   context.CancelCauseFunc
	done   chan struct{} // closed when the camera is off

	mu      sync.Mutex
	port    *port
	reset   context.CancelCauseFunc // ends this life of the interpreter
	next    chan struct{}           // closed when the next has come up
	power   bool                    // the next begins with a power cycle
	crashes []Crash
}

// Start starts a camera and waits until its firmware has come up. The error
// says what the firmware printed when it does not. Only Close ends the camera;
// ctx bounds the start.
func Start(ctx context.Context, cfg Config) (*Emulator, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	e := &Emulator{cfg: cfg, in: make(chan []byte), done: make(chan struct{}), next: make(chan struct{})}
	e.line = console.NewLine(e.in, writerFunc(e.write))
	var err error
	if e.folder, err = openFolder(cfg.Dir, cfg.FlashSize, cfg.Modules); err != nil {
		return nil, err
	}
	if e.cfg.Link == "" {
		e.cfg.Link = e.folder.link()
	}
	if err := e.surround(); err != nil {
		return nil, errors.Join(err, e.folder.close())
	}
	e.power = !e.folder.hasClock()
	if err := e.plug(); err != nil {
		return nil, errors.Join(err, e.folder.close())
	}
	life, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	e.stop = stop
	up, failed := e.next, make(chan error, 1)
	go e.run(life, failed)
	select {
	case <-up:
		return e, nil
	case err = <-failed:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	return nil, errors.Join(fmt.Errorf("emulated camera: %w", err), e.Close())
}

// complete checks a configuration and fills in what was left out.
func (c *Config) complete() error {
	if len(c.Command) == 0 {
		return errors.New("emulated camera: no firmware command")
	}
	command := append([]string(nil), c.Command...)
	path, err := exec.LookPath(command[0])
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return fmt.Errorf("emulated camera: %w", err)
	}
	command[0] = path
	c.Command = command
	if c.Env == nil {
		c.Env = os.Environ()
	}
	c.Env = append(append([]string(nil), c.Env...), "TZ=UTC-14")
	if c.FlashSize == 0 {
		c.FlashSize = defaultFlash
	}
	if c.Window == 0 {
		c.Window = console.DefaultWindow
	}
	if c.ID == nil {
		c.ID = []byte(defaultID)
	}
	if c.Machine == "" {
		c.Machine = defaultMachine
	}
	if c.Epoch == 0 {
		c.Epoch = 1970
	}
	if c.LastYear == 0 {
		c.LastYear = 9999
	}
	if c.StartTimeout == 0 {
		c.StartTimeout = defaultTimeout
	}
	if c.Log == nil {
		c.Log = io.Discard
	}
	switch {
	case c.FlashSize < 0 || c.FlashSize%512 != 0:
		return fmt.Errorf("emulated camera: a flash of %d bytes is no multiple of 512", c.FlashSize)
	case c.Epoch != 1970 && c.Epoch != 2000:
		return fmt.Errorf("emulated camera: a clock that counts from %d", c.Epoch)
	case c.Window < 1 || c.Window > 0xffff:
		return fmt.Errorf("emulated camera: a raw-paste window of %d bytes", c.Window)
	}
	return nil
}

// Port returns the name under which serial programs open the camera, a link.
func (e *Emulator) Port() string { return e.cfg.Link }

// Crashes returns the crashes so far, oldest first.
func (e *Emulator) Crashes() []Crash {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]Crash(nil), e.crashes...)
}

// Reset presses the board's reset button, and waits until the firmware has
// come up again.
func (e *Emulator) Reset(ctx context.Context) error {
	return e.restart(ctx)
}

// PowerCycle takes the board's power away and gives it back, so that its clock
// is at its power-on value, and waits until the firmware has come up again.
func (e *Emulator) PowerCycle(ctx context.Context) error {
	e.mu.Lock()
	e.power = true
	e.mu.Unlock()
	for {
		if err := e.restart(ctx); err != nil {
			return err
		}
		e.mu.Lock()
		pending := e.power // a restart was already under way
		e.mu.Unlock()
		if !pending {
			return nil
		}
	}
}

// Close switches the camera off and removes what it leaves nowhere else: its
// process and all that it started, its port and link, a temporary folder.
func (e *Emulator) Close() error {
	e.stop(errOff)
	<-e.done
	return errors.Join(e.unplug(), e.folder.close())
}

func (e *Emulator) logf(format string, args ...any) {
	fmt.Fprintf(e.cfg.Log, "emulated camera: "+format+"\n", args...)
}

// argv returns the command line that starts the interpreter with the agent.
func (e *Emulator) argv() []string {
	argv := append([]string(nil), e.cfg.Command...)
	if e.cfg.Heap > 0 {
		argv = append(argv, "-X", "heapsize="+strconv.FormatInt(e.cfg.Heap, 10))
	}
	return append(argv, e.folder.start())
}

func (e *Emulator) settings() settings {
	return settings{
		Flash: e.folder.flash(), Size: e.cfg.FlashSize, Clock: e.folder.clock(),
		Faked: e.cfg.FakeTime, Epoch: e.cfg.Epoch, First: e.cfg.FirstYear, Last: e.cfg.LastYear,
		ID: hex.EncodeToString(e.cfg.ID), Machine: e.cfg.Machine,
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
