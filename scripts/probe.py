# probe.py: the client under test, run on the device.
#
# The rig sends this file once a run and then calls probe() once a scenario.
# By hand, against a server that takes a line and answers with one:
#
#   mpremote run scripts/probe.py run scripts/client_ssl.py exec \
#     "probe('ssl.SSLContext', '192.168.1.2', 8443, 'api.example.com', 2, open('ca.der', 'rb').read(), None, 'hello')"
#
# Each client kind lives in a file of its own, client_*.py, and enters its
# function in CLIENTS. It goes through the phases of a connection with the
# code that the manual gives, and the case notes where it is.
import binascii
import gc
import hashlib
import json
import os
import socket
import time

CLIENTS = {}  # name of the client kind: function(case)
ANCHORS = {}  # SHA-256 in hex: bytes of an anchor, sent once a run


class Case:
    def __init__(self, ip, port, host, verify, anchor, second, nonce, options):
        self.ip = ip
        self.port = port
        self.host = host  # server_hostname, or None
        self.verify = verify  # what verify_mode is set to; None leaves it alone
        self.anchor = anchor  # bytes, or None for no anchor
        self.second = second  # a further anchor, for what loads two
        self.nonce = nonce
        self.options = options  # what only some client kinds look at
        self.phase = "context"
        self.read_back = None  # verify_mode as it reads after it was set
        self.reply = None
        self.tls = None  # the version, where the firmware tells it
        self.open = []  # what must be closed, last first

    def require(self, ctx):
        if self.verify is not None:
            ctx.verify_mode = self.verify
            self.read_back = ctx.verify_mode

    def load(self, ctx):
        # The anchor's way into a context: from memory unless the scenario is
        # about files, so that a small flash is neither filled nor worn.
        self.phase = "anchor"
        if self.anchor is None:
            return
        via = self.options.get("via")
        if via == "cafile":
            path = place("trustrig.ca")
            try:
                with open(path, "wb") as f:
                    f.write(self.anchor)
                ctx.load_verify_locations(cafile=path)
            finally:
                # Also what a full flash has taken of it.
                try:
                    os.remove(path)
                except OSError:
                    pass  # it is not there, and what kept it out goes on
        elif via == "romfs":
            import vfs

            vfs.mount(vfs.VfsRom(romfs("ca.der", self.anchor)), "/trustrig")
            try:
                ctx.load_verify_locations(cafile="/trustrig/ca.der")
            finally:
                vfs.umount("/trustrig")
        else:
            ctx.load_verify_locations(cadata=self.anchor)

    def settime(self):
        # The manual's ntptime.settime(), at a time server of the rig.
        if "ntp" not in self.options:
            return
        import ntptime

        self.phase = "clock"
        ip, port, timeout = self.options["ntp"]
        plain, patience, ntptime.host = ntptime.socket, getattr(ntptime, "timeout", 1), ip
        if port != 123:
            ntptime.socket = Elsewhere(plain, port)
        if timeout:
            ntptime.timeout = timeout
        try:
            ntptime.settime()
        finally:
            ntptime.socket, ntptime.timeout = plain, patience
        self.phase = "context"

    def move(self, phase):
        # The clock of a scenario that moves it in the middle.
        when = self.options.get("then")
        if when and when[0] == phase:
            set_clock(when[1])

    def connect(self):
        self.phase = "connect"
        self.move("connect")
        sock = socket.socket()
        self.open.append(sock)
        if "timeout" in self.options:
            sock.settimeout(self.options["timeout"])
        sock.connect(socket.getaddrinfo(self.ip, self.port)[0][-1])
        try:
            # Without it, Nagle and the server's delayed acknowledgement stall
            # each accepted handshake for 40 ms. IPPROTO_TCP, TCP_NODELAY.
            sock.setsockopt(6, 1, 1)
        except (OSError, AttributeError):
            pass  # a port without it is slower, no more
        self.phase = "handshake"
        return sock

    def exchange(self, stream):
        # The nonce goes there, the server's own comes back: only application
        # data in both directions proves that the server was accepted.
        self.open.append(stream)
        self.move("exchange")
        stream.write((self.nonce + "\n").encode())
        self.phase = "exchange"
        self.answered(stream.readline())
        if hasattr(stream, "cipher"):
            self.tls = stream.cipher()[1]

    def answered(self, line):
        self.reply = line.decode().strip() if line else ""
        if not self.reply:
            raise OSError("the server closed without an answer")
        self.phase = "done"

    def close(self):
        while self.open:
            try:
                self.open.pop().close()
            except Exception:  # closing is no part of the outcome
                pass


class Elsewhere:
    """The module socket, for which each port is another."""

    def __init__(self, plain, port):
        self.plain = plain
        self.port = port

    def __getattr__(self, name):
        return getattr(self.plain, name)

    def getaddrinfo(self, host, port, *more):
        return self.plain.getaddrinfo(host, self.port, *more)


def now():
    # A port without gmtime has no time zones; its localtime is what was set.
    return getattr(time, "gmtime", time.localtime)()[:6]


def set_clock(when):
    from machine import RTC

    RTC().datetime(when)


def probe(client, ip, port, host, verify, anchor, second, nonce, options={}):
    """Run one connection and print its outcome as one line of JSON."""
    case = Case(ip, port, host, verify, stored(anchor), stored(second), nonce, options)
    outcome = {"result": "accepted"}
    clock = []
    if "clock" in options:
        try:
            set_clock(options["clock"])
        except Exception as e:
            report({"result": "clock", "text": type(e).__name__ + ": " + ascii_only(str(e))})
            return
        clock.append(now())
    start = time.ticks_us()
    try:
        case.settime()
        CLIENTS[client](case)
    except (Exception, KeyboardInterrupt) as e:
        outcome = describe(e)  # KeyboardInterrupt: the rig's patience ended
    if clock:
        clock.append(now())
        outcome["clock"] = clock
    case.close()
    outcome["ms"] = time.ticks_diff(time.ticks_us(), start) / 1000
    outcome["phase"] = case.phase
    outcome["verify_mode"] = case.read_back
    outcome["reply"] = case.reply
    outcome["tls"] = case.tls
    report(outcome)
    case = None
    gc.collect()  # each connection starts with the same memory


def describe(e):
    args = e.args
    number = args[0] if args and isinstance(args[0], int) else 0
    return {
        "result": "raised",
        "exception": type(e).__name__,
        "errno": number,
        "text": ascii_only(str(e)),
    }


def report(value):
    # In two halves, so that the echo of this source is never taken for it.
    print("trust" + "rig:" + json.dumps(value))


def ascii_only(text):
    return "".join(c if 0 < ord(c) < 127 else "?" for c in text)


def store(data):
    """Keep an anchor for the run, under its SHA-256."""
    data = binascii.a2b_base64(data)
    ANCHORS[binascii.hexlify(hashlib.sha256(data).digest()).decode()] = data


def stored(anchor):
    # By its SHA-256 where store() has it; bytes, or None, as they are. One
    # that is not there must be an error of the rig, never an outcome.
    return ANCHORS[anchor] if isinstance(anchor, str) else anchor


def place(name):
    # An absolute path: a camera with a card in it has another folder current.
    return ("/flash/" if "flash" in os.listdir("/") else "/") + name


def romfs(name, data):
    # A ROMFS image with one file, for vfs.VfsRom (MicroPython's
    # extmod/vfs_rom.c: records of kind, length and contents; 2 is data, 5 a
    # file). It is mounted from memory: no board's ROM is rewritten.
    content = number(len(name)) + name.encode() + record(2, data)
    return b"\xd2\xcd\x31" + number(len(record(5, content))) + record(5, content)


def record(kind, content):
    return number(kind) + number(len(content)) + content


def number(n):
    # Seven bits a byte, the high ones first, all but the last marked.
    out = bytes((n & 0x7F,))
    while n > 0x7F:
        n >>= 7
        out = bytes((0x80 | n & 0x7F,)) + out
    return out
