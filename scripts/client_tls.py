# client_tls.py: tls.SSLContext, the class in C below ssl's.
import tls


def tls_context(case):
    ctx = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    case.require(ctx)
    case.phase = "anchor"
    if case.anchor is not None:
        ctx.load_verify_locations(case.anchor)  # takes no keyword, and bytes alone
    sock = case.connect()
    case.exchange(ctx.wrap_socket(sock, server_hostname=case.host))


CLIENTS["tls.SSLContext"] = tls_context  # noqa: F821, from probe.py
