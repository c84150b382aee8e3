/* arena.c: see arena.h */
#include "core/validate/arena.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)32 << 10)
#define ALIGN       sizeof(void *)

struct sg_arena_block {
    struct sg_arena_block *next;
    size_t at, size;
    char data[] __attribute__((aligned(ALIGN)));
};

static struct sg_arena_block *add_block(struct sg_arena *a, size_t n)
{
    size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
    struct sg_arena_block *b = calloc(1, sizeof *b + size);
    if (!b)
        return NULL;
    b->size = size;
    b->next = a->blocks;
    a->blocks = b;
    return b;
}

void *sg_arena_take(struct sg_arena *a, size_t n)
{
    struct sg_arena_block *b = a->blocks;
    if (n > a->max - a->used)
        return NULL;
    n = (n + ALIGN - 1) / ALIGN * ALIGN;
    if (!b || b->size - b->at < n)
        b = add_block(a, n);
    if (!b)
        return NULL;
    void *at = b->data + b->at;
    b->at += n;
    a->used = n > a->max - a->used ? a->max : a->used + n;
    return at;
}

char *sg_arena_copy(struct sg_arena *a, const char *text, size_t n)
{
    char *copy = sg_arena_take(a, n + 1);
    if (copy && n > 0)
        memcpy(copy, text, n);
    return copy;
}

void sg_arena_done(struct sg_arena *a)
{
    while (a->blocks) {
        struct sg_arena_block *next = a->blocks->next;
        free(a->blocks);
        a->blocks = next;
    }
    a->used = 0;
}
