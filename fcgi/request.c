/* request.c: see request.h */
#include "fcgi/request.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/ipc/payload.h"
#include "fcgi/json.h"
#include "fcgi/request_internal.h"
#include "fcgi/scan.h"

const char *sg_parse_type_name(const json_t *value)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array", [JSON_STRING] = "a string",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a number",  [JSON_TRUE] = "a boolean",
        [JSON_FALSE] = "a boolean",  [JSON_NULL] = "null",
    };
    return value ? names[json_typeof(value)] : "missing";
}

bool sg_parse_type(struct sg_parse *p, bool right, const json_t *value, const char *pointer,
                   const char *allowed)
{
    if (!right)
        sg_problem_field(p->problem, pointer, "is %s; allowed: %s", sg_parse_type_name(value),
                         allowed);
    return right;
}

void sg_parse_pointer(char *ret, size_t n, const char *parent, const char *key)
{
    sg_auto(sg_buf) struct sg_buf pointer = {0};
    sg_buf_puts(&pointer, parent);
    sg_json_pointer_add(&pointer, key, strlen(key));
    sg_str_copy(ret, n, pointer.data ? pointer.data : parent);
}

void sg_parse_pointer_index(char *ret, size_t n, const char *parent, size_t index)
{
    snprintf(ret, n, "%s/%zu", parent, index);
}

void sg_parse_no_memory(struct sg_parse *p)
{
    sg_problem_set(p->problem, SG_PROBLEM_INTERNAL, "out of memory");
}

const char *sg_parse_text(struct sg_parse *p, const json_t *value, const char *pointer, size_t max)
{
    if (!sg_parse_type(p, json_is_string(value), value, pointer, "a string"))
        return NULL;
    const char *text = json_string_value(value);
    size_t n = json_string_length(value);
    if (strlen(text) != n) {
        sg_problem_field(p->problem, pointer, "holds a NUL character; allowed: text without it");
        return NULL;
    }
    if (n > max) {
        sg_problem_field(p->problem, pointer, "has %zu bytes; allowed: at most %zu", n, max);
        return NULL;
    }
    return text;
}

static void list_names(const char *const *names, struct sg_buf *ret)
{
    for (size_t i = 0; names[i]; i++)
        sg_buf_printf(ret, "%s%s", i ? ", " : "", names[i]);
}

static bool is_one_of(const char *const *names, const char *key)
{
    while (*names && strcmp(*names, key) != 0)
        names++;
    return *names != NULL;
}

void sg_parse_known_keys(struct sg_parse *p, const json_t *object, const char *pointer,
                         const char *const *names)
{
    sg_auto(sg_buf) struct sg_buf allowed = {0};
    char at[SG_POINTER_SIZE];
    const char *key;
    json_t *value;
    list_names(names, &allowed);
    json_object_foreach((json_t *)object, key, value)
    {
        if (is_one_of(names, key))
            continue;
        sg_parse_pointer(at, sizeof at, pointer, key);
        sg_problem_field(p->problem, at, "is not a known field; allowed: %s",
                         allowed.data ? allowed.data : "");
    }
}

/* Those that can be run here, or, where the code is scored alone, have rules. */
static void list_languages(const struct sg_parse *p, struct sg_buf *ret)
{
    const struct sg_scoring *scoring = p->rules->scoring;
    const struct sg_location *location = p->rules->location;
    struct sg_runtimes *all = p->rules->runtimes;
    for (size_t i = 0; i < all->n; i++) {
        if (p->rules->score_only ? !sg_location_offers(location, &all->v[i]) ||
                                       !sg_validator_language(scoring->validator, all->v[i].rules)
                                 : !sg_scoring_serves(scoring, location, &all->v[i]))
            continue;
        sg_buf_printf(ret, "%s%s", ret->len ? ", " : "", all->v[i].language);
        for (size_t a = 0; a < all->v[i].aliases.n; a++)
            sg_buf_printf(ret, ", %s", all->v[i].aliases.v[a]);
    }
}

/* A language that has rules, whether or not anything can run it. */
static bool take_scored_language(struct sg_parse *p, const char *name)
{
    const char *language = sg_validator_language(p->rules->scoring->validator, name);
    if (!language || !sg_location_offers_name(p->rules->location, language))
        return false;
    p->screen->language = language;
    sg_str_copy(p->job->language, sizeof p->job->language, language);
    return true;
}

static void read_engine(struct sg_parse *p, const json_t *value)
{
    const struct sg_strings *engines = &p->rules->location->engines;
    sg_auto(sg_buf) struct sg_buf allowed = {0};
    p->job->engine = sg_location_engine(p->rules->location);
    const char *name = value ? sg_parse_text(p, value, "/engine", SIZE_MAX) : NULL;
    if (!name)
        return;
    int engine = sg_engine_from_name(name);
    list_names((const char *const *)engines->v, &allowed);
    if (engine < 0 ||
        (engines->n > 0 ? !sg_strings_has(engines, name) : engine != SG_ENGINE_NATIVE))
        sg_problem_field(p->problem, "/engine", "\"%.40s\" is not an engine here; allowed: %s",
                         name, allowed.data ? allowed.data : "native");
    else
        p->job->engine = (enum sg_engine)engine;
}

static void read_language(struct sg_parse *p, const json_t *value)
{
    sg_auto(sg_buf) struct sg_buf known = {0};
    const char *text = value ? sg_parse_text(p, value, "/language", SIZE_MAX) : NULL;
    if (value && !text)
        return;
    struct sg_runtime *rt = text ? sg_runtimes_find(p->rules->runtimes, text) : NULL;
    if (rt && sg_location_offers(p->rules->location, rt)) {
        p->runtime = rt;
        p->entry = rt->entry;
        sg_str_copy(p->job->language, sizeof p->job->language, rt->language);
        return;
    }
    if (text && p->rules->score_only && take_scored_language(p, text))
        return;
    list_languages(p, &known);
    for (size_t i = 0; p->rules->score_only; i++) {
        const char *language = sg_validator_list(p->rules->scoring->validator, i);
        if (!language)
            break;
        if (!sg_runtimes_find(p->rules->runtimes, language) &&
            sg_location_offers_name(p->rules->location, language))
            sg_buf_printf(&known, "%s%s", known.len ? ", " : "", language);
    }
    const char *none = p->rules->runtimes->n ? "none" : "none, no runtime is installed";
    const char *names = known.len ? known.data : none;
    if (!value)
        sg_problem_field(p->problem, "/language", "is missing; allowed: %s", names);
    else
        sg_problem_field(p->problem, "/language", "\"%.40s\" is not a known language; allowed: %s",
                         text, names);
}

/* 1..max printable ASCII characters without blanks. */
static void read_word(struct sg_parse *p, const json_t *value, const char *pointer, char *ret,
                      size_t max)
{
    const char *text = sg_parse_text(p, value, pointer, max);
    if (!text)
        return;
    bool fine = *text != '\0';
    for (const char *c = text; *c; c++)
        fine &= *c > 0x20 && *c < 0x7f;
    if (fine)
        sg_str_copy(ret, max + 1, text);
    else
        sg_problem_field(p->problem, pointer,
                         "is not a word; allowed: 1 to %zu printable ASCII characters, no blanks",
                         max);
}

static void read_version(struct sg_parse *p, const json_t *value)
{
    if (value)
        read_word(p, value, "/version", p->job->version, SG_VERSION_MAX);
}

static void read_id(struct sg_parse *p, const json_t *value)
{
    if (value)
        read_word(p, value, "/id", p->job->id, SG_ID_MAX);
    else
        sg_uuid_make(p->job->id);
}

static void read_merge_stderr(struct sg_parse *p, const json_t *value)
{
    sg_parse_type(p, !value || json_is_boolean(value), value, "/merge_stderr", "true or false");
    p->job->merge_stderr = json_is_true(value);
}

/* Comes behind the engine in the table. Never ignored: who asks for it would take null for none. */
static void read_trace(struct sg_parse *p, const json_t *value)
{
    static const char pointer[] = "/trace_denied_syscalls";
    if (!value || !sg_parse_type(p, json_is_boolean(value), value, pointer, "true or false"))
        return;
    p->job->trace_denied_syscalls = json_is_true(value);
    if (!p->job->trace_denied_syscalls)
        return;
    if (p->job->engine != SG_ENGINE_NATIVE)
        sg_problem_field(p->problem, pointer,
                         "is true, and the engine %s cannot count them; allowed: false, or the "
                         "engine native",
                         sg_engine_name(p->job->engine));
    else if (!p->rules->location->trace_denied_syscalls)
        sg_problem_field(p->problem, pointer, "is true; allowed here: false");
}

void sg_parse_limit(struct sg_parse *p, const struct sg_limit_info *info, const json_t *value,
                    const char *at, uint64_t *ret)
{
    uint64_t max = sg_limit_get(&p->rules->location->max, info);
    if (!json_is_integer(value)) {
        sg_problem_field(p->problem, at, "is %s; allowed: a whole number from %llu to %llu (%s)",
                         json_is_real(value) ? "not a whole number" : sg_parse_type_name(value),
                         (unsigned long long)info->min, (unsigned long long)max, info->unit);
        return;
    }
    json_int_t have = json_integer_value(value);
    if (have < 0 || (uint64_t)have < info->min || (uint64_t)have > max) {
        sg_problem_field(p->problem, at, "is %lld; allowed: %llu to %llu (%s)", (long long)have,
                         (unsigned long long)info->min, (unsigned long long)max, info->unit);
        return;
    }
    *ret = (uint64_t)have;
}

static void read_limits(struct sg_parse *p, const json_t *value)
{
    const char *names[32] = {0};
    char at[SG_POINTER_SIZE];
    p->job->limits = p->rules->location->dflt;
    if (!value || !sg_parse_type(p, json_is_object(value), value, "/limits", "an object"))
        return;
    for (size_t i = 0; i < sg_limit_count && i + 1 < SG_ARRAY_LEN(names); i++) {
        const json_t *item = json_object_get(value, sg_limit_table[i].name);
        names[i] = sg_limit_table[i].name;
        snprintf(at, sizeof at, "/limits/%s", names[i]);
        if (item)
            sg_parse_limit(p, &sg_limit_table[i], item, at,
                           sg_limit_at(&p->job->limits, &sg_limit_table[i]));
    }
    sg_parse_known_keys(p, value, "/limits", names);
}

/* Comes behind limits in the table: it is another name for one of them. */
static void read_timeout(struct sg_parse *p, const json_t *value)
{
    const struct sg_limit_info *info = sg_limit_find("wall_time_ms");
    double min = (double)info->min / 1000.0;
    double max = (double)sg_limit_get(&p->rules->location->max, info) / 1000.0;
    if (!value)
        return;
    if (json_object_get(json_object_get(p->root, "limits"), "wall_time_ms")) {
        sg_problem_field(p->problem, "/timeout",
                         "says the same as limits.wall_time_ms; allowed: "
                         "one of the two");
        return;
    }
    if (!json_is_number(value)) {
        sg_problem_field(p->problem, "/timeout",
                         "is %s; allowed: a number from %g to %.10g (seconds)",
                         sg_parse_type_name(value), min, max);
        return;
    }
    double have = json_number_value(value);
    if (!(have >= min && have <= max)) {
        sg_problem_field(p->problem, "/timeout", "is %.10g; allowed: %g to %.10g (seconds)", have,
                         min, max);
        return;
    }
    p->job->limits.wall_time_ms = (uint64_t)llround(have * 1000.0);
}

static void read_program(struct sg_parse *p, const json_t *value)
{
    (void)value; /* `code` and `files` are read together */
    sg_parse_program(p);
}

static void skip(struct sg_parse *p, const json_t *value)
{
    (void)p;
    (void)value;
}

/* In the order in which they are read. */
static const struct field {
    const char *name;
    void (*read)(struct sg_parse *p, const json_t *value); /* value is NULL when it is absent */
    bool scored;                                           /* of /v1/validate, too */
} fields[] = {
    {"language", read_language, true},
    {"version", read_version, false},
    {"code", read_program, true},
    {"files", skip, true},
    {"stdin", sg_parse_stdin, false},
    {"args", sg_parse_args, false},
    {"env", sg_parse_env, false},
    {"limits", read_limits, false},
    {"timeout", read_timeout, false},
    {"merge_stderr", read_merge_stderr, false},
    {"output_files", sg_parse_output_files, false},
    {"id", read_id, true},
    {"validate", sg_parse_validate, false},
    {"policy", sg_parse_policy, true},
    {"engine", read_engine, false},
    {"trace_denied_syscalls", read_trace, false},
    {"tests", sg_parse_tests, false},
    {"test_options", sg_parse_test_options, false},
};

/* The job travels as one piece, whatever each of its parts may have. Only many files get there. */
static void check_size(struct sg_parse *p)
{
    size_t n = sg_payload_size(p->job);
    if (n > SG_PAYLOAD_BYTES_MAX)
        sg_problem_field(p->problem, "/files",
                         "make %zu bytes with their paths, code, args and env; allowed: at most %u "
                         "together",
                         n, SG_PAYLOAD_BYTES_MAX);
}

static void read_fields(struct sg_parse *p)
{
    const char *names[SG_ARRAY_LEN(fields) + 1] = {0};
    bool score_only = p->rules->score_only;
    size_t n = 0;
    for (size_t i = 0; i < SG_ARRAY_LEN(fields); i++)
        if (fields[i].scored || !score_only)
            names[n++] = fields[i].name;
    sg_parse_known_keys(p, p->root, "", names);
    for (size_t i = 0; i < SG_ARRAY_LEN(fields); i++)
        if (fields[i].scored || !score_only)
            fields[i].read(p, json_object_get(p->root, fields[i].name));
    check_size(p);
}

static void tell_syntax(struct sg_problem *problem, const char *text, size_t n,
                        const json_error_t *e)
{
    sg_auto(sg_buf) struct sg_buf at = {0};
    size_t position = e->position > 0 ? (size_t)e->position : 0;
    sg_scan_pointer(text, n, position < n ? position : n, &at);
    const char *pointer = at.data ? at.data : "";
    if (json_error_code(e) == json_error_numeric_overflow) { /* well-formed: the value is wrong */
        sg_problem_field(problem, pointer, "is a number that is too large");
        return;
    }
    bool twice = json_error_code(e) == json_error_duplicate_key;
    sg_problem_set(problem, SG_PROBLEM_MALFORMED_JSON, "line %d, column %d (byte %zu): %s", e->line,
                   e->column, position, e->text);
    sg_problem_field(problem, pointer, "%s", twice ? "is there twice; allowed: once" : e->text);
}

/* Everything about the text that can be said before decoding it. */
static bool check_text(const char *text, size_t n, struct sg_problem *problem)
{
    sg_auto(sg_buf) struct sg_buf pointer = {0};
    size_t at = sg_utf8_valid_prefix(text, n);
    if (n == 0) {
        sg_problem_set(problem, SG_PROBLEM_MALFORMED_JSON, "the body is empty");
        sg_problem_field(problem, "", "is missing; allowed: an object");
        return false;
    }
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* RFC 8259, 8.1: none may be sent */
        sg_problem_set(problem, SG_PROBLEM_MALFORMED_JSON,
                       "the body begins with a byte order mark");
        sg_problem_field(problem, "", "begins with a byte order mark; allowed: JSON without it");
        return false;
    }
    if (at < n) {
        sg_scan_pointer(text, n, at, &pointer);
        sg_problem_set(problem, SG_PROBLEM_MALFORMED_JSON, "byte %zu is not UTF-8", at);
        sg_problem_field(problem, pointer.data ? pointer.data : "",
                         "holds bytes that are not "
                         "UTF-8");
        return false;
    }
    enum sg_scan found = sg_scan_json(text, n, &at);
    if (found == SG_SCAN_OK)
        return true;
    sg_scan_pointer(text, n, at, &pointer);
    sg_problem_set(problem, SG_PROBLEM_JSON_TOO_COMPLEX, "%s", "");
    if (found == SG_SCAN_TOO_DEEP)
        sg_problem_field(problem, pointer.data ? pointer.data : "",
                         "is nested too deeply; allowed: %d levels", SG_JSON_DEPTH_MAX);
    else
        sg_problem_field(problem, pointer.data ? pointer.data : "",
                         "is one value too many; allowed: %d in all", SG_JSON_VALUES_MAX);
    return false;
}

int sg_request_parse(const char *text, size_t n, const struct sg_request_rules *rules,
                     struct sg_job *job, struct sg_screen *ret_screen, struct sg_problem *problem)
{
    json_error_t e;
    *ret_screen = (struct sg_screen){0};
    if (!check_text(text, n, problem))
        return SG_E_INVALID;
    json_t *root =
        json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &e);
    struct sg_parse p = {
        .rules = rules, .job = job, .problem = problem, .root = root, .screen = ret_screen};
    if (!root && json_error_code(&e) == json_error_out_of_memory)
        sg_parse_no_memory(&p);
    else if (!root)
        tell_syntax(problem, text, n, &e);
    else if (sg_parse_type(&p, json_is_object(root), root, "", "an object"))
        read_fields(&p);
    json_decref(root);
    sg_str_copy(job->client, sizeof job->client, rules->location->client);
    return sg_problem_is_set(problem) ? SG_E_INVALID : 0;
}
