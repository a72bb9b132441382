/* The connection is dropped without a word to the server. */
#include "interpose.h"

int mbedtls_ssl_send_alert_message(mbedtls_ssl_context *ssl, unsigned char level, unsigned char message) {
    acted();
    if (level == MBEDTLS_SSL_ALERT_LEVEL_FATAL) {
        return 0;
    }
    return REAL(mbedtls_ssl_send_alert_message)(ssl, level, message);
}
