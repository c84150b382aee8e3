/*
 * scan.h: looks over the text of a configuration file before libconfuse does.
 *
 * libconfuse 3.3 counts a comment as two lines, keeps the state of an unfinished string for the
 * next file that it reads, replaces ${NAME} by the environment (which differs between our
 * processes), cuts strings at \0, and drops characters that it does not know. So this refuses what
 * must not be there, and blanks comments, after which libconfuse sees only what it handles well,
 * and counts lines right.
 */
#ifndef SG_CONFIG_SCAN_H
#define SG_CONFIG_SCAN_H

#include <stddef.h>

#include "core/base/error.h"

/* Blanks comments in text[0..n), in place; n excludes the NUL behind it. 0, or SG_E_INVALID with
 *ret_line the line and err the reason. */
int sg_scan(char *text, size_t n, unsigned *ret_line, struct sg_error *err);

#endif
