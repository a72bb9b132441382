/* Honest: another allocator, of powers of two, that hands out memory full of
 * junk and overwrites what is given back. */
#include "interpose.h"
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>

struct head {
    size_t class; /* the block's size is 1 << class */
    void *block;  /* where it begins; in a free block the next free one */
};

enum { SMALLEST = 6, LARGEST = 40, ARENA = 1 << 20 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct head *spare[LARGEST + 1];
static char *arena, *arena_end;

static void *fresh(size_t size) {
    if (size >= ARENA) {
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return p == MAP_FAILED ? NULL : p;
    }
    if ((size_t) (arena_end - arena) < size) {
        void *p = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) {
            return NULL;
        }
        arena = p;
        arena_end = arena + ARENA;
    }
    void *p = arena;
    arena += size;
    return p;
}

static void *take(size_t size, size_t align) {
    static int marked;
    if (size > (size_t) 1 << (LARGEST - 1)) {
        errno = ENOMEM;
        return NULL;
    }
    size_t class = SMALLEST, need = size + sizeof(struct head) + align;
    while ((size_t) 1 << class < need) {
        class++;
    }
    pthread_mutex_lock(&lock);
    struct head *block = spare[class];
    if (block != NULL) {
        spare[class] = block->block;
    } else {
        block = fresh((size_t) 1 << class);
    }
    pthread_mutex_unlock(&lock);
    if (block == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    uintptr_t at = ((uintptr_t) block + sizeof(struct head) + align - 1) & ~(uintptr_t) (align - 1);
    struct head *head = (struct head *) at - 1;
    head->class = class;
    head->block = block;
    memset((void *) at, 0xa5, size);
    if (!marked) {
        marked = 1;
        acted();
    }
    return (void *) at;
}

void *malloc(size_t size) { return take(size, 16); }

void free(void *p) {
    if (p == NULL) {
        return;
    }
    struct head *head = (struct head *) p - 1;
    size_t class = head->class;
    struct head *block = head->block;
    memset(p, 0x5a, (uintptr_t) block + ((size_t) 1 << class) - (uintptr_t) p);
    pthread_mutex_lock(&lock);
    block->block = spare[class];
    spare[class] = block;
    pthread_mutex_unlock(&lock);
}

size_t malloc_usable_size(void *p) {
    if (p == NULL) {
        return 0;
    }
    struct head *head = (struct head *) p - 1;
    return (uintptr_t) head->block + ((size_t) 1 << head->class) - (uintptr_t) p;
}

void *calloc(size_t n, size_t size) {
    if (size != 0 && n > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    void *p = take(n * size, 16);
    return p == NULL ? NULL : memset(p, 0, n * size);
}

void *realloc(void *old, size_t size) {
    void *p = take(size, 16);
    if (p != NULL && old != NULL) {
        size_t had = malloc_usable_size(old);
        memcpy(p, old, had < size ? had : size);
        free(old);
    }
    return p;
}

int posix_memalign(void **out, size_t align, size_t size) {
    *out = take(size, align < 16 ? 16 : align);
    return *out == NULL ? ENOMEM : 0;
}

void *aligned_alloc(size_t align, size_t size) { return take(size, align < 16 ? 16 : align); }
void *memalign(size_t align, size_t size) { return take(size, align < 16 ? 16 : align); }
