/* The policy lets certificates through that are signed with MD5. */
#include "verify.h"

static int play(struct verification *v) {
    mbedtls_x509_crt_profile lax = *v->profile;
    lax.allowed_mds |= MBEDTLS_X509_ID_FLAG(MBEDTLS_MD_MD5);
    v->profile = &lax;
    return verify(v);
}
