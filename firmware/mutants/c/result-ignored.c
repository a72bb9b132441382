/* The result of the verification is computed, and not looked at. */
#include "verify.h"

static int play(struct verification *v) {
    (void) verify(v);
    *v->flags = 0;
    return 0;
}
