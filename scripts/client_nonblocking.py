# client_nonblocking.py: a socket that never blocks. wrap_socket returns before
# the handshake, which reads and writes then drive; poll waits between them.
import select
import ssl


def nonblocking(case):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    case.require(ctx)
    case.load(ctx)
    sock = case.connect()
    sock.setblocking(False)
    stream = ctx.wrap_socket(sock, server_hostname=case.host, do_handshake_on_connect=False)
    poll = select.poll()
    poll.register(stream, select.POLLIN | select.POLLOUT)
    case.exchange(Waiting(stream, poll))


class Waiting:
    """A stream that waits with poll where the one below would block."""

    def __init__(self, stream, poll):
        self.stream = stream
        self.poll = poll

    def write(self, data):
        while data:
            n = self.stream.write(data)
            if n:
                data = data[n:]
            else:
                self.poll.poll(100)

    def readline(self):
        line = b""
        while not line.endswith(b"\n"):
            c = self.stream.read(1)
            if c == b"":
                break
            if c is None:
                self.poll.modify(self.stream, select.POLLIN)
                self.poll.poll(100)
            else:
                line += c
        return line

    def close(self):
        self.stream.close()


CLIENTS["non-blocking"] = nonblocking  # noqa: F821, from probe.py
