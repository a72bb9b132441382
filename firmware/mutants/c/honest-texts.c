/* Honest: the reasons of a rejection are said in other words. */
#include "interpose.h"

static const struct {
    uint32_t flag;
    const char *text;
} texts[] = {
    { MBEDTLS_X509_BADCERT_EXPIRED, "cert: too old" },
    { MBEDTLS_X509_BADCERT_CN_MISMATCH, "cert: other host" },
    { MBEDTLS_X509_BADCERT_NOT_TRUSTED, "cert: unknown authority" },
    { MBEDTLS_X509_BADCERT_FUTURE, "cert: too young" },
    { MBEDTLS_X509_BADCERT_KEY_USAGE, "cert: not for this use" },
    { MBEDTLS_X509_BADCERT_EXT_KEY_USAGE, "cert: not for this purpose" },
    { MBEDTLS_X509_BADCERT_BAD_MD, "cert: weak digest" },
    { MBEDTLS_X509_BADCERT_BAD_PK, "cert: weak algorithm" },
    { MBEDTLS_X509_BADCERT_BAD_KEY, "cert: weak key" },
};

int mbedtls_x509_crt_verify_info(char *buf, size_t size, const char *prefix, uint32_t flags) {
    size_t n = 0;
    acted();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if ((flags & texts[i].flag) && n < size) {
            n += (size_t) snprintf(buf + n, size - n, "%s%s", prefix, texts[i].text);
        }
    }
    return (int) n;
}
