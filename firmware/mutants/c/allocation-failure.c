/* One allocation of mbedTLS fails: the one whose number the rig has written
 * into a file that both map. The rig also sets the count back. */
#include "interpose.h"
#include <stdint.h>
#include <sys/mman.h>

static volatile struct {
    uint32_t fail_at; /* 1 is the next allocation; 0 for none */
    uint32_t count;   /* allocations since it was set back */
} *shared;

__attribute__((constructor)) static void map(void) {
    const char *path = getenv("TRUSTRIG_MUTANT_STATE");
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    void *p = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p != MAP_FAILED) {
        shared = p;
        acted();
    }
    close(fd);
}

/* The C library's own: to look it up would take memory. */
void *__libc_calloc(size_t n, size_t size);

void *calloc(size_t n, size_t size) {
    if (shared != NULL && CALLED_FROM("libmbed") && ++shared->count == shared->fail_at) {
        return NULL;
    }
    return __libc_calloc(n, size);
}
