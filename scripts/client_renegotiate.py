# client_renegotiate.py: the manual's code, which asks gnutls-serv for a
# renegotiation by a line and then goes on.
import ssl


def renegotiate(case):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    case.require(ctx)
    case.load(ctx)
    sock = case.connect()
    stream = ctx.wrap_socket(sock, server_hostname=case.host)
    case.open.append(stream)
    # The nonce goes out before the request is read: the server may close when
    # it is refused.
    stream.write(b"**REHANDSHAKE**\n")
    stream.write((case.nonce + "\n").encode())
    case.phase = "exchange"
    stream.readline()  # the request was carried out
    case.answered(stream.readline())


CLIENTS["renegotiate"] = renegotiate  # noqa: F821, from probe.py
