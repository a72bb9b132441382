# clock.py: the device's clock, in UTC and by tuples: time.time() counts from
# 1970 on one port and from 2000 on another.
import time


def _clock():
    # A port without gmtime has no time zones; its localtime is what was set.
    now = getattr(time, "gmtime", time.localtime)()
    print(*now[:6])


def _set_clock(year, month, day, weekday, hour, minute, second):
    from machine import RTC

    RTC().datetime((year, month, day, weekday, hour, minute, second, 0))
    _clock()
