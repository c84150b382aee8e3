/*
 * error.h: one error value for the whole project.
 *
 * A function that can fail returns 0 or a positive result, or a negative code: -errno where the
 * kernel or libc refused, or one of enum sg_code. Its last parameter is a struct sg_error on the
 * caller's stack that holds one sentence for a person, and if there is one, the fix. The first
 * error wins; callers on the way up add context in front.
 *
 *     struct sg_error err = SG_ERROR_INIT;
 *     if (sg_config_load(&cfg, path, &err) < 0)
 *         sg_log_error(SG_LOG_ERR, &err);
 */
#ifndef SG_BASE_ERROR_H
#define SG_BASE_ERROR_H

#include <stddef.h>

/* Project codes lie below every -errno (Linux: MAX_ERRNO is 4095, hence -5000 and below). */
enum sg_code {
    SG_OK = 0,
    SG_E_INVALID = -5000,     /* input breaks a rule: a bad request, configuration value, message */
    SG_E_UNAVAILABLE = -5001, /* a part that is needed is away: executor, runtime */
    SG_E_BUSY = -5002,        /* all slots and the queue are taken, or the wait was too long */
    SG_E_LAYER = -5003,       /* a layer of the sandbox cannot be set up here */
    SG_E_PROTOCOL = -5004,    /* a peer of ours sent what it must not send */
    SG_E_CANCELLED = -5005,   /* whoever asked has left */
    SG_E_INTERNAL = -5006,    /* a bug of ours */
    SG_E_VERSION = -5007,     /* a peer of ours is of another build: messages of another version */
};

/* Name of a code for logs: "EINVAL" for -EINVAL, "unavailable" for SG_E_UNAVAILABLE. Never NULL. */
const char *sg_code_name(int code);

struct sg_error {
    int code;       /* 0: no error so far */
    char step[32];  /* name of the set-up step that failed, or "" */
    char text[384]; /* what happened, without a trailing period */
    char fix[256];  /* what the operator can do, or "" */
};

#define SG_ERROR_INIT                                                                              \
    {                                                                                              \
        0                                                                                          \
    }

/* Sets code and text unless an error is set already. Returns err->code. err may be NULL. */
int sg_error_set(struct sg_error *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As sg_error_set with code -errnum and ": <strerror>" appended. Returns -errnum. */
int sg_error_errno(struct sg_error *err, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "<context>: " in front of an error that is set. Returns err->code. */
int sg_error_wrap(struct sg_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets the fix, unless one is set. */
void sg_error_fix(struct sg_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Forgets the error, for reuse. */
void sg_error_clear(struct sg_error *err);

#endif
