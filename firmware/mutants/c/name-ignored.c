/* The host name is sent to the server, and not compared. */
#include "verify.h"

static int play(struct verification *v) {
    v->host = NULL;
    return verify(v);
}
