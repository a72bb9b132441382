package firmware

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"trustrig/firmware/cache"
	"trustrig/firmware/debian"
)

// Surroundings are what a firmware's process can be given otherwise than its
// machine has it, by libraries of Debian's that stand before functions of the
// C library.
type Surroundings struct {
	// Clock is libfaketime, "" where the firmware can not be given a clock
	// of its own; Names is libnss_wrapper, "" where it can not be given
	// names of its own. What is here has been seen to work.
	Clock, Names string
	// Lacks says in a line each why something is not here.
	Lacks []string
}

// Libraries are those that are here.
func (s Surroundings) Libraries() []string {
	var libs []string
	for _, lib := range []string{s.Clock, s.Names} {
		if lib != "" {
			libs = append(libs, lib)
		}
	}
	return libs
}

// Surround finds the libraries, fetched into the cache when they are first
// used, and tries each on the firmware in the environment env. A library that
// can not be had, or that has no effect (as in a static binary), is no error
// but something that is lacking.
func (f *Firmware) Surround(ctx context.Context, env []string, o Options) Surroundings {
	var s Surroundings
	lack := func(what string, err error) {
		s.Lacks = append(s.Lacks, fmt.Sprintf("the emulated camera has no %s: %v", what, err))
	}
	var err error
	if s.Clock, err = f.Clock(ctx, env, o); err != nil {
		lack("clock of its own", err)
	}
	if s.Names, err = f.tried(ctx, env, nssWrapper, seesOtherNames, o); err != nil {
		lack("resolver", err)
	}
	return s
}

// Clock is the part of [Firmware.Surround] that is about the clock: it returns
// libfaketime, or why the firmware can not have it.
func (f *Firmware) Clock(ctx context.Context, env []string, o Options) (string, error) {
	return f.tried(ctx, env, fakeTime, seesOtherTime, o)
}

func (f *Firmware) tried(ctx context.Context, env []string, b borrowed, judge sight, o Options) (string, error) {
	lib, err := f.library(ctx, b, o)
	if err != nil {
		return "", err
	}
	if err := f.try(ctx, env, lib, judge); err != nil {
		return "", err
	}
	return lib, nil
}

// Surrounded is the command line and the environment of a process of the
// firmware with libraries preloaded and variables set, as [Environ] does. An
// emulator of another processor is told to preload them into the program that
// it runs, for they are no libraries for itself.
func (f *Firmware) Surrounded(base, libs []string, set ...string) (argv, env []string, err error) {
	if f.foreign.arch == "" {
		env, err = Environ(base, libs, set...)
		return f.Argv, env, err
	}
	if env, err = Environ(base, nil, set...); err != nil || len(libs) == 0 {
		return f.Argv, env, err
	}
	argv = append([]string{f.Argv[0], "-E", "LD_PRELOAD=" + strings.Join(libs, ":")}, f.Argv[1:]...)
	return argv, env, nil
}

// A borrowed library is one that a Debian package has.
type borrowed struct{ deb, file string }

var (
	fakeTime   = borrowed{"libfaketime", "usr/lib/*/faketime/libfaketime.so.1"}
	nssWrapper = borrowed{"libnss-wrapper", "usr/lib/*/libnss_wrapper.so"}
)

// library returns the path of a library that goes with the firmware's process:
// of the host's own suite, for a library that knows an older C library runs
// with a newer one, not the other way round; for another processor's firmware,
// which runs in its own C library alone, of the firmware's suite.
func (f *Firmware) library(ctx context.Context, b borrowed, o Options) (string, error) {
	suite, arch := f.foreign.suite, f.foreign.arch
	if arch == "" {
		suite, arch = hostSuite(), debian.Native()
	}
	c, err := o.cache()
	if err != nil {
		return "", err
	}
	return fetchLibrary(ctx, c, b, suite, arch, o)
}

func fetchLibrary(ctx context.Context, c *cache.Cache, b borrowed, suite, arch string, o Options) (string, error) {
	root, err := c.MakeNewest(ctx, "preload/"+suite+"-"+arch+"-"+b.deb, func(dir string) (string, error) {
		o.say("fetching %s from Debian %s (%s, once; kept in %s)", b.deb, suite, arch, c.Dir())
		got, err := debian.Fetch(ctx, c, debian.Request{Suite: suite, Arch: arch, Packages: []string{b.deb}}, dir)
		if err != nil {
			return "", err
		}
		return entryVersion(got, b.deb)
	})
	if err != nil {
		return "", err
	}
	found, err := filepath.Glob(filepath.Join(root, b.file))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("%s holds no %s; delete it to have it fetched again", root, b.file)
	}
	return found[0], nil
}

// oldestSuite is Debian's oldest that a host is taken to be no older than.
const oldestSuite = "bookworm"

// hostSuite is the suite of Debian that this machine runs. A machine that runs
// another system gets an old suite's libraries.
func hostSuite() string {
	text, err := os.ReadFile("/etc/os-release") // os-release(5)
	if err != nil {
		return oldestSuite
	}
	return suiteOf(string(text))
}

func suiteOf(release string) string {
	field := make(map[string]string)
	for line := range strings.Lines(release) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			field[name] = strings.Trim(value, `"'`)
		}
	}
	if suite := field["VERSION_CODENAME"]; field["ID"] == "debian" && suite != "" {
		return suite
	}
	return oldestSuite
}

// surroundPy prints what time it is and, where libnss_wrapper is in the
// process, so that no query leaves the machine, the address of a name.
//
//go:embed surround.py
var surroundPy string

const (
	trialSentinel = "trustrig:surroundings:"
	trialName     = "trial.trustrig.test"
	trialAddress  = "127.9.8.7"
	trialShift    = -500000000 * time.Second
)

// A sight judges what the firmware saw in its surroundings.
type sight func(seconds float64, address string) error

func seesOtherTime(seconds float64, _ string) error {
	off := time.Until(time.UnixMilli(int64(seconds * 1000))).Round(time.Second)
	if (off - trialShift).Abs() > time.Minute {
		return fmt.Errorf("libfaketime has no effect on it: moved by %v, its clock is off by %v", trialShift, off)
	}
	return nil
}

func seesOtherNames(_ float64, address string) error {
	if !strings.Contains(address, "7f090807") { // trialAddress in a sockaddr_in
		return fmt.Errorf("libnss_wrapper has no effect on it: a name of the rig's leads to %q", address)
	}
	return nil
}

// try runs the firmware with one library preloaded and looks at what it sees.
func (f *Firmware) try(ctx context.Context, env []string, lib string, judge sight) error {
	dir, err := os.MkdirTemp("", "trustrig-try-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	stamp, hosts := filepath.Join(dir, "clock"), filepath.Join(dir, "hosts")
	err = errors.Join(
		os.WriteFile(stamp, fmt.Appendf(nil, "%d\n", int64(trialShift/time.Second)), 0o600),
		os.WriteFile(hosts, []byte(trialAddress+" "+trialName+"\n"), 0o600))
	if err != nil {
		return err
	}
	argv, env, err := f.Surrounded(env, []string{lib}, append(ClockEnv(stamp), NamesEnv(hosts)...)...)
	if err != nil {
		return err
	}
	out, err := runBounded(ctx, argv, env, surroundPy, askTime)
	_, line, found := strings.Cut(out, trialSentinel)
	line, _, whole := strings.Cut(line, "\n")
	words := strings.Fields(line)
	if !found || !whole || len(words) != 2 {
		return fmt.Errorf("with %s it does not run (%w; it printed %.80q)", filepath.Base(lib), err, out)
	}
	seconds, err := strconv.ParseFloat(words[0], 64)
	if err != nil {
		return fmt.Errorf("it does not tell the time: %w", err)
	}
	return judge(seconds, words[1])
}

// ClockEnv are the variables with which libfaketime shifts a process's time by
// what the file says, at once whenever that changes (without a cache), and
// leaves timers alone (libfaketime's README, sections 4d and 4e).
func ClockEnv(file string) []string {
	return []string{"FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_TIMESTAMP_FILE=" + file}
}

// NamesEnv are the variables with which libnss_wrapper resolves the names of a
// file in the format of hosts(5), and no others.
func NamesEnv(file string) []string { return []string{"NSS_WRAPPER_HOSTS=" + file} }

// ForgetClock removes what libfaketime leaves in shared memory, under the
// number of the first process that had it, when that process is killed or
// becomes one without it.
func ForgetClock(pid int) {
	for _, name := range []string{"sem.faketime_sem_%d", "faketime_shm_%d"} {
		_ = os.Remove("/dev/shm/" + fmt.Sprintf(name, pid)) // most often there is none
	}
}
