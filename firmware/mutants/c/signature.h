/* For mutants of signatures on certificates: mbedtls_pk_verify_ext, called by
 * the X.509 library. A mutant defines skipped, which says whose signature is
 * taken unseen. */
#include "verify.h"

static const mbedtls_x509_crt *chain;    /* being verified */
static mbedtls_x509_crt *anchors;

/* signature belongs to the certificate to be checked, key is its issuer's. */
static int skipped(const unsigned char *signature, const mbedtls_pk_context *key);

static int play(struct verification *v) {
    chain = v->chain;
    anchors = v->anchors;
    int result = verify(v);
    chain = NULL;
    return result;
}

int mbedtls_pk_verify_ext(mbedtls_pk_type_t type, const void *options, mbedtls_pk_context *key,
    mbedtls_md_type_t md, const unsigned char *hash, size_t hash_len,
    const unsigned char *signature, size_t signature_len) {
    if (chain != NULL && CALLED_FROM("libmbedx509") && skipped(signature, key)) {
        return 0;
    }
    return REAL(mbedtls_pk_verify_ext)(type, options, key, md, hash, hash_len, signature, signature_len);
}
