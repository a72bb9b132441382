/* The library's clock stands at the day the firmware was built. */
#include "interpose.h"

int mbedtls_x509_time_gmtime(mbedtls_time_t now, mbedtls_x509_time *out) {
    (void) now;
    acted();
    return REAL(mbedtls_x509_time_gmtime)(1744675200, out); /* 2025-04-15 */
}
