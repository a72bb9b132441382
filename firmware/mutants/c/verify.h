/* For mutants of the verification as a whole: mbedtls_x509_crt_verify_restartable
 * is what the TLS library calls. A mutant defines play, which may change the
 * arguments before it calls verify, and the flags afterwards. */
#include "interpose.h"

struct verification {
    mbedtls_x509_crt *chain; /* as sent, the leaf first */
    mbedtls_x509_crt *anchors;
    mbedtls_x509_crl *crl;
    const mbedtls_x509_crt_profile *profile;
    const char *host; /* NULL: the name is not compared */
    uint32_t *flags;
    int (*callback)(void *, mbedtls_x509_crt *, int, uint32_t *);
    void *data;
    mbedtls_x509_crt_restart_ctx *restart;
};

static int play(struct verification *v);

/* verify is the real one. */
static inline int verify(struct verification *v) {
    return REAL(mbedtls_x509_crt_verify_restartable)(v->chain, v->anchors, v->crl, v->profile,
        v->host, v->flags, v->callback, v->data, v->restart);
}

/* forgive takes flags from a result of verify, and blame adds some. A fatal
 * error stays one. */
static inline int forgive(struct verification *v, int result, uint32_t flags) {
    if (result != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) {
        return result;
    }
    *v->flags &= ~flags;
    return *v->flags ? result : 0;
}

static inline int blame(struct verification *v, int result, uint32_t flags) {
    if (result != 0 && result != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) {
        return result;
    }
    *v->flags |= flags;
    return MBEDTLS_ERR_X509_CERT_VERIFY_FAILED;
}

static inline int self_issued(const mbedtls_x509_crt *c) {
    return c->subject_raw.len == c->issuer_raw.len &&
        memcmp(c->subject_raw.p, c->issuer_raw.p, c->subject_raw.len) == 0;
}

int mbedtls_x509_crt_verify_restartable(mbedtls_x509_crt *chain, mbedtls_x509_crt *anchors,
    mbedtls_x509_crl *crl, const mbedtls_x509_crt_profile *profile, const char *host,
    uint32_t *flags, int (*callback)(void *, mbedtls_x509_crt *, int, uint32_t *), void *data,
    mbedtls_x509_crt_restart_ctx *restart) {
    struct verification v = { chain, anchors, crl, profile, host, flags, callback, data, restart };
    acted();
    return play(&v);
}
