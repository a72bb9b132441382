/* The library takes local time for UTC. */
#include "interpose.h"
#include <time.h>

int mbedtls_x509_time_gmtime(mbedtls_time_t now, mbedtls_x509_time *out) {
    struct tm here;
    time_t t = now;
    acted();
    if (localtime_r(&t, &here) == NULL) {
        return -1;
    }
    return REAL(mbedtls_x509_time_gmtime)(now + here.tm_gmtoff, out);
}
