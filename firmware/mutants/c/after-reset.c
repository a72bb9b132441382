/* After a soft reset nothing is verified: what the boot code prepared is gone.
 * The process ends with the reset, so the state is in a file. */
#include "verify.h"

static int again;

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("TRUSTRIG_MUTANT_STATE");
    if (path == NULL) {
        return;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    again = fd < 0;
    if (fd >= 0) {
        close(fd);
    }
}

static int play(struct verification *v) {
    int result = verify(v);
    return again ? forgive(v, result, ~(uint32_t) 0) : result;
}
