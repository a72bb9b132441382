/* For mutants that share anchors between contexts: a store of copies, filled
 * when a context is given its anchors. A mutant defines keep. */
#include "verify.h"

static mbedtls_x509_crt store;
static int stored;

/* keep puts the certificates of chain into the store. */
static void keep(const mbedtls_x509_crt *chain);

static inline void copy_to_store(const mbedtls_x509_crt *chain) {
    if (!stored) {
        mbedtls_x509_crt_init(&store);
        stored = 1;
    }
    for (; chain != NULL && chain->raw.p != NULL; chain = chain->next) {
        (void) mbedtls_x509_crt_parse_der(&store, chain->raw.p, chain->raw.len);
    }
}

void mbedtls_ssl_conf_ca_chain(mbedtls_ssl_config *conf, mbedtls_x509_crt *chain, mbedtls_x509_crl *crl) {
    keep(chain);
    REAL(mbedtls_ssl_conf_ca_chain)(conf, chain, crl);
}
