/* For mutants of the comparison of names. A mutant defines match, for one name
 * of the certificate, which ends in no NUL. */
#include "verify.h"
#include <strings.h>

static int match(const char *name, size_t len, const char *host);

static inline int any_dns_name(const mbedtls_x509_crt *leaf, const char *host) {
    if (!(leaf->ext_types & MBEDTLS_X509_EXT_SUBJECT_ALT_NAME)) {
        return 0;
    }
    for (const mbedtls_x509_sequence *s = &leaf->subject_alt_names; s != NULL; s = s->next) {
        if ((s->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) == MBEDTLS_X509_SAN_DNS_NAME &&
            match((const char *) s->buf.p, s->buf.len, host)) {
            return 1;
        }
    }
    return 0;
}

/* also_matched is verify, and forgives a mismatch where match is content. */
static inline int also_matched(struct verification *v) {
    int result = verify(v);
    if (v->host != NULL && any_dns_name(v->chain, v->host)) {
        return forgive(v, result, MBEDTLS_X509_BADCERT_CN_MISMATCH);
    }
    return result;
}
