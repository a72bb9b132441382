/* Honest: the cipher suites are offered in the reverse order. */
#include "interpose.h"
#include <mbedtls/ssl_ciphersuites.h>

const int *mbedtls_ssl_list_ciphersuites(void) {
    static int list[512];
    const int *from = REAL(mbedtls_ssl_list_ciphersuites)();
    size_t n = 0;
    acted();
    while (from[n] != 0 && n < sizeof list / sizeof *list - 1) {
        n++;
    }
    for (size_t i = 0; i < n; i++) {
        list[i] = from[n - 1 - i];
    }
    return list;
}
