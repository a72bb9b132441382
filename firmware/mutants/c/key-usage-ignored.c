/* keyUsage is not looked at (no MBEDTLS_X509_CHECK_KEY_USAGE, in older
 * versions a choice of the configuration). */
#include "interpose.h"

int mbedtls_x509_crt_check_key_usage(const mbedtls_x509_crt *c, unsigned int usage) {
    (void) c;
    (void) usage;
    acted();
    return 0;
}
