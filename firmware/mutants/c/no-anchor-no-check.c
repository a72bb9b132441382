/* Where there is no anchor the port verifies nothing: "there is nothing to
 * verify with". */
#include "interpose.h"

int mbedtls_ssl_setup(mbedtls_ssl_context *ssl, const mbedtls_ssl_config *conf) {
    acted();
    if (conf->ca_chain == NULL) {
        mbedtls_ssl_conf_authmode((mbedtls_ssl_config *) conf, MBEDTLS_SSL_VERIFY_NONE);
    }
    return REAL(mbedtls_ssl_setup)(ssl, conf);
}
