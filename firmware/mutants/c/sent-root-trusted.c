/* A root that the server sends along is taken for an anchor. */
#include "verify.h"

static int play(struct verification *v) {
    int result = verify(v);
    if (result != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED || !(*v->flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED)) {
        return result;
    }
    for (mbedtls_x509_crt *c = v->chain->next; c != NULL; c = c->next) {
        if (self_issued(c)) {
            mbedtls_x509_crt root = *c;
            root.next = NULL;
            v->anchors = &root;
            return verify(v);
        }
    }
    return result;
}
