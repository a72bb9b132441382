/* The signature on the leaf is not checked. */
#include "signature.h"

static int skipped(const unsigned char *signature, const mbedtls_pk_context *key) {
    (void) key;
    return signature == chain->sig.p;
}
