/*
 * arena.h: memory of one validation: taken in pieces, given back at once, bounded in all.
 *
 *     struct sg_arena a = SG_ARENA_INIT(8 << 20);
 *     char *text = sg_arena_take(&a, n);       // zeroed; NULL: no memory, or over the bound
 *     sg_arena_done(&a);
 */
#ifndef SG_VALIDATE_ARENA_H
#define SG_VALIDATE_ARENA_H

#include <stddef.h>

struct sg_arena_block;
struct sg_arena {
    struct sg_arena_block *blocks; /* owned */
    size_t used, max;              /* bytes */
};
#define SG_ARENA_INIT(bytes)                                                                       \
    {                                                                                              \
        .max = (bytes)                                                                             \
    }

/* n bytes of zeros, aligned for anything; NULL when there is no memory or the bound is met. */
void *sg_arena_take(struct sg_arena *a, size_t n);
/* A NUL-terminated copy of text[0..n). */
char *sg_arena_copy(struct sg_arena *a, const char *text, size_t n);
void sg_arena_done(struct sg_arena *a);

#endif
