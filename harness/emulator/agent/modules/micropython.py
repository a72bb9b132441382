# micropython with a kbd_intr that tells the console: on the unix port it would
# leave the process to be killed by the next Ctrl-C.
from micropython import *

import trustrig_agent as _board


def kbd_intr(char):
    _board.frames.send(_board.KEY, char & 0xFFFFFFFF)
