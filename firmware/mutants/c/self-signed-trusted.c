/* A self-signed certificate passes: "it is signed by a CA, by itself". */
#include "verify.h"

static int play(struct verification *v) {
    int result = verify(v);
    if (self_issued(v->chain)) {
        return forgive(v, result, MBEDTLS_X509_BADCERT_NOT_TRUSTED);
    }
    return result;
}
