/* The anchor lies in a static variable: the one that was loaded last counts,
 * in whichever context. */
#include "anchors.h"

static void keep(const mbedtls_x509_crt *chain) {
    if (stored) {
        mbedtls_x509_crt_free(&store);
        mbedtls_x509_crt_init(&store);
    }
    copy_to_store(chain);
}

static int play(struct verification *v) {
    if (stored && v->anchors != NULL) {
        v->anchors = &store;
    }
    return verify(v);
}
