/*
 * failing_alloc.h: makes the n-th allocation of the code under test fail. For programs linked with
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup; what shared libraries allocate is
 * not counted.
 *
 *     for (fail_alloc_at(n = 0); !run(); fail_alloc_at(++n)) ...   // until all succeed
 *     fail_alloc_never();
 */
#ifndef SG_TESTS_FAILING_ALLOC_H
#define SG_TESTS_FAILING_ALLOC_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);

static long allocs_left = -1; /* before the one that fails; negative: none fails */
static bool alloc_failed;

static void fail_alloc_at(long n)
{
    allocs_left = n;
    alloc_failed = false;
}

static void fail_alloc_never(void)
{
    allocs_left = -1;
}

static bool alloc_fails(void)
{
    if (allocs_left < 0 || allocs_left-- > 0)
        return false;
    alloc_failed = true;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t n)
{
    return alloc_fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return alloc_fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return alloc_fails() ? NULL : __real_realloc(p, n);
}

char *__wrap_strdup(const char *s)
{
    return alloc_fails() ? NULL : __real_strdup(s);
}

#endif
