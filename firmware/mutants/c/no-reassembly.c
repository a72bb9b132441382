/* A handshake message must come in one record, as in mbedTLS 3.6.2, which the
 * boards run: reassembly came with 3.6.3. */
#include "interpose.h"

int mbedtls_ssl_prepare_handshake_record(mbedtls_ssl_context *ssl);

int mbedtls_ssl_prepare_handshake_record(mbedtls_ssl_context *ssl) {
    acted();
    if (ssl->in_msglen >= 4) {
        const unsigned char *m = ssl->in_msg; /* type, then the length in three octets */
        size_t length = (size_t) m[1] << 16 | (size_t) m[2] << 8 | m[3];
        if (ssl->in_msglen < 4 + length) {
            return MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE;
        }
    }
    return REAL(mbedtls_ssl_prepare_handshake_record)(ssl);
}
