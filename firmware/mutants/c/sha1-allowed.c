/* The policy lets certificates through that are signed with SHA-1. */
#include "verify.h"

static int play(struct verification *v) {
    mbedtls_x509_crt_profile lax = *v->profile;
    lax.allowed_mds |= MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_SHA1);
    v->profile = &lax;
    return verify(v);
}
