/*
 * openapi.c: GET /openapi.json. The document is fcgi/openapi.json, written by hand, and part of the
 * program. As it stands there it tells how the service is shipped; what the operator or a location
 * decides otherwise (limits, languages, engines, policies) is filled in here, so that its schemas
 * refuse what this location refuses, and no more.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/hash.h"
#include "fcgi/route.h"

#ifndef SG_VERSION
#define SG_VERSION "unversioned"
#endif

static const char shipped[] =
#include "fcgi/openapi.inc"
    ;

#define EXECUTE  "components/schemas/ExecuteRequest/properties/"
#define VALIDATE "components/schemas/ValidateRequest/properties/"

/* The document, and whether all that was to be filled in had its place. */
struct filler {
    json_t *root;
    bool failed;
};

/* The value at a path of names with slashes between them. NULL when it is not there. */
static json_t *value_at(const struct filler *f, const char *path)
{
    json_t *value = f->root;
    while (value && *path) {
        size_t n = strcspn(path, "/");
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        value = json_object_get(value, name);
        path += n + (path[n] == '/');
    }
    return value;
}

/* Takes the value over; a name that the schema did not have is added. */
static void set(struct filler *f, const char *path, const char *name, json_t *value)
{
    json_t *schema = value_at(f, path);
    f->failed |= !schema || json_object_set_new(schema, name, value) < 0;
    if (!schema)
        json_decref(value);
}

static void set_bounds(struct filler *f, const char *path, uint64_t min, uint64_t max)
{
    set(f, path, "minimum", json_integer((json_int_t)min));
    set(f, path, "maximum", json_integer((json_int_t)max));
}

static void fill_limits(struct filler *f, const struct sg_location *l)
{
    char path[128];
    for (size_t i = 0; i < sg_limit_count; i++) {
        const struct sg_limit_info *info = &sg_limit_table[i];
        snprintf(path, sizeof path, "components/schemas/Limits/properties/%s", info->name);
        set_bounds(f, path, info->min, sg_limit_get(&l->max, info));
        set(f, path, "default", json_integer((json_int_t)sg_limit_get(&l->dflt, info)));
    }
}

/* What else is a limit by another name. */
static void fill_other_limits(struct filler *f, const struct sg_location *l)
{
    const char *all_tests = "components/schemas/TestOptions/properties/wall_time_ms";
    const struct sg_limit_info *wall = sg_limit_find("wall_time_ms");
    set(f, EXECUTE "timeout", "minimum", json_real((double)wall->min / 1000.0));
    set(f, EXECUTE "timeout", "maximum", json_real((double)l->max.wall_time_ms / 1000.0));
    set(f, EXECUTE "timeout", "default", json_real((double)l->dflt.wall_time_ms / 1000.0));
    set_bounds(f, all_tests, wall->min, l->max.wall_time_ms);
    set(f, all_tests, "default", json_integer((json_int_t)l->max.wall_time_ms));
}

static void add_name(json_t *names, const char *name)
{
    json_array_append_new(names, json_string(name));
}

static void add_names(json_t *names, const struct sg_runtime *rt)
{
    add_name(names, rt->language);
    for (size_t i = 0; i < rt->aliases.n; i++)
        add_name(names, rt->aliases.v[i]);
}

/* Of nothing to choose from there is no list, since a schema should not have an empty one (JSON
   Schema 2020-12, 6.1.2): it takes no value at all. */
static void set_names(struct filler *f, const char *path, json_t *names)
{
    if (json_array_size(names) > 0) {
        set(f, path, "enum", names);
        return;
    }
    json_decref(names);
    json_object_del(value_at(f, path), "enum");
    set(f, path, "not", json_object());
}

/* Whatever language a request may name, to be run and to be scored. */
static void fill_languages(struct filler *f, const struct sg_exchange *x)
{
    const struct sg_validator *v = x->service->scoring->validator;
    json_t *run = json_array(), *scored = json_array();
    const char *language;
    for (size_t i = 0; i < x->service->runtimes->n; i++) {
        const struct sg_runtime *rt = &x->service->runtimes->v[i];
        if (sg_scoring_serves(x->service->scoring, &x->location, rt))
            add_names(run, rt);
        if (sg_location_offers(&x->location, rt) && sg_validator_language(v, rt->rules))
            add_names(scored, rt);
    }
    for (size_t i = 0; (language = sg_validator_list(v, i)); i++)
        if (!sg_runtimes_find(x->service->runtimes, language) &&
            sg_location_offers_name(&x->location, language))
            add_name(scored, language);
    set_names(f, EXECUTE "language", run);
    set_names(f, VALIDATE "language", scored);
}

/* The names, of which the first is the default. */
static void set_choice(struct filler *f, const char *path, json_t *names)
{
    if (json_array_size(names) > 0)
        set(f, path, "default", json_incref(json_array_get(names, 0)));
    set_names(f, path, names);
}

static void fill_engines(struct filler *f, const struct sg_location *l)
{
    json_t *names = json_array();
    for (size_t i = 0; i < l->engines.n; i++)
        add_name(names, l->engines.v[i]);
    if (l->engines.n == 0)
        add_name(names, sg_engine_name(SG_ENGINE_NATIVE));
    set_choice(f, EXECUTE "engine", names);
}

static void fill_policies(struct filler *f, const struct sg_exchange *x)
{
    const struct sg_location *l = &x->location;
    json_t *run = json_array(), *scored = json_array();
    for (size_t i = 0; i < l->policies.n; i++) {
        const char *name = l->policies.v[i];
        if (sg_scoring_offers(x->service->scoring, l, name, true))
            add_name(run, name);
        if (sg_scoring_offers(x->service->scoring, l, name, false))
            add_name(scored, name);
    }
    set_choice(f, EXECUTE "policy", run);
    set_choice(f, VALIDATE "policy", scored);
}

/* The native engine alone counts what is refused: where another one holds by default, it has to be
   named beside it. */
static void fill_trace(struct filler *f, const struct sg_location *l)
{
    if (!l->trace_denied_syscalls)
        set(f, EXECUTE "trace_denied_syscalls", "const", json_false());
    else if (sg_location_engine(l) != SG_ENGINE_NATIVE)
        set(f, "components/schemas/ExecuteRequest/then", "required", json_pack("[s]", "engine"));
}

static void fill(struct filler *f, const struct sg_exchange *x)
{
    const struct sg_location *l = &x->location;
    set(f, "info", "version", json_string(SG_VERSION));
    fill_limits(f, l);
    fill_other_limits(f, l);
    fill_languages(f, x);
    fill_engines(f, l);
    fill_policies(f, x);
    if (l->validate_required)
        set(f, EXECUTE "validate", "const", json_true());
    fill_trace(f, l);
}

static int append(const char *data, size_t n, void *arg)
{
    return sg_buf_append(arg, data, n);
}

/* An entity tag is in the header as it was sent, weakened by a proxy ("W/…"), or among others. */
static bool has_it_already(struct sg_exchange *x, const char *tag)
{
    const char *held = x->transport->ops->param(x->transport, "HTTP_IF_NONE_MATCH");
    return held && (strcmp(held, "*") == 0 || strstr(held, tag));
}

void sg_handle_openapi(struct sg_exchange *x)
{
    struct filler f = {.root = json_loadb(shipped, sizeof shipped - 1, 0, NULL)};
    char tag[24];
    fill(&f, x);
    if (f.failed ||
        json_dump_callback(f.root, append, &x->body, JSON_COMPACT | JSON_REAL_PRECISION(15)) < 0)
        sg_problem_set(&x->problem, SG_PROBLEM_INTERNAL, "the document could not be put together");
    json_decref(f.root);
    snprintf(tag, sizeof tag, "\"%016llx\"",
             (unsigned long long)sg_hash(SG_HASH_START, x->body.data, x->body.len));
    sg_exchange_header(x, "ETag", tag);
    x->cache_control = "no-cache"; /* it may be kept, and asked for again by its tag */
    if (has_it_already(x, tag))
        x->status = SG_NOT_MODIFIED;
}
