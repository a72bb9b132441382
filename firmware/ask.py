# What the firmware is, as one line of JSON behind a sentinel. Runs on any
# MicroPython of the unix port, and far enough on other programs to name them.
import sys, json

facts = {"name": sys.implementation.name, "version": list(sys.implementation.version)}
facts["machine"] = getattr(sys.implementation, "_machine", "")
facts["maxsize"] = sys.maxsize

if facts["name"] == "micropython":
    # What is built or frozen in, not what lies about on the host.
    sys.path[:] = [".frozen"]
    facts["modules"] = have = []
    for name in ("tls", "ssl", "ntptime", "machine", "vfs", "ffi", "socket", "select",
                 "asyncio", "requests", "hashlib", "binascii", "deflate"):
        try:
            __import__(name)
            have.append(name)
        except Exception:  # a module may fail in any way; then a camera lacks it
            pass

    for name in ("tls", "ssl"):
        if name in have:
            facts["mbedtls"] = getattr(__import__(name), "MBEDTLS_VERSION", facts.get("mbedtls", ""))

    # mbedTLS may be a shared library, newer than the headers were.
    try:
        with open("/proc/self/maps") as f:
            for line in f:
                if "/libmbedtls.so." in line:
                    facts["library"] = line.strip().split("/")[-1]
        facts["mapped"] = True
    except OSError:
        pass
    try:
        import ffi
        facts["number"] = ffi.open(None).func("I", "mbedtls_version_get_number", "")()
    except (ImportError, OSError, AttributeError):
        pass

print("trustrig:" + "firmware:" + json.dumps(facts))
