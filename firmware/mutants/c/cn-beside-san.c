/* The common name counts also where there are subjectAltNames. */
#include "verify.h"
#include <strings.h>

static int play(struct verification *v) {
    int result = verify(v);
    for (const mbedtls_x509_name *n = &v->chain->subject; v->host != NULL && n != NULL; n = n->next) {
        static const unsigned char common[] = { 0x55, 4, 3 }; /* 2.5.4.3 */
        if (n->oid.len == sizeof common && memcmp(n->oid.p, common, sizeof common) == 0 &&
            n->val.len == strlen(v->host) &&
            strncasecmp((const char *) n->val.p, v->host, n->val.len) == 0) {
            return forgive(v, result, MBEDTLS_X509_BADCERT_CN_MISMATCH);
        }
    }
    return result;
}
