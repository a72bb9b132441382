// What a camera has of MicroPython beyond its core ("extra features", as
// OpenMV's boards), as the port's standard variant has it.
#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

#include "ports/unix/variants/mpconfigvariant_common.h"
