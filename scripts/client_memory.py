# client_memory.py: the manual's code where memory is short, as it is once a
# program holds its pictures. What is left is what a connection takes, no more.
import gc
import ssl

LEFT = 96 * 1024  # bytes; buffers of 16 K and 4 K, the chain, and arithmetic


def short_of_memory(case):
    held = fill(LEFT)
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    case.require(ctx)
    case.load(ctx)
    sock = case.connect()
    case.exchange(ctx.wrap_socket(sock, server_hostname=case.host))
    return held


def fill(left):
    # In pieces as large as can be had: to count what is free takes a while.
    held = []
    gc.collect()
    size = gc.mem_free() - left
    while size >= 1024:
        try:
            held.append(bytearray(size))
        except MemoryError:
            size //= 2
            continue
        size = min(size, gc.mem_free() - left)
    return held


CLIENTS["short-of-memory"] = short_of_memory  # noqa: F821, from probe.py
