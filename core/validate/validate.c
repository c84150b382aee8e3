/* validate.c: rules, files and verdicts put together: see validate.h */
#include "core/validate/validate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "core/validate/analysis.h"
#include "core/validate/match.h"
#include "core/validate/rules.h"
#include "core/validate/validator.h"

/* The rules that no file has: what is not looked at is refused. */
static const struct sg_rule_info bound_rules[SG_BOUND_COUNT] = {
    [SG_BOUND_SOURCE] = {"bounds.source-bytes", "a source file is too large to be looked at",
                         "split it, or pass data as data", SG_SEVERITY_HIGH, 100},
    [SG_BOUND_TIME] = {"bounds.parse-time", "a source file takes too long to be looked at",
                       "make it smaller or plainer", SG_SEVERITY_HIGH, 100},
    [SG_BOUND_NODES] = {"bounds.nodes", "a source file has too many parts to be looked at",
                        "make it smaller; read data from a file", SG_SEVERITY_HIGH, 100},
    [SG_BOUND_DEPTH] = {"bounds.depth", "a source file is nested too deeply", "make it flatter",
                        SG_SEVERITY_HIGH, 100},
    [SG_BOUND_WORK] = {"bounds.work", "the names of a source file take too long to be followed",
                       "make it smaller or plainer", SG_SEVERITY_HIGH, 100},
    [SG_BOUND_ENCODING] = {"bounds.encoding", "a source file is not UTF-8 text",
                           "save it as UTF-8, without NUL characters", SG_SEVERITY_HIGH, 100},
    [SG_BOUND_MEMORY] = {"bounds.memory", "a source file takes too much memory to be looked at",
                         "make it smaller", SG_SEVERITY_HIGH, 100},
};

static const char *const bound_units[SG_BOUND_COUNT] = {
    [SG_BOUND_SOURCE] = "bytes", [SG_BOUND_TIME] = "ms of CPU time", [SG_BOUND_NODES] = "nodes",
    [SG_BOUND_DEPTH] = "levels", [SG_BOUND_WORK] = "steps",
};

void sg_bounds_default(struct sg_bounds *ret)
{
    *ret = (struct sg_bounds){.source_bytes = 512 << 10,
                              .parse_ms = 500,
                              .nodes = 400000,
                              .depth = 1000,
                              .work = 4000000};
}

bool sg_validator_rule(const struct sg_validator *v, const char *language, size_t i,
                       struct sg_rule_info *ret)
{
    const struct sg_rules *r = sg_validator_rules(v, language);
    if (!r)
        return false;
    if (i < r->nrules) {
        const struct sg_rule *rule = &r->rules[i];
        *ret = (struct sg_rule_info){rule->id, rule->message, rule->remedy, rule->severity,
                                     rule->score};
        return true;
    }
    i += 1 - r->nrules; /* SG_BOUND_NONE is none */
    if (i >= SG_BOUND_COUNT)
        return false;
    *ret = bound_rules[i];
    return true;
}

/* ---- findings */

/* One validation: what is found, and which rules it has counted. */
struct scoring {
    const struct sg_validator *v;
    const struct sg_rules *rules;
    const struct sg_policy *policy;
    const struct sg_bounds *bounds;
    bool *counted; /* owned: by rule, the bounds behind the others */
    unsigned score;
    struct sg_verdict *verdict;
    uint64_t began_us; /* CPU time of the thread: the bound is one for all files */
    bool failed;
};

/* Does a line end behind byte number i? At a lone carriage return, too (language.h, prepare). */
static bool ends_line(const char *text, size_t n, size_t i)
{
    return text[i] == '\n' || (text[i] == '\r' && (i + 1 == n || text[i + 1] != '\n'));
}

/* The line that byte number `at` is in, cut. Its end belongs to it, and is left out. */
static char *snippet_of(const char *text, size_t n, size_t at)
{
    size_t from = at < n ? at : n, to;
    while (from > 0 && !ends_line(text, n, from - 1))
        from--;
    to = from;
    while (to < n && text[to] != '\n' && text[to] != '\r')
        to++;
    while (from < to && (text[from] == ' ' || text[from] == '\t'))
        from++;
    if (to - from > SG_SNIPPET_BYTES)
        to = from + SG_SNIPPET_BYTES;
    to = from + sg_utf8_valid_prefix(text + from, to - from);
    return strndup(text + from, to - from);
}

/* Line and column (in code points) of byte number `at`, from 1. */
static void place_of(const char *text, size_t at, uint32_t *ret_line, uint32_t *ret_column)
{
    uint32_t line = 1, column = 1;
    for (size_t i = 0; i < at; i++) {
        column += ((unsigned char)text[i] & 0xc0) != 0x80;
        if (text[i] == '\n') {
            line++;
            column = 1;
        }
    }
    *ret_line = line;
    *ret_column = column;
}

/* Counts the rule, and keeps the finding. NULL: it is not kept. */
static struct sg_finding *add_finding(struct scoring *s, size_t counter,
                                      const struct sg_rule_info *rule, unsigned file)
{
    struct sg_verdict *v = s->verdict;
    unsigned score = sg_policy_score(s->policy, rule->id, rule->score);
    if (score == 0 && rule->score > 0)
        return NULL; /* the policy has it off */
    if (!s->counted[counter])
        s->score += score;
    s->counted[counter] = true;
    if (v->nfindings == SG_FINDINGS_MAX) {
        v->omitted++;
        return NULL;
    }
    struct sg_finding *more = realloc(v->findings, (v->nfindings + 1) * sizeof *more);
    if (!more) {
        s->failed = true;
        return NULL;
    }
    v->findings = more;
    struct sg_finding *f = &more[v->nfindings++];
    *f = (struct sg_finding){.rule = rule->id,
                             .remedy = rule->remedy,
                             .severity = rule->severity,
                             .score = score,
                             .file = file,
                             .line = 1,
                             .column = 1,
                             .end_line = 1,
                             .end_column = 1};
    return f;
}

static void set_text(struct scoring *s, struct sg_finding *f, const char *message,
                     const struct sg_source *source, size_t at)
{
    f->message = strdup(message);
    f->snippet = snippet_of(source->text, source->n, at);
    s->failed = s->failed || !f->message || !f->snippet;
}

static void tell_breach(struct scoring *s, const struct sg_breach *b,
                        const struct sg_source *source, unsigned file)
{
    char message[256];
    const struct sg_rule_info *rule = &bound_rules[b->bound];
    struct sg_finding *f = add_finding(s, s->rules->nrules + b->bound, rule, file);
    if (!f)
        return;
    if (b->bound == SG_BOUND_ENCODING)
        snprintf(message, sizeof message, "%s (byte %llu)", rule->message,
                 (unsigned long long)b->value);
    else if (b->bound == SG_BOUND_TIME)
        snprintf(message, sizeof message, "%s (more than %llu %s)", rule->message,
                 (unsigned long long)s->bounds->parse_ms, bound_units[b->bound]);
    else if (b->bound == SG_BOUND_MEMORY)
        snprintf(message, sizeof message, "%s", rule->message);
    else
        snprintf(message, sizeof message, "%s (%llu %s; allowed: %llu)", rule->message,
                 (unsigned long long)b->value, bound_units[b->bound], (unsigned long long)b->max);
    set_text(s, f, message, source, 0);
}

static int by_place(const void *x, const void *y, void *arg)
{
    const struct sg_node *nodes = arg;
    const struct sg_found *a = x, *b = y;
    const struct sg_node *m = &nodes[a->node], *n = &nodes[b->node];
    if (m->start != n->start)
        return m->start < n->start ? -1 : 1;
    return a->rule < b->rule ? -1 : a->rule > b->rule;
}

static void tell_found(struct scoring *s, const struct sg_matches *m,
                       const struct sg_source *source, unsigned file)
{
    const struct sg_tree *t = &m->analysis->tree;
    for (size_t i = 0; i < m->n && !s->failed; i++) {
        const struct sg_rule *rule = &s->rules->rules[m->found[i].rule];
        struct sg_rule_info info = {rule->id, rule->message, rule->remedy, rule->severity,
                                    rule->score};
        const struct sg_node *n = &t->nodes[m->found[i].node];
        struct sg_finding *f = add_finding(s, m->found[i].rule, &info, file);
        if (!f)
            continue;
        place_of(t->text, n->start, &f->line, &f->column);
        place_of(t->text, n->end, &f->end_line, &f->end_column);
        set_text(s, f, rule->message, source, n->start);
    }
}

/* ---- one file */

static const char *extension_of(const char *path)
{
    const char *name = strrchr(path, '/'), *dot = strrchr(name ? name : path, '.');
    return dot ? dot + 1 : "";
}

static bool is_in(const char *const *list, const char *word)
{
    while (*list && strcasecmp(*list, word) != 0)
        list++;
    return *list != NULL;
}

struct whole_file {
    struct scoring *s;
    const struct sg_source *source;
    unsigned file;
    size_t at;
};

static void on_file_pattern(void *arg, const struct sg_pattern *p)
{
    struct whole_file *w = arg;
    struct sg_rule_info info;
    sg_validator_rule(w->s->v, w->s->rules->language->name, p->rule, &info);
    struct sg_finding *f = add_finding(w->s, p->rule, &info, w->file);
    if (!f)
        return;
    for (size_t i = 0; i < w->at; i++)
        f->line += ends_line(w->source->text, w->source->n, i);
    f->end_line = f->line;
    set_text(w->s, f, info.message, w->source, w->at);
}

/* A rule about a file as a whole, on the line of byte number `at`. */
static void tell_file(struct scoring *s, const char *what, const struct sg_source *source,
                      unsigned file, size_t at)
{
    struct whole_file w = {s, source, file, at};
    sg_rules_look_up(s->rules, SG_ASK_FILE, what, on_file_pattern, &w);
}

static void score_text(struct scoring *s, const struct sg_source *source, const char *text,
                       unsigned file)
{
    struct sg_analysis a;
    struct sg_breach breach = {.bound = SG_BOUND_NONE};
    const struct sg_language *l = s->rules->language;
    struct sg_bounds left = *s->bounds;
    uint64_t used_ms = (sg_tree_cpu_us() - s->began_us) / 1000;
    left.parse_ms = used_ms < left.parse_ms ? left.parse_ms - used_ms : 0;
    const char *declared = l->encoding ? l->encoding(text, source->n) : NULL;
    if (declared)
        tell_file(s, SG_FILE_ENCODING, source, file, (size_t)(declared - text));
    if (sg_analysis_open(&a, l, text, source->n, &left, s->rules->roots, &breach) < 0) {
        tell_breach(s, &breach, source, file);
        return;
    }
    struct sg_matches m = {
        .analysis = &a, .rules = s->rules, .policy = s->policy, .imports = &s->verdict->imports};
    sg_match(&m);
    if (m.n > 0)
        qsort_r(m.found, m.n, sizeof *m.found, by_place, a.tree.nodes);
    tell_found(s, &m, source, file);
    if (a.breach.bound != SG_BOUND_NONE)
        tell_breach(s, &a.breach, source, file);
    s->failed = s->failed || m.failed;
    free(m.found);
    sg_analysis_close(&a);
}

static void score_source(struct scoring *s, const struct sg_source *source, unsigned file)
{
    size_t valid = sg_utf8_valid_prefix(source->text, source->n);
    const char *nul = memchr(source->text, '\0', source->n);
    if (source->n > s->bounds->source_bytes) {
        struct sg_breach b = {SG_BOUND_SOURCE, source->n, s->bounds->source_bytes};
        tell_breach(s, &b, source, file);
        return;
    }
    if (nul && (size_t)(nul - source->text) < valid)
        valid = (size_t)(nul - source->text);
    if (valid < source->n) {
        struct sg_breach b = {SG_BOUND_ENCODING, valid, 0};
        tell_breach(s, &b, source, file);
        return;
    }
    sg_autofree char *text = strndup(source->text, source->n);
    if (!text) {
        s->failed = true;
        return;
    }
    s->rules->language->prepare(text, source->n);
    score_text(s, source, text, file);
}

/* Findings from number `from` on by line and column; those of one place stay as they are. */
static void sort_findings(struct sg_verdict *v, size_t from)
{
    for (size_t i = from; i < v->nfindings; i++) {
        struct sg_finding f = v->findings[i];
        size_t k = i;
        for (; k > from; k--) {
            const struct sg_finding *before = &v->findings[k - 1];
            if (before->line < f.line || (before->line == f.line && before->column <= f.column))
                break;
            v->findings[k] = *before;
        }
        v->findings[k] = f;
    }
}

static bool has_bound(const struct scoring *s)
{
    for (size_t i = 0; i < SG_BOUND_COUNT; i++)
        if (s->counted[s->rules->nrules + i])
            return true;
    return false;
}

int sg_validate(struct sg_validator *v, const char *language, const struct sg_source *sources,
                size_t n, const struct sg_policy *policy, const struct sg_bounds *bounds,
                struct sg_verdict *ret, struct sg_error *err)
{
    uint64_t began = (uint64_t)sg_now_us();
    struct scoring s = {
        .v = v, .policy = policy, .bounds = bounds, .verdict = ret, .began_us = sg_tree_cpu_us()};
    *ret = (struct sg_verdict){.threshold = (unsigned)policy->threshold};
    s.rules = sg_validator_rules(v, language);
    if (!s.rules)
        return sg_error_set(err, SG_E_INVALID, "there are no rules for %s", language);
    s.counted = calloc(s.rules->nrules + SG_BOUND_COUNT, sizeof *s.counted);
    s.failed = !s.counted;
    for (size_t i = 0; i < n && !s.failed; i++) {
        const char *extension = extension_of(sources[i].path);
        size_t before = ret->nfindings;
        if (is_in(s.rules->language->binary, extension))
            tell_file(&s, SG_FILE_BINARY, &sources[i], (unsigned)i, 0);
        else if (i == 0 || is_in(s.rules->language->extensions, extension))
            score_source(&s, &sources[i], (unsigned)i);
        sort_findings(ret, before); /* what is said of the whole file is not in its place */
    }
    ret->score = s.score > SG_SCORE_MAX ? SG_SCORE_MAX : s.score;
    bool over = !s.failed && (ret->score >= policy->threshold || has_bound(&s));
    ret->decision = over && policy->refuse ? SG_DECISION_REJECTED : SG_DECISION_ALLOWED;
    sg_str_copy(ret->policy, sizeof ret->policy, policy->name);
    sg_validator_policy_version(v, policy, ret->policy_version);
    ret->took_us = (uint64_t)sg_now_us() - began;
    free(s.counted);
    if (!s.failed)
        return 0;
    sg_verdict_done(ret);
    return sg_error_errno(err, ENOMEM, "the code could not be scored");
}
