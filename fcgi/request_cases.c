/* request_cases.c: the fields `tests` and `test_options`. See request.h, core/model/cases.h */
#include <stdlib.h>
#include <string.h>

#include "core/ipc/payload.h"
#include "core/model/cases.h"
#include "fcgi/request_internal.h"

/* What env has of the bytes that it shares with arguments: each case brings other arguments. */
static size_t env_bytes(const struct sg_job *job)
{
    size_t n = 0;
    for (size_t i = 0; i < job->nenv; i++)
        n += strlen(job->env[i]) + 1;
    return n;
}

static void read_name(struct sg_parse *p, const json_t *value, const char *pointer,
                      struct sg_case *c)
{
    const char *text = sg_parse_text(p, value, pointer, SG_CASE_NAME_MAX);
    c->name = text ? strdup(text) : NULL;
    if (text && !c->name)
        sg_parse_no_memory(p);
}

/* The job travels as one piece with these arguments, too. */
static void read_args(struct sg_parse *p, const json_t *value, const char *pointer,
                      struct sg_case *c)
{
    size_t total = env_bytes(p->job), n = json_array_size(value);
    c->own_args = true;
    c->args = calloc(n < SG_ARGS_MAX ? n + 1 : SG_ARGS_MAX, sizeof *c->args);
    if (!c->args) {
        sg_parse_no_memory(p);
        return;
    }
    sg_parse_strings(p, value, pointer, c->args, &c->nargs, &total);
    struct sg_job one = sg_case_job(p->job, c);
    size_t size = sg_payload_size(&one);
    if (size > SG_PAYLOAD_BYTES_MAX && sg_payload_size(p->job) <= SG_PAYLOAD_BYTES_MAX)
        sg_problem_field(p->problem, pointer,
                         "make %zu bytes with code, files and env; allowed: at most %u together",
                         size, SG_PAYLOAD_BYTES_MAX);
}

/* A member, and where it stands. */
static const json_t *member(const json_t *object, const char *key, const char *parent,
                            char ret_at[SG_POINTER_SIZE])
{
    sg_parse_pointer(ret_at, SG_POINTER_SIZE, parent, key);
    return json_object_get(object, key);
}

static void read_case(struct sg_parse *p, const json_t *value, size_t index)
{
    static const char *const names[] = {"name", "stdin", "args", "expected_stdout", NULL};
    char parent[64], at[SG_POINTER_SIZE];
    struct sg_case *c = &p->job->cases->v[p->job->cases->n++];
    sg_parse_pointer_index(parent, sizeof parent, "/tests", index);
    if (!sg_parse_type(p, json_is_object(value), value, parent, "an object"))
        return;
    sg_parse_known_keys(p, value, parent, names);
    const json_t *item = member(value, "name", parent, at);
    if (item)
        read_name(p, item, at, c);
    item = member(value, "stdin", parent, at);
    c->own_input = item != NULL;
    if (item)
        sg_parse_bytes(p, item, at, SG_STDIN_BYTES_MAX, &c->input);
    item = member(value, "args", parent, at);
    if (item)
        read_args(p, item, at, c);
    item = member(value, "expected_stdout", parent, at);
    c->compared = item != NULL;
    if (item) /* more than what is kept of stdout could never be met */
        sg_parse_bytes(p, item, at, p->job->limits.output_bytes, &c->expected);
}

void sg_parse_tests(struct sg_parse *p, const json_t *value)
{
    if (!value || !sg_parse_type(p, json_is_array(value), value, "/tests", "an array"))
        return;
    size_t n = json_array_size(value);
    if (n == 0 || n > SG_CASES_MAX) {
        sg_problem_field(p->problem, "/tests", "has %zu items; allowed: 1 to %d", n, SG_CASES_MAX);
        return;
    }
    p->job->cases = calloc(1, sizeof *p->job->cases);
    if (!p->job->cases) {
        sg_parse_no_memory(p);
        return;
    }
    p->job->cases->wall_time_ms = p->rules->location->max.wall_time_ms;
    for (size_t i = 0; i < n; i++)
        read_case(p, json_array_get(value, i), i);
}

static void read_compare(struct sg_parse *p, const json_t *value, struct sg_cases *cases)
{
    const char *text = sg_parse_text(p, value, "/test_options/compare", SIZE_MAX);
    int found = text ? sg_compare_from_name(text) : -1;
    if (found >= 0)
        cases->compare = (enum sg_compare)found;
    else if (text)
        sg_problem_field(p->problem, "/test_options/compare",
                         "\"%.40s\" is no way to compare; allowed: %s, %s", text,
                         sg_compare_name(SG_COMPARE_EXACT), sg_compare_name(SG_COMPARE_TRIMMED));
}

void sg_parse_test_options(struct sg_parse *p, const json_t *value)
{
    static const char *const names[] = {"compare", "stop_on_failure", "wall_time_ms", NULL};
    struct sg_cases ignored = {0}; /* there are no tests, or they are wrong: all is looked at */
    struct sg_cases *cases = p->job->cases ? p->job->cases : &ignored;
    if (!value || !sg_parse_type(p, json_is_object(value), value, "/test_options", "an object"))
        return;
    if (!json_object_get(p->root, "tests"))
        sg_problem_field(p->problem, "/test_options",
                         "says how to test, and there are no `tests`; allowed: both");
    sg_parse_known_keys(p, value, "/test_options", names);
    const json_t *item = json_object_get(value, "compare");
    if (item)
        read_compare(p, item, cases);
    item = json_object_get(value, "stop_on_failure");
    if (item)
        cases->stop_on_failure = sg_parse_type(p, json_is_boolean(item), item,
                                               "/test_options/stop_on_failure", "true or false") &&
                                 json_is_true(item);
    item = json_object_get(value, "wall_time_ms");
    if (item) /* never more than one run may have: what a web server waits for stays the same */
        sg_parse_limit(p, sg_limit_find("wall_time_ms"), item, "/test_options/wall_time_ms",
                       &cases->wall_time_ms);
}
