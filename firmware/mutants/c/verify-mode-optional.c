/* The port sets required as optional: it verifies, and goes on regardless. */
#include "interpose.h"

void mbedtls_ssl_conf_authmode(mbedtls_ssl_config *conf, int mode) {
    acted();
    REAL(mbedtls_ssl_conf_authmode)(conf,
        mode == MBEDTLS_SSL_VERIFY_REQUIRED ? MBEDTLS_SSL_VERIFY_OPTIONAL : mode);
}
