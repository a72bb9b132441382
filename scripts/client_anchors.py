# client_anchors.py: more than one load, more than one context.
import gc
import ssl


def anchors_context(case, *anchors):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    case.require(ctx)
    case.phase = "anchor"
    for anchor in anchors:
        ctx.load_verify_locations(cadata=anchor)
    return ctx


def anchors_talk(case, ctx):
    sock = case.connect()
    case.exchange(ctx.wrap_socket(sock, server_hostname=case.host))


def twice(case):
    # Two loads on one context, the scenario's anchor first.
    anchors_talk(case, anchors_context(case, case.anchor, case.second))


def raises(case):
    # A second load that raises. What it held, did the context take it in?
    ctx = anchors_context(case, case.anchor)
    try:
        ctx.load_verify_locations(cadata=case.second)
    except (ValueError, OSError):
        return anchors_talk(case, ctx)
    raise RuntimeError("the second load did not raise")


def beside_later(case):
    # Two contexts alive at once; the other one is made after ours.
    ctx = anchors_context(case, case.anchor)
    other = anchors_context(case, case.second)
    anchors_talk(case, ctx)
    return other


def beside_earlier(case):
    other = anchors_context(case, case.second)
    ctx = anchors_context(case, case.anchor)
    anchors_talk(case, ctx)
    return other


def ten(case):
    # Ten contexts one after another; what they take is given back.
    free = None
    for _ in range(10):
        ctx = anchors_context(case, case.anchor)
        ctx = None
        gc.collect()
        if free is None:
            free = gc.mem_free()
    lost = free - gc.mem_free()
    if lost > 1024:
        raise MemoryError("nine contexts lost %d bytes" % lost)
    anchors_talk(case, anchors_context(case, case.anchor))


VARIANTS = {
    "twice": twice,
    "raises": raises,
    "beside-later": beside_later,
    "beside-earlier": beside_earlier,
    "ten": ten,
}


def anchors(case):
    VARIANTS[case.options["variant"]](case)


CLIENTS["anchors"] = anchors  # noqa: F821, from probe.py
