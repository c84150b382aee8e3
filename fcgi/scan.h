/*
 * scan.h: a look at JSON text before it is decoded: one pass, no recursion, no memory.
 *
 * The decoder (jansson) bounds neither the number of values nor, at a depth that suits us, the
 * nesting; and it does not say where in the document an error is. This does both. It does not check
 * the syntax.
 */
#ifndef SG_FCGI_SCAN_H
#define SG_FCGI_SCAN_H

#include <stddef.h>

#include "core/base/buf.h"

#define SG_JSON_DEPTH_MAX  32
#define SG_JSON_VALUES_MAX 10000

enum sg_scan {
    SG_SCAN_OK,
    SG_SCAN_TOO_DEEP,       /* more than SG_JSON_DEPTH_MAX objects and arrays in each other */
    SG_SCAN_TOO_MANY_VALUES /* more than SG_JSON_VALUES_MAX values */
};

/* Counts. Unless SG_SCAN_OK, *ret_at is the offset of the byte at which the bound was crossed. */
enum sg_scan sg_scan_json(const char *text, size_t n, size_t *ret_at);

/* Appends the JSON pointer (RFC 6901) of the value in which the byte at offset `at` lies. */
void sg_scan_pointer(const char *text, size_t n, size_t at, struct sg_buf *ret);

#endif
