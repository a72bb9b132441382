/* No certificate's signature is checked: names alone make a chain. */
#include "signature.h"

static int skipped(const unsigned char *signature, const mbedtls_pk_context *key) {
    (void) signature;
    (void) key;
    return 1;
}
