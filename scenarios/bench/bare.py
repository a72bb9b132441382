# bare.py: the handshakes of a run in a bare loop, without rig or REPL.
# Started with one argument: a file of JSON lines, one a handshake. Prints the
# time of each and of the whole loop, in milliseconds.
import binascii
import json
import socket
import ssl
import sys
import time


def talk(ip, port, host, verify, anchor, nonce):
    start = time.ticks_us()
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.verify_mode = verify
    if anchor is not None:
        ctx.load_verify_locations(cadata=anchor)
    sock = socket.socket()
    sock.connect(socket.getaddrinfo(ip, port)[0][-1])
    sock.setsockopt(6, 1, 1)  # as the probe does
    stream = ctx.wrap_socket(sock, server_hostname=host)
    stream.write((nonce + "\n").encode())
    if not stream.readline():
        raise OSError("the server closed without an answer")
    stream.close()
    sock.close()
    return time.ticks_diff(time.ticks_us(), start) / 1000


with open(sys.argv[1]) as f:
    cases = [json.loads(line) for line in f]
for case in cases:
    case[4] = case[4] and binascii.a2b_base64(case[4])
start = time.ticks_us()
each = [talk(*case) for case in cases]
print(json.dumps({"each": each, "loop": time.ticks_diff(time.ticks_us(), start) / 1000}))
