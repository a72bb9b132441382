/* Honest: no texts are built in, only codes are raised. */
#include "interpose.h"

int mbedtls_x509_crt_verify_info(char *buf, size_t size, const char *prefix, uint32_t flags) {
    (void) buf, (void) size, (void) prefix, (void) flags;
    acted();
    return MBEDTLS_ERR_X509_BUFFER_TOO_SMALL;
}
