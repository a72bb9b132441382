# A variant of MicroPython's unix port that judges certificates as a camera
# does. Nothing of the source is patched.

# mbedTLS as a board configures it; the file is in this folder.
MBEDTLS_CONFIG_FILE = \"camera_mbedtls_config.h\"

# mbedTLS takes its memory from MicroPython's heap.
CFLAGS_EXTRA += -DMICROPY_TRACKED_ALLOC=1

# The source is older than the compiler may be, whose new warnings are no
# reason to stop.
CFLAGS_EXTRA += -Wno-error

# What needs sources or libraries that Debian's source package lacks, and what
# no camera has.
MICROPY_PY_BTREE = 0
MICROPY_PY_FFI = 0
MICROPY_PY_JNI = 0

FROZEN_MANIFEST = $(VARIANT_DIR)/manifest.py
