// mbedTLS as a board's firmware configures it. The boards' ports add nothing
// to MicroPython's common configuration but their clock and their source of
// randomness; here both are the host's.
#define MICROPY_MBEDTLS_CONFIG_BARE_METAL (1)

#include "extmod/mbedtls/mbedtls_config_common.h"

#undef MBEDTLS_ENTROPY_HARDWARE_ALT
#undef MBEDTLS_NO_PLATFORM_ENTROPY
