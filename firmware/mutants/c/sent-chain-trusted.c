/* Whatever certificate the server sends above its leaf is taken for an
 * anchor: a chain that holds together is enough. */
#include "verify.h"

static int play(struct verification *v) {
    int result = verify(v);
    if (result != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED || !(*v->flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) ||
        v->chain->next == NULL) {
        return result;
    }
    v->anchors = v->chain->next;
    return verify(v);
}
