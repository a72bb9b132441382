# client_ssl.py: ssl.SSLContext as the manual's example uses it.
import ssl


def ssl_context(case):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.verify_mode = case.verify
    case.read_back = ctx.verify_mode
    case.phase = "anchor"
    if case.anchor is not None:
        ctx.load_verify_locations(cadata=case.anchor)
    sock = case.connect()
    stream = ctx.wrap_socket(sock, server_hostname=case.host)
    case.exchange(stream)


CLIENTS["ssl.SSLContext"] = ssl_context  # noqa: F821, from probe.py
