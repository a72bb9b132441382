/* Names are compared byte by byte, as if case mattered in the DNS. */
#include "names.h"

static int match(const char *name, size_t len, const char *host) {
    if (len > 1 && name[0] == '*') {
        const char *dot = strchr(host, '.');
        if (dot == NULL) {
            return 0;
        }
        name++, len--, host = dot;
    }
    return strlen(host) == len && memcmp(name, host, len) == 0;
}

static int play(struct verification *v) {
    int result = verify(v);
    int has_names = v->chain->ext_types & MBEDTLS_X509_EXT_SUBJECT_ALT_NAME;
    int is_name = v->host != NULL && v->host[strspn(v->host, "0123456789.:")] != 0;
    if (has_names && is_name && !any_dns_name(v->chain, v->host)) {
        return blame(v, result, MBEDTLS_X509_BADCERT_CN_MISMATCH);
    }
    return result;
}
