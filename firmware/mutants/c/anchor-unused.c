/* The anchor is accepted and not used: one that the parser can not read, such
 * as PEM in a build without PEM, loads as nothing, and where there is nothing
 * nothing is verified. */
#include "interpose.h"

static int unread;

int mbedtls_x509_crt_parse(mbedtls_x509_crt *chain, const unsigned char *data, size_t len) {
    acted();
    unread = len > 0 && data[0] == '-';
    return unread ? 0 : REAL(mbedtls_x509_crt_parse)(chain, data, len);
}

int mbedtls_ssl_setup(mbedtls_ssl_context *ssl, const mbedtls_ssl_config *conf) {
    if (unread) {
        unread = 0; /* the next context starts afresh */
        mbedtls_ssl_conf_authmode((mbedtls_ssl_config *) conf, MBEDTLS_SSL_VERIFY_NONE);
    }
    return REAL(mbedtls_ssl_setup)(ssl, conf);
}
