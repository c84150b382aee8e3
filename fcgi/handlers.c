/* handlers.c: what is told about the service: runtimes, limits, health, readiness, version. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/model/cases.h"
#include "fcgi/catalog.h"
#include "fcgi/confine.h"
#include "fcgi/json.h"
#include "fcgi/request.h"
#include "fcgi/route.h"
#include "fcgi/scan.h"

#define PRIVATE_WAIT_MS 10000 /* for the trial runs */

#ifndef SG_VERSION
#define SG_VERSION "unversioned"
#endif

static void executor_away(struct sg_exchange *x, const struct sg_error *err)
{
    sg_exchange_log_error(x, err);
    sg_problem_set(&x->problem, SG_PROBLEM_EXECUTOR_UNREACHABLE, "the executor cannot be reached");
    x->problem.retry_after_s = 1;
}

/* A service says at once what it knows; a private executor of a plain CGI request knows nothing
 * yet. */
static int ask_status(struct sg_link *link, struct sg_msg_status_reply *ret, struct sg_error *err)
{
    return sg_link_settled(link, sg_link_child(link) > 0 ? PRIVATE_WAIT_MS : 0, ret, err);
}

void sg_handle_runtimes(struct sg_exchange *x)
{
    struct sg_msg_runtime_reply reply = {.count = 1};
    struct sg_msg_status_reply status;
    struct sg_json j = SG_JSON_INIT(&x->body);
    struct sg_error err = SG_ERROR_INIT;
    struct sg_link *link = sg_service_link(x->service, sg_location_engine(&x->location));
    if (ask_status(link, &status, &err) < 0) {
        executor_away(x, &err);
        return;
    }
    sg_json_open(&j, '[');
    for (uint32_t i = 0; i < reply.count && i < SG_RUNTIMES_MAX; i++) {
        if (sg_link_runtime(link, i, &reply, &err) < 0) {
            executor_away(x, &err);
            return;
        }
        struct sg_runtime *rt =
            i < reply.count ? sg_runtimes_find(x->service->runtimes, reply.language) : NULL;
        if (rt && sg_scoring_serves(x->service->scoring, &x->location, rt))
            sg_catalog_write(&j, rt, &reply);
    }
    sg_json_close(&j, ']');
}

static void put_limit(struct sg_json *j, const struct sg_location *l,
                      const struct sg_limit_info *info)
{
    sg_json_key(j, info->name);
    sg_json_open(j, '{');
    sg_json_put_uint(j, "default", sg_limit_get(&l->dflt, info));
    sg_json_put_uint(j, "minimum", info->min);
    sg_json_put_uint(j, "maximum", sg_limit_get(&l->max, info));
    sg_json_put_string(j, "unit", info->unit);
    sg_json_put_string(j, "description", info->what);
    sg_json_close(j, '}');
}

/* What holds for the risk score here: who may skip it, which policies there are, its bounds. */
static void put_validation(struct sg_json *j, const struct sg_exchange *x)
{
    const struct sg_bounds *b = &x->service->scoring->bounds;
    const struct sg_strings *policies = &x->location.policies;
    sg_json_key(j, "validation");
    sg_json_open(j, '{');
    sg_json_put_bool(j, "required", x->location.validate_required);
    sg_json_put_string(j, "policy", policies->n ? policies->v[0] : NULL);
    sg_json_key(j, "policies");
    sg_json_open(j, '[');
    for (size_t i = 0; i < policies->n; i++)
        if (sg_scoring_offers(x->service->scoring, &x->location, policies->v[i], true))
            sg_json_string(j, policies->v[i]);
    sg_json_close(j, ']');
    sg_json_put_uint(j, "source_bytes", b->source_bytes);
    sg_json_put_uint(j, "parse_ms", b->parse_ms);
    sg_json_put_uint(j, "nodes", b->nodes);
    sg_json_put_uint(j, "depth", b->depth);
    sg_json_put_uint(j, "work", b->work);
    sg_json_close(j, '}');
}

void sg_handle_limits(struct sg_exchange *x)
{
    const struct {
        const char *name;
        uint64_t value;
    } bounds[] = {
        {"body_bytes", x->service->cfg->worker.body_bytes},
        {"files", SG_FILES_MAX},
        {"file_bytes", SG_FILE_BYTES_MAX},
        {"job_bytes", SG_PAYLOAD_BYTES_MAX},
        {"stdin_bytes", SG_STDIN_BYTES_MAX},
        {"path_bytes", SG_PATH_MAX},
        {"path_depth", SG_PATH_DEPTH_MAX},
        {"args", SG_ARGS_MAX},
        {"env", SG_ENV_MAX},
        {"args_and_env_bytes", SG_REQUEST_STRINGS_BYTES_MAX},
        {"output_files", SG_OUTPUT_PATTERNS_MAX},
        {"output_files_bytes", SG_OUTPUT_PATTERN_BYTES_MAX},
        {"json_depth", SG_JSON_DEPTH_MAX},
        {"json_values", SG_JSON_VALUES_MAX},
        {"tests", SG_CASES_MAX},
        {"test_name_bytes", SG_CASE_NAME_MAX},
        {"tests_output_bytes", SG_CASES_OUTPUT_BYTES_MAX},
    };
    struct sg_json j = SG_JSON_INIT(&x->body);
    sg_json_open(&j, '{');
    sg_json_key(&j, "limits");
    sg_json_open(&j, '{');
    for (size_t i = 0; i < sg_limit_count; i++)
        put_limit(&j, &x->location, &sg_limit_table[i]);
    sg_json_close(&j, '}');
    sg_json_key(&j, "request");
    sg_json_open(&j, '{');
    for (size_t i = 0; i < SG_ARRAY_LEN(bounds); i++)
        sg_json_put_uint(&j, bounds[i].name, bounds[i].value);
    sg_json_close(&j, '}');
    sg_json_key(&j, "output");
    sg_json_open(&j, '{');
    sg_json_put_uint(&j, "files", x->service->cfg->output.files);
    sg_json_put_uint(&j, "bytes", x->service->cfg->output.bytes);
    sg_json_close(&j, '}');
    put_validation(&j, x);
    sg_json_close(&j, '}');
}

void sg_handle_health(struct sg_exchange *x)
{
    struct sg_json j = SG_JSON_INIT(&x->body);
    sg_json_open(&j, '{');
    sg_json_put_string(&j, "status", "ok");
    sg_json_close(&j, '}');
}

/* Of each engine here: is it ready, and if not, why? Runs of the others go on. */
static void put_engines(struct sg_json *j, struct sg_exchange *x,
                        const struct sg_msg_status_reply *first)
{
    sg_json_key(j, "engines");
    sg_json_open(j, '{');
    for (size_t i = 0; i == 0 || i < x->location.engines.n; i++) {
        int engine = i == 0 ? (int)sg_location_engine(&x->location)
                            : sg_engine_from_name(x->location.engines.v[i]);
        struct sg_msg_status_reply s = *first;
        struct sg_error err = SG_ERROR_INIT;
        if (engine < 0)
            continue;
        if (i > 0 &&
            ask_status(sg_service_link(x->service, (enum sg_engine)engine), &s, &err) < 0) {
            s = (struct sg_msg_status_reply){0};
            sg_exchange_log_error(x, &err);
            sg_str_copy(s.reason, sizeof s.reason, "the executor cannot be reached");
        }
        sg_json_key(j, sg_engine_name((enum sg_engine)engine));
        sg_json_open(j, '{');
        sg_json_put_bool(j, "ready", s.ready);
        sg_json_put_string(j, "reason", s.ready ? NULL : s.reason);
        sg_json_close(j, '}');
    }
    sg_json_close(j, '}');
}

void sg_handle_ready(struct sg_exchange *x)
{
    struct sg_msg_status_reply s = {0};
    struct sg_json j = SG_JSON_INIT(&x->body);
    struct sg_error err = SG_ERROR_INIT;
    if (ask_status(sg_service_link(x->service, sg_location_engine(&x->location)), &s, &err) < 0) {
        executor_away(x, &err);
        return;
    }
    if (!s.ready) {
        sg_problem_set(&x->problem, SG_PROBLEM_NOT_READY, "%s",
                       s.reason[0] ? s.reason : "the trial runs have not passed");
        x->problem.retry_after_s = 2;
        return;
    }
    sg_json_open(&j, '{');
    sg_json_put_bool(&j, "ready", true);
    sg_json_put_uint(&j, "slots", s.slots);
    sg_json_put_uint(&j, "running", s.running);
    sg_json_put_uint(&j, "queue_max", s.queue_max);
    sg_json_put_uint(&j, "queued", s.queued);
    sg_json_put_uint(&j, "runtimes", s.runtimes);
    sg_json_put_uint(&j, "runs_total", s.runs_total);
    sg_json_put_string(&j, "degraded", s.degraded[0] ? s.degraded : NULL);
    put_engines(&j, x, &s);
    sg_json_close(&j, '}');
}

/* Versions change when what they are of does: an answer can be told from one under other rules. */
static void put_policies(struct sg_json *j, const struct sg_scoring *s)
{
    char version[SG_HASH_SIZE];
    sg_validator_version(s->validator, version);
    sg_json_put_string(j, "rules_version", version);
    sg_json_key(j, "policies");
    sg_json_open(j, '{');
    for (size_t i = 0; i < s->policies.n; i++) {
        sg_validator_policy_version(s->validator, &s->policies.v[i], version);
        sg_json_put_string(j, s->policies.v[i].name, version);
    }
    sg_json_close(j, '}');
}

void sg_handle_version(struct sg_exchange *x)
{
    struct sg_json j = SG_JSON_INIT(&x->body);
    sg_json_open(&j, '{');
    sg_json_put_string(&j, "name", "sandgate");
    sg_json_put_string(&j, "version", SG_VERSION);
    sg_json_put_uint(&j, "protocol", SG_MSG_VERSION);
    sg_json_key(&j, "build");
    sg_json_open(&j, '{');
    sg_json_put_string(&j, "compiler", __VERSION__);
#ifdef __OPTIMIZE__
    sg_json_put_bool(&j, "optimized", true);
#else
    sg_json_put_bool(&j, "optimized", false);
#endif
    sg_json_put_bool(&j, "sanitized", SG_CONFINE_SANITIZED);
    sg_json_put_string(&j, "transport", x->transport->ops->name);
    sg_json_put_string(&j, "engine", sg_engine_name(sg_location_engine(&x->location)));
    sg_json_put_bool(&j, "validation", true);
    sg_json_close(&j, '}');
    put_policies(&j, x->service->scoring);
    sg_json_close(&j, '}');
}
