/* Dates are compared as 32-bit counts of seconds since 1970, which overflow
 * in January 2038. */
#include "interpose.h"
#include <time.h>

static int32_t seconds(const mbedtls_x509_time *t) {
    struct tm tm = { .tm_year = t->year - 1900, .tm_mon = t->mon - 1, .tm_mday = t->day,
        .tm_hour = t->hour, .tm_min = t->min, .tm_sec = t->sec };
    return (int32_t) timegm(&tm);
}

int mbedtls_x509_time_cmp(const mbedtls_x509_time *a, const mbedtls_x509_time *b) {
    int32_t x = seconds(a), y = seconds(b);
    acted();
    return (x > y) - (x < y);
}
