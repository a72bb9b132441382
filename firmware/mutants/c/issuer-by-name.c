/* The anchor is found by its name, and its key is not used: whoever calls his
 * CA by that name is trusted. */
#include "signature.h"

static int skipped(const unsigned char *signature, const mbedtls_pk_context *key) {
    (void) signature;
    for (const mbedtls_x509_crt *a = anchors; a != NULL; a = a->next) {
        if (key == &a->pk) {
            return 1;
        }
    }
    return 0;
}
