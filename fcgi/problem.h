/*
 * problem.h: every error that the service answers with, as application/problem+json (RFC 9457).
 *
 *     sg_auto(sg_problem) struct sg_problem p = {0};
 *     sg_problem_field(&p, "/limits/processes", "is %d; allowed: 1 to %d", have, most);
 *     if (sg_problem_is_set(&p)) sg_problem_write(&buf, &p, "/v1/execute", request_id);
 *
 * One table (problem.c) holds code, status, title, whether trying again can help, and the hint; the
 * documentation is checked against it.
 */
#ifndef SG_FCGI_PROBLEM_H
#define SG_FCGI_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/base/error.h"
#include "core/ipc/message.h"

enum sg_problem_id {
    SG_PROBLEM_NONE,
    SG_PROBLEM_MALFORMED_JSON,
    SG_PROBLEM_BODY_INCOMPLETE,
    SG_PROBLEM_BAD_REQUEST,
    SG_PROBLEM_NOT_FOUND,
    SG_PROBLEM_METHOD_NOT_ALLOWED,
    SG_PROBLEM_NOT_ACCEPTABLE,
    SG_PROBLEM_LENGTH_REQUIRED,
    SG_PROBLEM_BODY_TOO_LARGE,
    SG_PROBLEM_UNSUPPORTED_MEDIA_TYPE,
    SG_PROBLEM_JSON_TOO_COMPLEX,
    SG_PROBLEM_INVALID_REQUEST,
    SG_PROBLEM_VALIDATION_UNAVAILABLE,
    SG_PROBLEM_VALIDATION_REQUIRED,
    SG_PROBLEM_UNKNOWN_RUNTIME,
    SG_PROBLEM_LIMIT_REFUSED,
    SG_PROBLEM_PROGRAM_REFUSED,
    SG_PROBLEM_BUSY,
    SG_PROBLEM_STOPPING,
    SG_PROBLEM_LAYER_UNAVAILABLE,
    SG_PROBLEM_EXECUTOR_UNREACHABLE,
    SG_PROBLEM_EXECUTOR_LOST,
    SG_PROBLEM_NOT_READY,
    SG_PROBLEM_INTERNAL,
    SG_PROBLEM_COUNT
};

struct sg_problem_info {
    const char *code; /* "malformed_json"; the type is urn:sandgate:problem:CODE */
    int status;
    const char *title;
    bool retryable;
    const char *hint; /* NULL: none */
};
extern const struct sg_problem_info sg_problem_table[SG_PROBLEM_COUNT];

struct sg_problem_field {
    char *pointer; /* owned: JSON pointer (RFC 6901) into the request */
    char *detail;  /* owned: what is wrong, what is allowed */
};

#define SG_PROBLEM_FIELDS_MAX 64
struct sg_problem {
    enum sg_problem_id id;
    char detail[512];
    char hint[320];                  /* in place of the table's, unless "" */
    char step[32];                   /* set-up step of a box that failed, or "" */
    unsigned retry_after_s;          /* 0: no Retry-After header */
    const char *allow;               /* borrowed: value of the Allow header, or NULL */
    const char *accept_encoding;     /* the same of Accept-Encoding */
    struct sg_problem_field *fields; /* owned; SG_PROBLEM_FIELDS_MAX are kept, more are counted */
    size_t nfields;
    size_t nfields_seen;
};

void sg_problem_done(struct sg_problem *p);
bool sg_problem_is_set(const struct sg_problem *p);

/* Says what happened, unless a problem is set already. */
void sg_problem_set(struct sg_problem *p, enum sg_problem_id id, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Goes on with what has been said. */
void sg_problem_add(struct sg_problem *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds an entry for one field; the problem becomes invalid_request unless one is set already. */
void sg_problem_field(struct sg_problem *p, const char *pointer, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* What an executor's REFUSED message means to the client. */
void sg_problem_from_refusal(struct sg_problem *p, const struct sg_msg_refused *refused);

/* Appends the document. instance is the request's path. 0 or -ENOMEM. */
int sg_problem_write(struct sg_buf *ret, const struct sg_problem *p, const char *instance,
                     const char *request_id);

#endif
