# client_http.py: the manual's code with an HTTP request, whose path is the
# nonce, in place of a line.
import ssl


def http(case):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    case.require(ctx)
    case.load(ctx)
    sock = case.connect()
    stream = ctx.wrap_socket(sock, server_hostname=case.host)
    case.open.append(stream)
    stream.write(("GET /" + case.nonce + " HTTP/1.0\r\nHost: " + case.host + "\r\n\r\n").encode())
    case.phase = "exchange"
    status = stream.readline()
    if b" 200 " not in status:
        raise OSError("HTTP: expected status 200, got %s" % status)
    while stream.readline().strip():
        pass  # headers
    case.answered(stream.readline())


CLIENTS["http"] = http  # noqa: F821, from probe.py
