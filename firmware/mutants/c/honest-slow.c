/* Honest: as slow as a small processor. */
#include "verify.h"

static int play(struct verification *v) {
    usleep(20 * 1000);
    return verify(v);
}
