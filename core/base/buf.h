/*
 * buf.h: a growing run of bytes.
 *
 *     sg_auto(sg_buf) struct sg_buf b = {0};
 *     sg_buf_printf(&b, "%d", 7);
 *     if (b.failed) return -ENOMEM;      // sticky: check once at the end
 *     write(fd, b.data, b.len);
 */
#ifndef SG_BASE_BUF_H
#define SG_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct sg_buf {
    char *data; /* owned; NUL-terminated behind len whenever not NULL */
    size_t len;
    size_t cap;
    bool failed; /* an allocation failed; contents are what fitted before */
};

/* Appends; 0 or -ENOMEM (also remembered in b->failed). n may be 0. */
int sg_buf_append(struct sg_buf *b, const void *data, size_t n);
int sg_buf_puts(struct sg_buf *b, const char *s);
int sg_buf_printf(struct sg_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Makes room for n more bytes behind len (plus the NUL). */
int sg_buf_reserve(struct sg_buf *b, size_t n);
/* Empties, keeps the memory. */
void sg_buf_clear(struct sg_buf *b);
/* Frees; the struct is as new. */
void sg_buf_done(struct sg_buf *b);
/* Hands the NUL-terminated memory to the caller (free()); NULL when nothing was ever appended. */
char *sg_buf_take(struct sg_buf *b);

#endif
