# The program that the firmware's interpreter is started with. Its globals are
# the board's __main__; everything else lives in the module.
import os
import sys

os.chdir(sys.path[0])
sys.path[:] = [""]

import trustrig_agent

trustrig_agent.main(globals())
