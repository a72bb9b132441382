# client_ssl.py: ssl.SSLContext as the manual's example uses it.
import ssl


def ssl_context(case):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    case.require(ctx)
    case.load(ctx)
    sock = case.connect()
    case.exchange(ctx.wrap_socket(sock, server_hostname=case.host))


CLIENTS["ssl.SSLContext"] = ssl_context  # noqa: F821, from probe.py
CLIENTS["after-soft-reset"] = ssl_context  # noqa: F821, the same on a device that the rig has just reset
