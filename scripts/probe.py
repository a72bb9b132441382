# probe.py: the client under test, run on the device.
#
# The rig sends this file once a run and then calls probe() once a scenario.
# By hand, with a server that takes a line and answers with one:
#
#   mpremote run scripts/probe.py run scripts/client_ssl.py exec \
#       "probe('ssl.SSLContext', '192.168.1.2', 8443, 'api.example.com', 2, open('/flash/ca.der','rb').read(), None, 'hello')"
#
# Each client kind lives in a file of its own, client_*.py, and enters its
# function in CLIENTS. It goes through the phases of a connection with the
# code that the manual gives, and tells the case where it is.
import binascii
import gc
import hashlib
import json
import socket
import time

CLIENTS = {}  # name of the client kind: function(case)
ANCHORS = {}  # SHA-256 in hex: bytes of an anchor, sent once a run


class Case:
    def __init__(self, addr, host, verify, anchor, second, nonce, options):
        self.addr = addr  # what socket.connect takes
        self.host = host  # server_hostname, or None
        self.verify = verify  # what verify_mode is set to
        self.anchor = anchor  # bytes, or None for no anchor
        self.second = second  # a further anchor, for what loads two
        self.nonce = nonce
        self.options = options  # what only some client kinds look at
        self.phase = "context"
        self.read_back = None  # verify_mode as it reads after it was set
        self.reply = None
        self.tls = None
        self.open = []  # what must be closed, last first

    def connect(self):
        self.phase = "connect"
        sock = socket.socket()
        self.open.append(sock)
        sock.connect(self.addr)
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
        self.phase = "exchange"
        stream.write((self.nonce + "\n").encode())
        line = stream.readline()
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


def probe(client, ip, port, host, verify, anchor, second, nonce, options={}):
    """Run one connection and print its outcome as one line of JSON."""
    addr = socket.getaddrinfo(ip, port)[0][-1]
    case = Case(addr, host, verify, stored(anchor), stored(second), nonce, options)
    outcome = {"result": "accepted"}
    start = time.ticks_us()
    try:
        CLIENTS[client](case)
    except (Exception, KeyboardInterrupt) as e:
        outcome = describe(e)  # KeyboardInterrupt: the rig's patience ended
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
