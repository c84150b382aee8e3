/* problem.c: see problem.h */
#include "fcgi/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/json.h"

const struct sg_problem_info sg_problem_table[SG_PROBLEM_COUNT] = {
    [SG_PROBLEM_NONE] = {"none", 200, "No problem", false, NULL},
    [SG_PROBLEM_MALFORMED_JSON] = {"malformed_json", 400, "The body is not valid JSON", false,
                                   NULL},
    [SG_PROBLEM_BODY_INCOMPLETE] = {"body_incomplete", 400, "The body ended too early", true,
                                    "send as many bytes as Content-Length says"},
    [SG_PROBLEM_BAD_REQUEST] = {"bad_request", 400, "The request cannot be read", false, NULL},
    [SG_PROBLEM_NOT_FOUND] = {"not_found", 404, "There is nothing at this path", false,
                              "POST /v1/execute runs code; GET /v1/runtimes lists languages"},
    [SG_PROBLEM_METHOD_NOT_ALLOWED] = {"method_not_allowed", 405,
                                       "This path does not take that method", false, NULL},
    [SG_PROBLEM_NOT_ACCEPTABLE] = {"not_acceptable", 406,
                                   "Accept takes nothing that can be answered here", false,
                                   "send an Accept that takes what `detail` names, or none"},
    [SG_PROBLEM_LENGTH_REQUIRED] = {"length_required", 411, "The length of the body is missing",
                                    false, "send a Content-Length header"},
    [SG_PROBLEM_BODY_TOO_LARGE] = {"body_too_large", 413, "The body is too large", false, NULL},
    [SG_PROBLEM_UNSUPPORTED_MEDIA_TYPE] = {"unsupported_media_type", 415,
                                           "Only JSON is understood here", false,
                                           "send Content-Type: application/json"},
    [SG_PROBLEM_JSON_TOO_COMPLEX] = {"json_too_complex", 422,
                                     "The JSON is nested too deeply or has too many values", false,
                                     NULL},
    [SG_PROBLEM_INVALID_REQUEST] = {"invalid_request", 422, "The request has invalid fields", false,
                                    NULL},
    [SG_PROBLEM_VALIDATION_UNAVAILABLE] = {"validation_unavailable", 422,
                                           "There are no rules to score this language by", false,
                                           NULL},
    [SG_PROBLEM_VALIDATION_REQUIRED] = {"validation_required", 422,
                                        "The operator does not let code run without validation",
                                        false, NULL},
    [SG_PROBLEM_UNKNOWN_RUNTIME] = {"unknown_runtime", 422, "There is no such runtime", false,
                                    "GET /v1/runtimes lists what there is"},
    [SG_PROBLEM_LIMIT_REFUSED] = {"limit_refused", 422, "The executor does not allow that limit",
                                  false, "GET /v1/limits lists the maxima"},
    [SG_PROBLEM_PROGRAM_REFUSED] = {"program_refused", 422,
                                    "The program's files cannot be laid out", false, NULL},
    [SG_PROBLEM_BUSY] = {"busy", 503, "All slots are taken", true, "try again after Retry-After"},
    [SG_PROBLEM_STOPPING] = {"stopping", 503, "The service is being stopped or restarted", true,
                             "try again after Retry-After"},
    [SG_PROBLEM_LAYER_UNAVAILABLE] = {"layer_unavailable", 503,
                                      "The sandbox cannot be set up completely, so nothing was run",
                                      false, NULL},
    [SG_PROBLEM_EXECUTOR_UNREACHABLE] = {"executor_unreachable", 503,
                                         "The executor cannot be reached", true,
                                         "the operator finds the reason in the worker's log"},
    [SG_PROBLEM_EXECUTOR_LOST] = {"executor_lost", 502, "The executor went away during the run",
                                  true, "nothing of the run is left; try again"},
    [SG_PROBLEM_NOT_READY] = {"not_ready", 503, "The executor is not ready to run code", true,
                              NULL},
    [SG_PROBLEM_INTERNAL] = {"internal", 500, "An error of the service", false,
                             "the operator finds the reason in the log by request_id"},
};

void sg_problem_done(struct sg_problem *p)
{
    for (size_t i = 0; i < p->nfields; i++) {
        free(p->fields[i].pointer);
        free(p->fields[i].detail);
    }
    free(p->fields);
    *p = (struct sg_problem){0};
}

bool sg_problem_is_set(const struct sg_problem *p)
{
    return p->id != SG_PROBLEM_NONE;
}

void sg_problem_set(struct sg_problem *p, enum sg_problem_id id, const char *fmt, ...)
{
    va_list ap;
    if (sg_problem_is_set(p))
        return;
    p->id = id;
    va_start(ap, fmt);
    vsnprintf(p->detail, sizeof p->detail, fmt, ap);
    va_end(ap);
}

void sg_problem_add(struct sg_problem *p, const char *fmt, ...)
{
    va_list ap;
    size_t n = strlen(p->detail);
    va_start(ap, fmt);
    vsnprintf(p->detail + n, sizeof p->detail - n, fmt, ap);
    va_end(ap);
}

static void add_field(struct sg_problem *p, const char *pointer, const char *detail)
{
    p->nfields_seen++;
    if (p->nfields >= SG_PROBLEM_FIELDS_MAX)
        return;
    if (!p->fields)
        p->fields = calloc(SG_PROBLEM_FIELDS_MAX, sizeof *p->fields);
    if (!p->fields)
        return;
    struct sg_problem_field *f = &p->fields[p->nfields];
    f->pointer = strdup(pointer);
    f->detail = strdup(detail);
    p->nfields++;
}

void sg_problem_field(struct sg_problem *p, const char *pointer, const char *fmt, ...)
{
    char detail[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(detail, sizeof detail, fmt, ap);
    va_end(ap);
    sg_problem_set(p, SG_PROBLEM_INVALID_REQUEST, "%s", "");
    add_field(p, pointer, detail);
}

void sg_problem_from_refusal(struct sg_problem *p, const struct sg_msg_refused *refused)
{
    static const enum sg_problem_id ids[SG_REFUSAL_END] = {
        [SG_REFUSAL_BUSY] = SG_PROBLEM_BUSY,
        [SG_REFUSAL_LAYER] = SG_PROBLEM_LAYER_UNAVAILABLE,
        [SG_REFUSAL_LIMIT] = SG_PROBLEM_LIMIT_REFUSED,
        [SG_REFUSAL_RUNTIME] = SG_PROBLEM_UNKNOWN_RUNTIME,
        [SG_REFUSAL_PROTOCOL] = SG_PROBLEM_INTERNAL,
        [SG_REFUSAL_STOPPING] = SG_PROBLEM_STOPPING,
        [SG_REFUSAL_PROGRAM] = SG_PROBLEM_PROGRAM_REFUSED,
        [SG_REFUSAL_INTERNAL] = SG_PROBLEM_INTERNAL,
        [SG_REFUSAL_LOST] = SG_PROBLEM_EXECUTOR_LOST,
    };
    enum sg_problem_id id =
        refused->refusal < SG_REFUSAL_END ? ids[refused->refusal] : SG_PROBLEM_INTERNAL;
    if (id == SG_PROBLEM_NONE)
        id = SG_PROBLEM_INTERNAL;
    if (id == SG_PROBLEM_INTERNAL) { /* internals stay in the log */
        sg_problem_set(p, id, "the run could not be made");
        return;
    }
    sg_problem_set(p, id, "%s", refused->text);
    sg_str_copy(p->step, sizeof p->step, refused->step);
    sg_str_copy(p->hint, sizeof p->hint, refused->fix);
    if (sg_problem_table[id].status >= 502 && sg_problem_table[id].retryable)
        p->retry_after_s = refused->retry_after_s ? refused->retry_after_s : 1;
}

static void put_detail(struct sg_json *j, const struct sg_problem *p)
{
    char text[128];
    sg_json_key(j, "detail");
    if (p->detail[0]) {
        sg_json_string(j, p->detail);
        return;
    }
    if (p->nfields_seen > p->nfields)
        snprintf(text, sizeof text, "%zu fields are invalid; the first %zu are listed",
                 p->nfields_seen, p->nfields);
    else
        snprintf(text, sizeof text, "%zu field%s invalid", p->nfields_seen,
                 p->nfields_seen == 1 ? " is" : "s are");
    sg_json_string(j, p->nfields_seen ? text : sg_problem_table[p->id].title);
}

static void put_fields(struct sg_json *j, const struct sg_problem *p)
{
    sg_json_key(j, "errors");
    sg_json_open(j, '[');
    for (size_t i = 0; i < p->nfields; i++) {
        sg_json_open(j, '{');
        sg_json_put_string(j, "pointer", p->fields[i].pointer);
        sg_json_put_string(j, "detail", p->fields[i].detail);
        sg_json_close(j, '}');
    }
    sg_json_close(j, ']');
}

int sg_problem_write(struct sg_buf *ret, const struct sg_problem *p, const char *instance,
                     const char *request_id)
{
    const struct sg_problem_info *info = &sg_problem_table[p->id];
    struct sg_json j = SG_JSON_INIT(ret);
    char type[96];
    snprintf(type, sizeof type, "urn:sandgate:problem:%s", info->code);
    sg_json_open(&j, '{');
    sg_json_put_string(&j, "type", type);
    sg_json_put_string(&j, "title", info->title);
    sg_json_put_uint(&j, "status", (uint64_t)info->status);
    put_detail(&j, p);
    sg_json_put_string(&j, "instance", instance);
    sg_json_put_string(&j, "code", info->code);
    put_fields(&j, p);
    sg_json_put_bool(&j, "retryable", info->retryable);
    if (p->retry_after_s > 0) /* an `error` event has no header any more to say it */
        sg_json_put_uint(&j, "retry_after_s", p->retry_after_s);
    sg_json_put_string(&j, "hint", p->hint[0] ? p->hint : info->hint);
    if (p->step[0])
        sg_json_put_string(&j, "step", p->step);
    sg_json_put_string(&j, "request_id", request_id);
    sg_json_close(&j, '}');
    return ret->failed ? -ENOMEM : 0;
}
