/* Any certificate may issue others, a server's too. */
#include "verify.h"

static int play(struct verification *v) {
    for (mbedtls_x509_crt *c = v->chain; c != NULL; c = c->next) {
        c->ca_istrue = 1;
    }
    for (mbedtls_x509_crt *c = v->anchors; c != NULL; c = c->next) {
        c->ca_istrue = 1;
    }
    /* So far as the parent's key usage is looked at only with cA. */
    return verify(v);
}

int mbedtls_x509_crt_check_key_usage(const mbedtls_x509_crt *c, unsigned int usage) {
    if (usage == MBEDTLS_X509_KU_KEY_CERT_SIGN) {
        return 0;
    }
    return REAL(mbedtls_x509_crt_check_key_usage)(c, usage);
}
