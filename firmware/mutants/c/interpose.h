/* What every interposer shares: the function that it stands before, and the
 * mark by which it shows that it was really called.
 *
 * An interposer is preloaded into MicroPython. mbedTLS's own libraries call
 * each other's exported functions through the PLT, so the preloaded function
 * is taken in place of theirs. */
#define _GNU_SOURCE
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

static inline void *original(const char *name) {
    void *f = dlsym(RTLD_NEXT, name);
    if (f == NULL) {
        fprintf(stderr, "interposer: the firmware has no %s\n", name);
        abort();
    }
    return f;
}

/* REAL(f) is the function that this file stands before. */
#define REAL(f) ((__typeof__(&f)) original(#f))

/* acted leaves a mark, once a process, in the file that the rig named. */
static inline void acted(void) {
    static int done;
    const char *path = getenv("TRUSTRIG_MUTANT_MARK");
    if (done || path == NULL) {
        return;
    }
    done = 1;
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd >= 0) {
        (void) !write(fd, "acted\n", 6);
        close(fd);
    }
}

/* called_from tells whether a return address lies in a library. */
static inline int called_from(const void *address, const char *library) {
    Dl_info info;
    return dladdr(address, &info) && info.dli_fname && strstr(info.dli_fname, library) != NULL;
}
#define CALLED_FROM(library) called_from(__builtin_return_address(0), library)
