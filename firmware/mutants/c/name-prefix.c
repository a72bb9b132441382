/* Only as many characters are compared as the host name has: strncmp with the
 * wrong one of two lengths. */
#include "names.h"

static int match(const char *name, size_t len, const char *host) {
    size_t n = strlen(host);
    return len >= n && strncasecmp(name, host, n) == 0;
}

static int play(struct verification *v) { return also_matched(v); }
