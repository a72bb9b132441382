/* A name is compared as a C string: it ends at its first NUL. */
#include "names.h"

static int match(const char *name, size_t len, const char *host) {
    size_t n = strnlen(name, len);
    return n == strlen(host) && strncasecmp(name, host, n) == 0;
}

static int play(struct verification *v) { return also_matched(v); }
