/* Anchors are never given back: what any context ever trusted stays trusted. */
#include "anchors.h"

static void keep(const mbedtls_x509_crt *chain) { copy_to_store(chain); }

static int play(struct verification *v) {
    int result = verify(v);
    if (result == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED && stored && v->anchors != NULL &&
        (*v->flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED)) {
        v->anchors = &store;
        return verify(v);
    }
    return result;
}
