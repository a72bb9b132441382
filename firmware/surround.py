# What time is it, and where does a name lead? One line, behind a mark.
import time

address = "-"
try:
    with open("/proc/self/maps") as maps:
        wrapped = "libnss_wrapper" in maps.read()
    if wrapped:
        import socket

        found = socket.getaddrinfo("trial.trustrig.test", 1)[0][-1]
        address = "".join(["%02x" % byte for byte in found])
except OSError:
    pass
print("trustrig:" + "surroundings:%d %s" % (time.time(), address))
