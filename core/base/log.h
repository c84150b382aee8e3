/* log.h: one line per event, to stderr or syslog(3). Only the top of a process logs. Never logs
   source code; control characters in arguments are written as \xNN so that a line stays a line. */
#ifndef SG_BASE_LOG_H
#define SG_BASE_LOG_H

#include <stddef.h>

#include "core/base/error.h"

enum sg_log_level {
    SG_LOG_ERR = 3,
    SG_LOG_WARNING = 4,
    SG_LOG_NOTICE = 5,
    SG_LOG_INFO = 6,
    SG_LOG_DEBUG = 7
};

/* ident: program name in front of each line; target "stderr" or "syslog"; -EINVAL for another one.
 */
int sg_log_open(const char *ident, const char *target, enum sg_log_level most);
void sg_log(enum sg_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What happened, and the fix where there is one: "TEXT; fix: FIX". */
void sg_log_error(enum sg_log_level level, const struct sg_error *err);
/* Text of a peer as one word, so that it cannot imitate other fields of a line: "=" and all that is
   not printable ASCII become "_" (Unicode has blanks and ends of lines too). "-" when it is empty.
   Else it is written to word, cut to n bytes with its NUL, and word is returned. */
const char *sg_log_word(const char *text, char *word, size_t n);
/* "error", "warning", "notice", "info", "debug" to a level; -EINVAL. */
int sg_log_level_from_name(const char *name);

#endif
