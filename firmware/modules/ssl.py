# The module ssl as a camera has it frozen in: a wrapper in Python around the
# firmware's own module tls, for firmware of the unix port that lacks it.
#
# What the wrapper lacks, and what it lets pass, is part of what a camera does:
# - a context that was just made verifies nothing, where tls starts a client
#   at CERT_REQUIRED;
# - verify_callback, check_hostname and whatever else is assigned to a context
#   becomes an attribute that nobody reads, without an error;
# - client_id, get_ciphers and set_ciphers do not exist here, only in tls.

try:
    import tls
    from tls import *
except ImportError:
    # Before 1.23 ssl was a part of the firmware and there was no tls. The
    # prefix asks for the firmware's own module, and it stays as it is.
    from ussl import *

    tls = None


def _content(file_or_bytes):
    # Certificates and keys come as the name of a file or as their bytes.
    if isinstance(file_or_bytes, str):
        with open(file_or_bytes, "rb") as f:
            return f.read()
    return file_or_bytes


if tls:

    class SSLContext:
        def __init__(self, protocol):
            self._tls = tls.SSLContext(protocol)
            self._tls.verify_mode = tls.CERT_NONE

        @property
        def verify_mode(self):
            return self._tls.verify_mode

        @verify_mode.setter
        def verify_mode(self, mode):
            self._tls.verify_mode = mode

        def load_verify_locations(self, cafile=None, cadata=None):
            # With both given, the file counts.
            self._tls.load_verify_locations(_content(cafile) if cafile else cadata)

        def load_cert_chain(self, certfile, keyfile):
            self._tls.load_cert_chain(_content(certfile), _content(keyfile))

        def wrap_socket(
            self, sock, server_side=False, do_handshake_on_connect=True, server_hostname=None
        ):
            return self._tls.wrap_socket(
                sock,
                server_side=server_side,
                do_handshake_on_connect=do_handshake_on_connect,
                server_hostname=server_hostname,
            )

    def wrap_socket(
        sock,
        server_side=False,
        key=None,
        cert=None,
        cert_reqs=tls.CERT_NONE,
        cadata=None,
        server_hostname=None,
        do_handshake=True,
    ):
        # The call from before there were contexts. Here key and cert are
        # bytes, as they were then.
        ctx = SSLContext(tls.PROTOCOL_TLS_SERVER if server_side else tls.PROTOCOL_TLS_CLIENT)
        if cert or key:
            ctx.load_cert_chain(cert, key)
        if cadata:
            ctx.load_verify_locations(cadata=cadata)
        ctx.verify_mode = cert_reqs
        return ctx.wrap_socket(sock, server_side, do_handshake, server_hostname)
