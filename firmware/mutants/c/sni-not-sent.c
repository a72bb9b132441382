/* The ClientHello names no host; the certificate's name is compared. */
#include "interpose.h"

static int writing_hello;

int mbedtls_ssl_write_client_hello(mbedtls_ssl_context *ssl);
const char *mbedtls_ssl_get_hostname_pointer(const mbedtls_ssl_context *ssl);

int mbedtls_ssl_write_client_hello(mbedtls_ssl_context *ssl) {
    acted();
    writing_hello = 1;
    int result = REAL(mbedtls_ssl_write_client_hello)(ssl);
    writing_hello = 0;
    return result;
}

const char *mbedtls_ssl_get_hostname_pointer(const mbedtls_ssl_context *ssl) {
    return writing_hello ? NULL : REAL(mbedtls_ssl_get_hostname_pointer)(ssl);
}
