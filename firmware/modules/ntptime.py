# The module ntptime as a camera has it frozen in: it asks one time server
# once, believes the answer, and sets the clock with it.
#
# Who answered, and whether the server calls itself synchronised, is not
# checked; a certificate's dates are then judged by that clock.

import machine
import socket
import struct
import time as _time

# A program may assign these two.
host = "pool.ntp.org"
timeout = 1  # seconds

# The port is fixed.
_PORT = 123

# Leap indicator 0, version 3, mode 3: a client's query (RFC 4330 section 4).
_QUERY = b"\x1b" + bytes(47)

# Seconds from 1900, when NTP counts from, to the epochs that ports have.
_FROM_1900 = {1970: 2208988800, 2000: 3155673600}

# An NTP second before 2024-01-01 is taken for one of the next era, which
# begins in 2036: no server can set a clock to an earlier year.
_ERA_0_ENDS = 3913056000


def time():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        s.settimeout(timeout)
        s.sendto(_QUERY, socket.getaddrinfo(host, _PORT)[0][-1])
        answer = s.recv(48)
    finally:
        s.close()
    # The whole seconds of the transmit timestamp.
    seconds = struct.unpack_from("!I", answer, 40)[0]
    if seconds < _ERA_0_ENDS:
        seconds += 1 << 32
    return seconds - _FROM_1900[_time.gmtime(0)[0]]


def settime():
    year, month, day, hour, minute, second, weekday = _time.gmtime(time())[:7]
    # The RTC counts weekdays from 1, gmtime from 0; its last field is of a
    # unit that depends on the port, and stays 0.
    machine.RTC().datetime((year, month, day, weekday + 1, hour, minute, second, 0))
