# The interpreter's side of the emulated camera. It turns MicroPython's unix
# port into a board: mounts the flash image, hides the host, and executes what
# the console (in Go) hands it.
#
# Channels: descriptor 3 brings commands; descriptor 4 is a second handle on
# the standard output, so that what the script prints and what the agent
# reports arrive in one order. A frame on it is a mark that no script can
# guess, a letter and a number.
#
# Works on MicroPython 1.20 and newer.
import gc
import json
import micropython
import os
import sys
import time

try:
    import vfs
except ImportError:  # before 1.23
    import os as vfs

SECTOR = 512

# Modules of the camera that stand before the firmware's own of that name, in
# the order in which they need each other.
EXTENDS = ("sys", "micropython", "os", "vfs", "time", "machine")

# Commands: a letter, a sequence number and the payload's size, then the payload.
SINGLE, FILE, SCRIPT, SYNC = b"sfby"

# Frames.
LOOP, NAME, HELLO, BEGUN, RAISED, DONE, EXITED, SYNCED, IDLE = b"LNHBEDXYi"
RESET, AGAIN, KEY, VERBATIM, COOKED = b"RIKVC"


def channel(fd, mode):
    try:
        return open(fd, mode)
    except TypeError:  # a build whose open() takes names only
        return open("/dev/fd/%d" % fd, mode)


def number(buf, at):
    return buf[at] | buf[at + 1] << 8 | buf[at + 2] << 16 | buf[at + 3] << 24


class Frames:
    def __init__(self, out, mark):
        self.out = out
        self.buf = bytearray(mark + b"?\0\0\0\0")  # made once: a full heap still reports
        self.at = len(mark)

    def send(self, letter, number=0):
        buf = self.buf
        buf[self.at] = letter
        for i in range(1, 5):
            buf[self.at + i] = number & 255
            number >>= 8
        self.out.write(buf)  # below PIPE_BUF: whole or, by an interrupt, not at all


class Flash:
    """The flash memory: a block device over a host file that is already open.

    A board's flash driver is not interrupted by Ctrl-C, and FAT does not bear
    it. The console sees by the file's position whether a transfer is under
    way, for it is 0 between two, and does not interrupt one. Should an
    interrupt come through, the transfer is done again, and then the interrupt
    asked for again.
    """

    # A file that is garbage is closed by the collector, while the heap is
    # locked: so a transfer allocates nothing. Bound methods are made here.

    def __init__(self, file, size):
        self.seek = file.seek
        self.readinto = file.readinto
        self.write = file.write
        self.count = size // SECTOR

    def readblocks(self, block, buf, offset=0):
        again = False
        while True:
            try:
                self.seek(block * SECTOR + offset)
                self.readinto(buf)
                self.seek(0)
                break
            except KeyboardInterrupt:
                again = True
        if again:
            frames.send(AGAIN)

    def writeblocks(self, block, buf, offset=0):
        again = False
        while True:
            try:
                self.seek(block * SECTOR + offset)
                self.write(buf)
                self.seek(0)
                break
            except KeyboardInterrupt:
                again = True
        if again:
            frames.send(AGAIN)

    def ioctl(self, op, arg):
        if op == 4:
            return self.count
        if op == 5:
            return SECTOR
        return 0

    def blank(self):
        sector = bytearray(SECTOR)
        self.readblocks(0, sector)
        return not any(sector)


class Clock:
    """The RTC: the host's time plus an offset, kept in a file of fixed width.

    The file is "+SSSSSSSSSSSS.UUUUUU\n", seconds and microseconds, as
    libfaketime reads it too. When that library is what applies the offset
    (applied), the time that the process sees has it already.
    """

    def __init__(self, file, native, applied):
        self.file = file
        self.time = native.time
        self.time_ns = native.time_ns
        self.applied = applied

    def process(self):
        """Microseconds since 1970 as the process sees them.

        time_ns counts in 64 bits, which are not enough before 1970 and after
        2554; time is a float, which is coarser there than a microsecond.
        """
        seconds = self.time()
        if 0 <= seconds < 18000000000:
            return self.time_ns() // 1000
        return int(seconds * 1000000)

    def offset(self):
        self.file.seek(0)
        text = self.file.read(21)
        us = int(text[1:13]) * 1000000 + int(text[14:20])
        return -us if text[:1] == b"-" else us

    def now(self):
        """Microseconds since 1970, UTC."""
        us = self.process()
        return us if self.applied else us + self.offset()

    def set(self, us):
        if self.applied:
            self.shift(0)  # to tell the host's time to the microsecond
        self.shift(us - self.process())

    def shift(self, us):
        sign = "-" if us < 0 else "+"
        us = abs(us)
        self.file.seek(0)
        self.file.write("%s%012d.%06d\n" % (sign, us // 1000000, us % 1000000))


# What the camera's modules take from here.
frames = None
clock = None
config = None


def epoch():
    """Where the camera's time.time() counts from, in seconds since 1970."""
    return 946684800 if config["epoch"] == 2000 else 0


def extend(name):
    """Imports camera_NAME.py as the module NAME.

    It is imported under that longer name so that it can itself import the
    firmware's own module.
    """
    module = __import__("camera_" + name)
    del sys.modules["camera_" + name]
    module.__name__ = name
    del module.__file__  # its name for people is that of a firmware module
    sys.modules[name] = module


def freeze(name):
    """Imports NAME.py, unless the firmware has a module of that name."""
    path = sys.path[:]
    sys.path[:] = [".frozen"]
    try:
        __import__(name)
    except ImportError:
        sys.path[:] = path
        __import__(name)
    sys.path[:] = path


def provide():
    """Imports the camera's modules while the host's files can be read.

    This is done in their folder, so that tracebacks show names as a board's.
    """
    for name in EXTENDS:
        extend(name)
    os.chdir("frozen")
    for file in os.listdir():
        if file.endswith(".py"):
            freeze(file[:-3])


def mount():
    """Replaces the host's files by the flash memory."""
    flash = Flash(open(config["flash"], "r+b"), config["size"])
    if flash.blank():
        vfs.VfsFat.mkfs(flash)
    vfs.umount("/")
    try:
        vfs.mount(vfs.VfsFat(flash), "/flash")
    except OSError:
        raise OSError("the flash image holds no FAT file system: " + config["flash"])
    os.chdir("/flash")
    sys.path[:] = ["", ".frozen", "/rom", "/rom/lib", "/flash", "/flash/lib"]
    sys.argv[:] = []


def identity():
    """The process's number, to which the console sends interrupts."""
    try:
        with open("/proc/self/stat") as f:
            return int(f.read(32).split(" ")[0])
    except (OSError, ValueError):
        return 0


def exercise(pid):
    """Executes bytecode that allocates nothing until it is interrupted.

    The console looks where the interpreter is meanwhile, to know it again.
    """
    a, b = None, True
    try:
        frames.send(LOOP, pid)
        while True:
            a, b = b, a
            if a is b or not frames:
                b = len
            for c in ():
                a = -1
            try:
                pass
            finally:
                b = a
    except KeyboardInterrupt:
        pass


def execute(kind, source, scope, seq):
    """Runs a program and returns what it raised.

    Only then the console sends interrupts: before, the program is compiled.
    """
    try:
        name, mode = "<stdin>", "exec"
        if kind == SINGLE:
            mode = "single"
        elif kind == SCRIPT:
            name = str(source.pop(), "utf8")
            try:
                with open("/flash/" + name) as f:
                    source.append(f.read())
            except OSError:
                return None  # a board without boot.py is a board like any other
        code = compile(source.pop(), name, mode)
        frames.send(BEGUN, seq)
        exec(code, scope)
    except BaseException as e:
        return e


def receive(commands, size):
    """Reads a program; with too small a heap for it, reads past it."""
    try:
        return [commands.read(size)]
    except MemoryError:
        scratch = bytearray(64)
        while size > 0:
            size -= commands.readinto(scratch, min(size, 64))
        return None


def report(error, seq):
    """Says how a program ended."""
    if error is None:
        frames.send(DONE, seq)
    elif isinstance(error, SystemExit):
        frames.send(EXITED, seq)
    else:
        frames.send(RAISED, seq)
        try:
            sys.print_exception(error, frames.out)
        except Exception:
            pass  # its text can not be had; that it was raised can
        frames.send(DONE, seq)


def unlock():
    """Unlocks the heap, which a program may have left locked, as a REPL does."""
    micropython.heap_lock()
    while micropython.heap_unlock():
        pass


def serve(commands, scope):
    """Executes commands until the console goes away.

    An interrupt can come late, when the program has just ended: then anything
    here raises KeyboardInterrupt. So a program that was begun is owed a
    report, which is made again when it was interrupted (the console counts
    the last), and an interrupt that hits nothing is told as IDLE, after which
    the console asks for SYNC again.
    """
    head = bytearray(9)
    seq = 0
    owed = False
    error = None
    while True:
        try:
            if owed:
                unlock()
                report(error, seq)
                owed = False
                error = None
            if commands.readinto(head) != len(head):
                return
            kind, seq, size = head[0], number(head, 1), number(head, 5)
            if kind == SYNC:
                for _ in range(4):
                    pass  # a loop is where MicroPython raises what is pending
                frames.send(SYNCED, seq)
                continue
            source = receive(commands, size)
            owed = True
            error = MemoryError() if source is None else execute(kind, source, scope, seq)
        except KeyboardInterrupt as e:
            if not owed:
                frames.send(IDLE, seq)
            elif error is None:
                error = e


def main(scope):
    global frames, clock, config
    commands = channel(3, "rb")
    head = bytearray(9)
    commands.readinto(head)
    config = json.loads(commands.read(number(head, 5)))
    frames = Frames(channel(4, "wb"), bytes.fromhex(config["mark"]))
    clock = Clock(open(config["clock"], "r+b"), time, config["faked"])
    pid = identity()
    provide()
    mount()
    for name in ("trustrig_agent", "json"):
        sys.modules.pop(name, None)
    scope.clear()
    scope["__name__"] = "__main__"
    gc.collect()
    if config["loop"] and pid:
        exercise(pid)
    frames.send(NAME)
    frames.out.write(sys.version.split("; ")[-1])
    frames.send(HELLO, pid)
    serve(commands, scope)
