#define _GNU_SOURCE
#include "core/base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"

static const struct {
    int code;
    const char *name;
} own_codes[] = {
    {SG_OK, "ok"},
    {SG_E_INVALID, "invalid"},
    {SG_E_UNAVAILABLE, "unavailable"},
    {SG_E_BUSY, "busy"},
    {SG_E_LAYER, "layer"},
    {SG_E_PROTOCOL, "protocol"},
    {SG_E_VERSION, "version"},
    {SG_E_CANCELLED, "cancelled"},
    {SG_E_INTERNAL, "internal"},
};

const char *sg_code_name(int code)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(own_codes); i++) {
        if (own_codes[i].code == code)
            return own_codes[i].name;
    }
    const char *name = strerrorname_np(-code);
    return name ? name : "unknown";
}

/* What does not fit is cut. */
static void append(struct sg_error *err, const char *text)
{
    size_t used = strlen(err->text);
    sg_str_copy(err->text + used, sizeof(err->text) - used, text);
}

static bool begin(struct sg_error *err, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* Writes the text, if this is the first error; then true, and the code is the caller's to set. */
static bool begin(struct sg_error *err, const char *fmt, va_list ap)
{
    if (!err || err->code)
        return false;
    vsnprintf(err->text, sizeof(err->text), fmt, ap);
    return true;
}

int sg_error_set(struct sg_error *err, int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (begin(err, fmt, ap))
        err->code = code;
    va_end(ap);
    return err ? err->code : code;
}

int sg_error_errno(struct sg_error *err, int errnum, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (begin(err, fmt, ap)) {
        const char *what = strerrordesc_np(errnum);
        append(err, ": ");
        append(err, what ? what : "unknown error");
        err->code = -errnum;
    }
    va_end(ap);
    return err ? err->code : -errnum;
}

int sg_error_wrap(struct sg_error *err, const char *fmt, ...)
{
    if (!err || !err->code)
        return SG_OK;
    char before[sizeof(err->text)];
    memcpy(before, err->text, sizeof(before));
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(err->text, sizeof(err->text), fmt, ap);
    va_end(ap);
    append(err, ": ");
    append(err, before);
    return err->code;
}

void sg_error_fix(struct sg_error *err, const char *fmt, ...)
{
    if (!err || err->fix[0])
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(err->fix, sizeof(err->fix), fmt, ap);
    va_end(ap);
}

void sg_error_clear(struct sg_error *err)
{
    if (err)
        *err = (struct sg_error)SG_ERROR_INIT;
}
