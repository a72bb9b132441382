# client_wrap_socket.py: ssl.wrap_socket, the call of before SSLContext.
import ssl


def wrap_socket(case):
    options = {"server_hostname": case.host}
    if case.verify is not None:
        options["cert_reqs"] = case.verify
    if case.anchor is not None:
        options["cadata"] = case.anchor
    sock = case.connect()
    case.exchange(ssl.wrap_socket(sock, **options))


CLIENTS["ssl.wrap_socket"] = wrap_socket  # noqa: F821, from probe.py
