/* The port forces the verify mode to none; what was set still reads back. */
#include "interpose.h"

void mbedtls_ssl_conf_authmode(mbedtls_ssl_config *conf, int mode) {
    (void) mode;
    acted();
    REAL(mbedtls_ssl_conf_authmode)(conf, MBEDTLS_SSL_VERIFY_NONE);
}
