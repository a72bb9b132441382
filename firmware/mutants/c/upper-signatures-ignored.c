/* Only the signature on the leaf is checked, not those on intermediates. */
#include "signature.h"

static int skipped(const unsigned char *signature, const mbedtls_pk_context *key) {
    (void) key;
    return signature != chain->sig.p;
}
