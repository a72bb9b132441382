/* The dates of the leaf are checked, those of the certificates above it not. */
#include "verify.h"

static int lenient(void *data, mbedtls_x509_crt *c, int depth, uint32_t *flags) {
    struct verification *v = data;
    if (depth > 0) {
        *flags &= ~(uint32_t) (MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
    }
    return v->callback ? v->callback(v->data, c, depth, flags) : 0;
}

static int play(struct verification *v) {
    struct verification inner = *v;
    inner.callback = lenient;
    inner.data = v;
    return verify(&inner);
}
