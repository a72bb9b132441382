# client_misuse.py: verify_mode and its kin used otherwise than the manual
# says, as a tired programmer would. Each variant is one mistake.
import ssl


def misuse_talk(case, ctx):
    case.load(ctx)
    sock = case.connect()
    case.exchange(ctx.wrap_socket(sock, server_hostname=case.host))


def misuse_context():
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def mode(value):
    # verify_mode set to something else than CERT_REQUIRED.
    def run(case):
        ctx = misuse_context()
        ctx.verify_mode = value
        case.read_back = ctx.verify_mode
        misuse_talk(case, ctx)

    return run


def after_wrap(case):
    # Too late: wrap_socket has shaken hands already.
    ctx = misuse_context()
    case.load(ctx)
    sock = case.connect()
    stream = ctx.wrap_socket(sock, server_hostname=case.host)
    ctx.verify_mode = ssl.CERT_REQUIRED
    case.exchange(stream)


def check_hostname(case):
    # CPython's attribute. On MicroPython's ssl it is a name like any other.
    ctx = misuse_context()
    ctx.check_hostname = True
    misuse_talk(case, ctx)


def verify_callback(case):
    # Only tls.SSLContext has one; here it is a name like any other.
    ctx = misuse_context()
    ctx.verify_callback = refuse
    misuse_talk(case, ctx)


def tls_verify_callback(case):
    import tls

    ctx = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    ctx.verify_mode = tls.CERT_REQUIRED
    ctx.verify_callback = refuse
    case.phase = "anchor"
    ctx.load_verify_locations(case.anchor)  # takes no keyword
    case.exchange(ctx.wrap_socket(case.connect(), server_hostname=case.host))


def refuse(certificate, depth):
    return -1


def dict_for_protocol(case):
    misuse_talk(case, ssl.SSLContext({}))


def dict_for_mode(case):
    ctx = misuse_context()
    ctx.verify_mode = {}
    misuse_talk(case, ctx)


def no_hostname(case):
    ctx = misuse_context()
    case.require(ctx)
    case.load(ctx)
    case.exchange(ctx.wrap_socket(case.connect()))


def hostname(value):
    def run(case):
        ctx = misuse_context()
        case.require(ctx)
        case.load(ctx)
        case.exchange(ctx.wrap_socket(case.connect(), server_hostname=value))

    return run


MISUSES = {
    "mode-optional": mode(1),
    "mode-true": mode(True),
    "mode-3": mode(3),
    "mode-minus-1": mode(-1),
    "mode-dict": dict_for_mode,
    "mode-after-wrap": after_wrap,
    "check-hostname": check_hostname,
    "verify-callback": verify_callback,
    "tls-verify-callback": tls_verify_callback,
    "protocol-dict": dict_for_protocol,
    "hostname-missing": no_hostname,
    "hostname-empty": hostname(""),
    "hostname-number": hostname(5),
    "hostname-bytes": hostname(b"api.example.com"),
}


def misuse(case):
    MISUSES[case.options["variant"]](case)


CLIENTS["misuse"] = misuse  # noqa: F821, from probe.py
