/* A name matches every host whose name ends like it. */
#include "names.h"

static int match(const char *name, size_t len, const char *host) {
    size_t n = strlen(host);
    return len > 0 && len <= n && strncasecmp(name, host + n - len, len) == 0;
}

static int play(struct verification *v) { return also_matched(v); }
