/* The port forgets to hand the host name on: none is sent, none compared. */
#include "interpose.h"

int mbedtls_ssl_set_hostname(mbedtls_ssl_context *ssl, const char *host) {
    (void) host;
    acted();
    return REAL(mbedtls_ssl_set_hostname)(ssl, NULL);
}
