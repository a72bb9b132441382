/* A star stands for a part of a label, in whichever label it is: a name is
 * compared as file names are. */
#include "names.h"
#include <fnmatch.h>

static int match(const char *name, size_t len, const char *host) {
    char pattern[256], path[256];
    if (len >= sizeof pattern || strlen(host) >= sizeof path || memchr(name, 0, len) || memchr(name, '/', len)) {
        return 0;
    }
    memcpy(pattern, name, len);
    pattern[len] = 0;
    strcpy(path, host);
    /* With labels as folders a star does not reach over a dot. */
    for (char *p = pattern; *p; p++) {
        *p = *p == '.' ? '/' : *p;
    }
    for (char *p = path; *p; p++) {
        *p = *p == '.' ? '/' : *p;
    }
    return fnmatch(pattern, path, FNM_PATHNAME | FNM_CASEFOLD) == 0;
}

static int play(struct verification *v) { return also_matched(v); }
