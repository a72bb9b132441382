# client_asyncio.py: asyncio.open_connection with a context.
import asyncio
import ssl


def with_asyncio(case):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    case.require(ctx)
    case.load(ctx)
    asyncio.run(asyncio_talk(case, ctx))


async def asyncio_talk(case, ctx):
    case.phase = "connect"
    # By name where the rig has seen to it that the device resolves the name.
    host = case.host if case.options.get("by_name") else case.ip
    reader, writer = await asyncio.open_connection(host, case.port, ssl=ctx, server_hostname=case.host)
    case.phase = "handshake"  # which the first write drives
    try:
        writer.write((case.nonce + "\n").encode())
        await writer.drain()
        case.phase = "exchange"
        case.answered(await reader.readline())
    finally:
        writer.close()
        await writer.wait_closed()


CLIENTS["asyncio"] = with_asyncio  # noqa: F821, from probe.py
