/* An address is compared as text, with names only: its octets in an iPAddress
 * are overlooked. */
#include "names.h"
#include <arpa/inet.h>

static int match(const char *name, size_t len, const char *host) {
    return strlen(host) == len && strncasecmp(name, host, len) == 0;
}

static int play(struct verification *v) {
    unsigned char octets[16];
    int result = verify(v);
    int address = v->host != NULL &&
        (inet_pton(AF_INET, v->host, octets) == 1 || inet_pton(AF_INET6, v->host, octets) == 1);
    if (address && !any_dns_name(v->chain, v->host)) {
        return blame(v, result, MBEDTLS_X509_BADCERT_CN_MISMATCH);
    }
    return result;
}
