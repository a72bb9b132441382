# vfs as a board has it: without the host's files.
from vfs import *

globals().pop("VfsPosix", None)
