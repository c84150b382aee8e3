/* str.h: strings, UTF-8, base64 (RFC 4648), UUIDs (RFC 9562): pure helpers. */
#ifndef SG_BASE_STR_H
#define SG_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/buf.h"

/* Copies src into dst of size n, always NUL-terminated when n > 0. Returns 0, or -ENAMETOOLONG when
   it did not fit (dst then holds what fitted). */
int sg_str_copy(char *dst, size_t n, const char *src);

bool sg_str_equal(const char *a, const char *b); /* NULL equals only NULL */
bool sg_str_starts(const char *s, const char *prefix);

/* Parses a whole decimal unsigned number, no sign, no blanks. 0, -EINVAL, -ERANGE. */
int sg_str_to_u64(const char *s, uint64_t *ret);

/* Length of the longest prefix of s[0..n) that is valid UTF-8 (RFC 3629: no surrogates, no overlong
   forms, at most U+10FFFF). Equal to n when all is valid. */
size_t sg_utf8_valid_prefix(const char *s, size_t n);

/* How many bytes at the end of s[0..n) are the beginning of a character whose end is missing: 0 to
   3. What is before them need not be UTF-8. */
size_t sg_utf8_half(const char *s, size_t n);

/* Appends base64 with padding. 0 or -ENOMEM. */
int sg_base64_encode(struct sg_buf *out, const void *data, size_t n);
/* Appends decoded bytes; -EINVAL on anything but canonical base64 with padding (no white space). */
int sg_base64_decode(struct sg_buf *out, const char *s, size_t n);

#define SG_UUID_SIZE 37
/* Writes a random UUID (version 4) and its NUL. */
void sg_uuid_make(char out[SG_UUID_SIZE]);

#endif
