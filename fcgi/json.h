/*
 * json.h: writes JSON (RFC 8259) into a buffer, piece by piece, commas by itself.
 *
 *     struct sg_json j = SG_JSON_INIT(&buf);
 *     sg_json_open(&j, '{');
 *     sg_json_key(&j, "exit_code"), sg_json_int(&j, 0);
 *     sg_json_close(&j, '}');
 *     if (buf.failed) return -ENOMEM;
 *
 * Used by the answers of the service and by the command line tool.
 */
#ifndef SG_FCGI_JSON_H
#define SG_FCGI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

struct sg_json {
    struct sg_buf *out; /* borrowed */
    bool comma;         /* the next key or item needs one in front */
};
#define SG_JSON_INIT(buf)                                                                          \
    {                                                                                              \
        .out = (buf), .comma = false                                                               \
    }

void sg_json_open(struct sg_json *j, char bracket);  /* '{' or '[' */
void sg_json_close(struct sg_json *j, char bracket); /* '}' or ']' */
void sg_json_key(struct sg_json *j, const char *key);

void sg_json_null(struct sg_json *j);
void sg_json_bool(struct sg_json *j, bool value);
void sg_json_int(struct sg_json *j, int64_t value);
void sg_json_uint(struct sg_json *j, uint64_t value);
/* null for SG_UNKNOWN (core/model/outcome.h): what was not measured is not a figure. */
void sg_json_measured(struct sg_json *j, uint64_t value);
/* A number with so many decimals (0..6), trailing zeros dropped. NaN and infinity become null. */
void sg_json_real(struct sg_json *j, double value, int decimals);
/* NULL becomes null. Bytes that are not UTF-8 become U+FFFD, so that the document is always valid.
 */
void sg_json_string(struct sg_json *j, const char *text);
void sg_json_string_n(struct sg_json *j, const char *text, size_t n);
/* base64 (RFC 4648) of any bytes, as a string. */
void sg_json_base64(struct sg_json *j, const char *data, size_t n);

/* Key and value in one. */
void sg_json_put_string(struct sg_json *j, const char *key, const char *text);
void sg_json_put_bool(struct sg_json *j, const char *key, bool value);
void sg_json_put_uint(struct sg_json *j, const char *key, uint64_t value);
void sg_json_put_measured(struct sg_json *j, const char *key, uint64_t value);
void sg_json_put_null(struct sg_json *j, const char *key);

/* Appends one component to a JSON pointer (RFC 6901: ~ and / escaped); a long one is cut with "…".
 */
void sg_json_pointer_add(struct sg_buf *pointer, const char *key, size_t n);

#endif
