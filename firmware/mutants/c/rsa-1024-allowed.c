/* The policy lets RSA keys of 1024 bits through. */
#include "verify.h"

static int play(struct verification *v) {
    mbedtls_x509_crt_profile lax = *v->profile;
    lax.rsa_min_bitlen = 1024;
    v->profile = &lax;
    return verify(v);
}
