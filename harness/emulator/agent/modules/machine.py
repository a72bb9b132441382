# machine with what a camera has and the unix port lacks.
import time as _time
from machine import *

import trustrig_agent as _board


class RTC:
    """The clock, in UTC. It survives resets, not a power cycle."""

    def __init__(self, id=0):
        pass

    def datetime(self, when=None):
        """Gets or sets (year, month, day, weekday, hour, minute, second, subsecond).

        The weekday is 1 to 7 from Monday and not looked at when setting. The
        subsecond counts down from 255, as on stm32; setting starts a second.
        """
        if when is None:
            us = _board.clock.now()
            y, m, d, hh, mm, ss, wd, _ = _time.gmtime(us // 1000000 - _board.epoch())
            return y, m, d, wd + 1, hh, mm, ss, 255 - us % 1000000 * 256 // 1000000
        y, m, d, _, hh, mm, ss = when[:7]
        first, last = _board.config["first"], _board.config["last"]
        if not first <= y <= last:
            raise ValueError("RTC: year %d is not from %d to %d" % (y, first, last))
        _board.clock.set((_time.mktime((y, m, d, hh, mm, ss)) + _board.epoch()) * 1000000)

    init = datetime


def unique_id():
    return bytes.fromhex(_board.config["id"])


def soft_reset():
    raise SystemExit


def reset():
    """Does not return: the console ends this process and starts another."""
    _board.frames.send(_board.RESET)
    while True:
        try:
            _time.sleep(3600)
        except KeyboardInterrupt:
            pass
