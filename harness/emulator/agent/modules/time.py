# time as a board has it: UTC in tuples of eight, whole seconds, from the RTC.
from time import *
from time import gmtime as _gmtime

import trustrig_agent as _board

globals().pop("clock", None)


def time():
    return _board.clock.now() // 1000000 - _board.epoch()


def time_ns():
    return _board.clock.now() * 1000 - _board.epoch() * 1000000000


def gmtime(secs=None):
    return _gmtime((time() if secs is None else int(secs)) + _board.epoch())[:8]


localtime = gmtime


def mktime(t):
    """Seconds since the epoch of a date; as in C, fields may be out of range."""
    year, month = t[0] + (t[1] - 1) // 12, (t[1] - 1) % 12 + 1
    # Years from March on, so that the leap day is the last of a year.
    year -= month <= 2
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * ((month + 9) % 12) + 2) // 5
    return (days + t[2] - 719469) * 86400 + t[3] * 3600 + t[4] * 60 + t[5] - _board.epoch()
