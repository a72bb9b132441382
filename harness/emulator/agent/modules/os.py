# os as a board has it: without the host's shell, environment and files.
import sys as _sys
from collections import namedtuple as _namedtuple
from os import *

import trustrig_agent as _board

for _name in ("VfsPosix", "system", "getenv", "putenv", "unsetenv", "errno"):
    globals().pop(_name, None)

_uname = _namedtuple("uname", ("sysname", "nodename", "release", "version", "machine"))


def uname():
    release = ".".join([str(n) for n in _sys.implementation[1][:3]])
    version = _sys.version.split("; MicroPython ")[-1]
    return _uname("trustrig", "trustrig", release, version, _board.config["machine"])


def sync():
    pass  # the block device writes through
