/* route.c: see route.h */
#include "fcgi/route.h"

#include <string.h>
#include <strings.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/events.h"
#include "fcgi/metrics.h"
#include "fcgi/report.h"

const struct sg_route sg_route_table[] = {
    {"POST", "/v1/execute", sg_handle_execute, true, SG_JSON_TYPE, SG_EVENTS_TYPE},
    {"POST", "/v1/validate", sg_handle_validate, false, SG_JSON_TYPE, SG_SARIF_TYPE},
    {"GET", "/v1/runtimes", sg_handle_runtimes, true, SG_JSON_TYPE, NULL},
    {"GET", "/v1/limits", sg_handle_limits, false, SG_JSON_TYPE, NULL},
    {"GET", "/health", sg_handle_health, false, SG_JSON_TYPE, NULL},
    {"GET", "/ready", sg_handle_ready, true, SG_JSON_TYPE, NULL},
    {"GET", "/version", sg_handle_version, false, SG_JSON_TYPE, NULL},
    {"GET", "/metrics", sg_handle_metrics, false, SG_METRICS_TYPE, NULL},
    {"GET", "/openapi.json", sg_handle_openapi, false, SG_JSON_TYPE, NULL},
};
const size_t sg_route_count = SG_ARRAY_LEN(sg_route_table);

static bool method_fits(const char *route, const char *method)
{
    if (strcmp(route, method) == 0)
        return true;
    return strcmp(route, "GET") == 0 && strcmp(method, "HEAD") == 0;
}

const struct sg_route *sg_route_find(const char *method, const char *path,
                                     struct sg_problem *problem)
{
    const struct sg_route *other = NULL;
    for (size_t i = 0; i < sg_route_count; i++) {
        if (strcmp(sg_route_table[i].path, path) != 0)
            continue;
        if (method_fits(sg_route_table[i].method, method))
            return &sg_route_table[i];
        other = &sg_route_table[i];
    }
    if (other) {
        const char *allow = strcmp(other->method, "GET") == 0 ? "GET, HEAD" : other->method;
        sg_problem_set(problem, SG_PROBLEM_METHOD_NOT_ALLOWED, "allowed here: %s", allow);
        problem->allow = allow;
    } else {
        sg_problem_set(problem, SG_PROBLEM_NOT_FOUND, "there is nothing at this path");
    }
    return NULL;
}

/* Nothing is unpacked here: a small body could become a very large one. RFC 9110, 15.5.16: only a
   415 that is about the coding says in Accept-Encoding which would have been taken. */
static void check_coding(struct sg_exchange *x)
{
    const char *coding = x->content_encoding;
    if (!*coding || strcasecmp(coding, "identity") == 0)
        return;
    sg_problem_set(&x->problem, SG_PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                   "Content-Encoding is \"%.80s\"; allowed: none", coding);
    sg_str_copy(x->problem.hint, sizeof x->problem.hint,
                "send the JSON as it is, without Content-Encoding");
    x->problem.accept_encoding = "identity";
}

/* What HTTP says about a request with a body, in the order in which a client can put it right. */
static bool check_body(struct sg_exchange *x)
{
    uint64_t most = x->service->cfg->worker.body_bytes;
    if (x->content_length == -2)
        sg_problem_set(&x->problem, SG_PROBLEM_BAD_REQUEST, "Content-Length is not a number");
    else if (x->content_length < 0)
        sg_problem_set(&x->problem, SG_PROBLEM_LENGTH_REQUIRED, "there is no Content-Length");
    else if ((uint64_t)x->content_length > most)
        sg_problem_set(&x->problem, SG_PROBLEM_BODY_TOO_LARGE, "%lld bytes; allowed: at most %llu",
                       (long long)x->content_length, (unsigned long long)most);
    else if (!sg_exchange_is_json(x->content_type))
        sg_problem_set(&x->problem, SG_PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                       "Content-Type is \"%.80s\"; allowed: application/json (in UTF-8)",
                       x->content_type);
    else
        check_coding(x);
    return !sg_problem_is_set(&x->problem) && sg_exchange_read_body(x) == 0;
}

void sg_route_answer(struct sg_exchange *x)
{
    if (sg_problem_is_set(&x->problem))
        return;
    const struct sg_route *r = sg_route_find(x->method, sg_exchange_path(x), &x->problem);
    if (!r)
        return;
    if (!sg_exchange_accepts(x->accept, r->type) &&
        !(r->also && sg_exchange_accepts(x->accept, r->also))) {
        sg_problem_set(&x->problem, SG_PROBLEM_NOT_ACCEPTABLE, "Accept leaves out %s%s%s", r->type,
                       r->also ? " and " : "", r->also ? r->also : "");
        return;
    }
    if (strcmp(r->method, "POST") == 0 && !check_body(x))
        return;
    r->handle(x);
}
