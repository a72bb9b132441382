# identify.py: what is this device? One line of JSON.
#
#   mpremote run scripts/identify.py
import gc
import json
import os
import sys
import time

MODULES = ("ssl", "tls", "asyncio", "requests", "ntptime", "machine", "network", "mqtt", "umqtt.simple", "vfs", "hashlib")


def has(name):
    try:
        __import__(name)
        return True
    except ImportError:
        return False


def capabilities():
    found = [name for name in MODULES if has(name)]
    if "machine" in found:
        import machine

        found += ["machine.RTC"] if hasattr(machine, "RTC") else []
    if "vfs" in found:
        import vfs

        found += ["vfs.VfsRom"] if hasattr(vfs, "VfsRom") else []
    for module in ("ssl", "tls"):
        if module in found and hasattr(__import__(module), "SSLContext"):
            found.append(module + ".SSLContext")
    if "ssl" in found and hasattr(__import__("ssl"), "wrap_socket"):
        found.append("ssl.wrap_socket")
    return found


def mbedtls():
    # The version that the firmware was compiled against; a library that is
    # linked at run time may be another.
    for name in ("tls", "ssl"):
        try:
            return getattr(__import__(name), "MBEDTLS_VERSION", None)
        except ImportError:
            pass
    return None


def identity():
    gc.collect()
    version = sys.implementation[1]
    try:
        uname = os.uname()
        machine = uname[4]
    except AttributeError:
        machine = getattr(sys.implementation, "_machine", sys.platform)
    return {
        "version": ".".join(str(n) for n in version[:3]),
        "banner": sys.version,
        "platform": sys.platform,
        "machine": machine,
        "mbedtls": mbedtls(),
        "memory_free": gc.mem_free(),
        # A tuple, for time() counts from another epoch on each port.
        "clock": list(time.gmtime()[:6]),
        "capabilities": capabilities(),
    }


print("trust" + "rig:" + json.dumps(identity()))
