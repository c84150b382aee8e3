#include "core/base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 64

int sg_buf_reserve(struct sg_buf *b, size_t n)
{
    if (b->failed)
        return -ENOMEM;
    if (n >= SIZE_MAX / 2 || b->len > SIZE_MAX / 2 - n - 1) {
        b->failed = true;
        return -ENOMEM;
    }
    size_t need = b->len + n + 1;
    if (need <= b->cap)
        return 0;
    size_t cap = b->cap ? b->cap : FIRST_CAP;
    while (cap < need)
        cap += cap / 2;
    char *data = realloc(b->data, cap);
    if (!data) {
        b->failed = true;
        return -ENOMEM;
    }
    data[b->len] = '\0';
    b->data = data;
    b->cap = cap;
    return 0;
}

int sg_buf_append(struct sg_buf *b, const void *data, size_t n)
{
    int r = sg_buf_reserve(b, n);
    if (r < 0)
        return r;
    if (n > 0)
        memcpy(b->data + b->len, data, n);
    b->len += n;
    b->data[b->len] = '\0';
    return 0;
}

int sg_buf_puts(struct sg_buf *b, const char *s)
{
    return sg_buf_append(b, s, strlen(s));
}

int sg_buf_printf(struct sg_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    int r = n < 0 ? -ENOMEM : sg_buf_reserve(b, (size_t)n);
    if (r < 0) {
        b->failed = true;
        return r;
    }
    va_start(ap, fmt);
    vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
    return 0;
}

void sg_buf_clear(struct sg_buf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->data)
        b->data[0] = '\0';
}

void sg_buf_done(struct sg_buf *b)
{
    free(b->data);
    *b = (struct sg_buf){0};
}

char *sg_buf_take(struct sg_buf *b)
{
    char *data = b->data;
    *b = (struct sg_buf){0};
    return data;
}
