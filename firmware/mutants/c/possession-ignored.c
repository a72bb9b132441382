/* The server's proof that it holds the certificate's key (CertificateVerify,
 * the signature of ServerKeyExchange) is not checked. */
#include "interpose.h"

int mbedtls_pk_verify_ext(mbedtls_pk_type_t type, const void *options, mbedtls_pk_context *key,
    mbedtls_md_type_t md, const unsigned char *hash, size_t hash_len,
    const unsigned char *signature, size_t signature_len) {
    acted();
    if (CALLED_FROM("libmbedtls")) {
        return 0;
    }
    return REAL(mbedtls_pk_verify_ext)(type, options, key, md, hash, hash_len, signature, signature_len);
}

int mbedtls_pk_verify_restartable(mbedtls_pk_context *key, mbedtls_md_type_t md,
    const unsigned char *hash, size_t hash_len, const unsigned char *signature, size_t signature_len,
    mbedtls_pk_restart_ctx *restart) {
    acted();
    if (CALLED_FROM("libmbedtls")) {
        return 0;
    }
    return REAL(mbedtls_pk_verify_restartable)(key, md, hash, hash_len, signature, signature_len, restart);
}
