/* rules_read.c: a query file, form by form: see rules.h */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/validate/rules.h"

#define ARGS_MAX 96

/* A predicate as it is written: (#name args…). */
struct predicate {
    size_t at;
    char name[32];
    char *args[ARGS_MAX]; /* owned; a capture begins with @ */
    size_t nargs;
};

struct reader {
    struct sg_rules *rules;
    const char *path;
    const char *text;
    size_t n, at;
    char *rest;           /* owned: the text with what is not tree-sitter's replaced by blanks */
    unsigned *structural; /* owned: patterns that are left in rest */
    uint32_t nstructural;
    struct sg_error *err;
};

static int fail(struct reader *r, size_t at, const char *what, const char *word)
{
    unsigned line = 1, column = 1;
    for (size_t i = 0; i < at && i < r->n; i++) {
        column++;
        if (r->text[i] == '\n') {
            line++;
            column = 1;
        }
    }
    return sg_error_set(r->err, SG_E_INVALID, "%s:%u:%u: %s%s%.64s%s", r->path, line, column, what,
                        word ? " \"" : "", word ? word : "", word ? "\"" : "");
}

static int no_memory(struct reader *r)
{
    return sg_error_errno(r->err, ENOMEM, "%s", r->path);
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->n) {
        if (r->text[r->at] == ';')
            while (r->at < r->n && r->text[r->at] != '\n')
                r->at++;
        else if (strchr(" \t\r\n", r->text[r->at]) && r->text[r->at])
            r->at++;
        else
            return;
    }
}

/* A string's content, at its first quote; r->at goes behind its end. NULL after an error. */
static char *read_string(struct reader *r)
{
    size_t begin = r->at++, n = 0;
    char *s = malloc(r->n - begin);
    if (!s) {
        no_memory(r);
        return NULL;
    }
    for (; r->at < r->n && r->text[r->at] != '"'; r->at++) {
        char c = r->text[r->at];
        if (c == '\n')
            break;
        if (c == '\\' && r->at + 1 < r->n) {
            c = r->text[++r->at];
            c = (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c);
        }
        s[n++] = c;
    }
    if (r->at >= r->n || r->text[r->at] != '"') {
        free(s);
        fail(r, begin, "a string without an end", NULL);
        return NULL;
    }
    r->at++;
    s[n] = '\0';
    char *fitting = realloc(s, n + 1); /* it was made as long as the file could have it */
    return fitting ? fitting : s;
}

static char *read_word(struct reader *r)
{
    size_t begin = r->at;
    while (r->at < r->n && !strchr(" \t\r\n()[]\";", r->text[r->at]))
        r->at++;
    return strndup(r->text + begin, r->at - begin);
}

static void predicate_done(struct predicate *p)
{
    for (size_t i = 0; i < p->nargs; i++)
        free(p->args[i]);
    p->nargs = 0;
}

/* At "(#". */
static int read_predicate(struct reader *r, struct predicate *ret)
{
    ret->at = r->at;
    r->at += 2;
    sg_autofree char *name = read_word(r);
    if (!name || sg_str_copy(ret->name, sizeof ret->name, name) < 0)
        return fail(r, ret->at, "there is no such predicate:", name ? name : "");
    for (;;) {
        skip_blanks(r);
        if (r->at >= r->n)
            return fail(r, ret->at, "a predicate without an end", NULL);
        if (r->text[r->at] == ')') {
            r->at++;
            return 0;
        }
        if (strchr("([]", r->text[r->at]))
            return fail(r, r->at, "a predicate holds words, strings and captures only", NULL);
        if (ret->nargs == ARGS_MAX)
            return fail(r, r->at, "too many words in a predicate", NULL);
        char *arg = r->text[r->at] == '"' ? read_string(r) : read_word(r);
        if (!arg)
            return r->err->code ? r->err->code : no_memory(r);
        ret->args[ret->nargs++] = arg;
    }
}

static const struct kind {
    const char *name;
    enum sg_ask ask;
    bool argument; /* the word behind the capture says which argument: "1:mode", "self" */
    size_t least;  /* words behind those */
} kinds[] = {
    {"import?", SG_ASK_IMPORT, false, 1},
    {"use?", SG_ASK_USE, false, 1},
    {"member?", SG_ASK_MEMBER, false, 1},
    {"call?", SG_ASK_CALL, false, 1},
    {"method?", SG_ASK_METHOD, false, 1},
    {"file?", SG_ASK_FILE, false, 1},
    {"import-below?", SG_ASK_BELOW, false, 1},
    {"arg-is?", SG_ASK_ARG_IS, true, 1},
    {"arg-text?", SG_ASK_ARG_TEXT, true, 0},
    {"arg-calls?", SG_ASK_ARG_CALLS, true, 1},
    {"arg-module?", SG_ASK_ARG_MODULE, true, 0},
    {"arg-path?", SG_ASK_ARG_PATH, true, 1},
    {"arg-may-be?", SG_ASK_ARG_MAY, true, 1},
    {"arg-from?", SG_ASK_ARG_FROM, true, 1},
    {"arg-given?", SG_ASK_ARG_GIVEN, true, 0},
    {"arg-unknown?", SG_ASK_ARG_UNKNOWN, true, 0},
    {"arg-outside?", SG_ASK_ARG_OUTSIDE, true, 1},
    {"arg-suspicious?", SG_ASK_ARG_SUSPICIOUS, true, 0},
    {"base-is?", SG_ASK_BASE_IS, false, 1},
    {"base-field?", SG_ASK_BASE_FIELD, false, 1},
    {"base-from?", SG_ASK_BASE_FROM, false, 1},
    {"any-of?", SG_ASK_TEXT, false, 1},
    {"eq?", SG_ASK_TEXT, false, 1},
    {"lacks?", SG_ASK_LACKS, false, 1},
    {"unknown?", SG_ASK_UNKNOWN, false, 0},
    {"local?", SG_ASK_LOCAL, false, 0},
};

static int read_selector(struct reader *r, const struct predicate *p, struct sg_test *t)
{
    uint64_t index;
    const char *text = p->nargs > 1 ? p->args[1] : "";
    if (strcmp(text, "self") == 0) {
        t->argument = SG_SUBJECT;
        return 0;
    }
    const char *colon = strchr(text, ':');
    sg_autofree char *number = strndup(text, colon ? (size_t)(colon - text) : strlen(text));
    if (!number || sg_str_to_u64(number, &index) < 0 || index > 99)
        return fail(r, p->at, "which argument? allowed: 0, \"1:mode\", self; not", text);
    t->argument = (unsigned)index;
    t->keyword = colon ? strdup(colon + 1) : NULL;
    return colon && !t->keyword ? no_memory(r) : 0;
}

static struct sg_test *add_test(struct sg_pattern *p)
{
    struct sg_test *more = realloc(p->tests, (p->ntests + 1) * sizeof *more);
    if (!more)
        return NULL;
    p->tests = more;
    more[p->ntests] = (struct sg_test){0};
    return &more[p->ntests++];
}

static int take_test(struct reader *r, struct predicate *p, struct sg_pattern *ret)
{
    bool negated = sg_str_starts(p->name, "not-");
    const struct kind *k = NULL;
    for (size_t i = 0; i < SG_ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].name, p->name + (negated ? 4 : 0)) == 0)
            k = &kinds[i];
    if (!k)
        return fail(r, p->at, "there is no such predicate:", p->name);
    if (p->nargs == 0 || p->args[0][0] != '@')
        return fail(r, p->at, "a capture (@name) is missing in", p->name);
    size_t skip = k->argument ? 2 : 1;
    if (p->nargs < skip + k->least)
        return fail(r, p->at, "words are missing in", p->name);
    struct sg_test *t = add_test(ret);
    if (!t)
        return no_memory(r);
    t->ask = k->ask;
    t->negated = negated;
    if (k->argument && read_selector(r, p, t) < 0)
        return r->err->code;
    t->capture = strdup(p->args[0] + 1);
    t->words = calloc(p->nargs - skip + 1, sizeof *t->words);
    if (!t->capture || !t->words)
        return no_memory(r);
    for (size_t i = skip; i < p->nargs; i++) {
        t->words[t->nwords++] = p->args[i];
        p->args[i] = NULL; /* the test's now */
    }
    return 0;
}

static bool is_rule_id(const char *s)
{
    size_t n = strlen(s);
    return n > 0 && n < 64 && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == n;
}

/* (#rule! "id" score severity "message" "remedy"), or (#rule! "id") for one that is there. */
static int take_rule(struct reader *r, struct predicate *p, struct sg_pattern *ret)
{
    uint64_t score;
    int found = p->nargs > 0 ? sg_rules_find(r->rules, p->args[0]) : -1;
    if (p->nargs == 1 && found < 0)
        return fail(r, p->at, "there is no such rule so far:", p->args[0]);
    if (p->nargs == 1) {
        ret->rule = (unsigned)found;
        return 0;
    }
    if (p->nargs != 5)
        return fail(r, p->at, "#rule! takes an id, a score, a severity, a message and a remedy",
                    NULL);
    if (found >= 0)
        return fail(r, p->at, "this rule is there already:", p->args[0]);
    if (!is_rule_id(p->args[0]))
        return fail(r, p->at, "not an id; allowed: 1 to 63 of a-z 0-9 . - _; not", p->args[0]);
    if (sg_str_to_u64(p->args[1], &score) < 0 || score > SG_SCORE_MAX)
        return fail(r, p->at, "not a score; allowed: 0 to 100; not", p->args[1]);
    int severity = sg_severity_from_name(p->args[2]);
    if (severity < 0)
        return fail(r, p->at, "not a severity; allowed: info, low, medium, high, critical; not",
                    p->args[2]);
    struct sg_rule *more =
        realloc(r->rules->rules, (r->rules->nrules + 1) * sizeof *r->rules->rules);
    if (!more)
        return no_memory(r);
    r->rules->rules = more;
    more[r->rules->nrules] = (struct sg_rule){.id = p->args[0],
                                              .message = p->args[3],
                                              .remedy = p->args[4],
                                              .severity = (enum sg_severity)severity,
                                              .score = (unsigned)score};
    p->args[0] = p->args[3] = p->args[4] = NULL; /* the rule's now */
    ret->rule = (unsigned)r->rules->nrules++;
    return 0;
}

static void blank(struct reader *r, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (r->rest[i] != '\n')
            r->rest[i] = ' ';
}

/* What is left of the form without predicates and blanks; is it ((_)@x)? */
static bool is_anything(const struct reader *r, size_t from, size_t to)
{
    char squeezed[64];
    size_t n = 0;
    for (size_t i = from; i < to; i++) {
        if (r->rest[i] == ';')
            while (i < to && r->rest[i] != '\n')
                i++;
        else if (!strchr(" \t\r\n", r->rest[i])) {
            if (n + 1 == sizeof squeezed)
                return false;
            squeezed[n++] = r->rest[i];
        }
    }
    squeezed[n] = '\0';
    return sg_str_starts(squeezed, "((_)@") && strcspn(squeezed + 5, "()[]@\"") == n - 6;
}

static int move_anchor_first(struct reader *r, size_t at, struct sg_pattern *p)
{
    for (size_t i = 0; i < p->ntests; i++) {
        if (p->tests[i].ask >= SG_ASK_ANCHORS || p->tests[i].negated)
            continue;
        struct sg_test anchor = p->tests[i];
        p->tests[i] = p->tests[0];
        p->tests[0] = anchor;
        return 0;
    }
    return fail(r, at, "(_) needs one of #import?, #use?, #member?, #call?, #method?, #file?",
                NULL);
}

/* Where the pattern can begin: its first node's kind. */
static void note_root(struct reader *r, size_t from, size_t to)
{
    const TSLanguage *grammar = r->rules->language->grammar();
    while (from < to && strchr("( \t\r\n", r->rest[from]))
        from++;
    size_t n =
        strspn(r->rest + from, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    bool there = false;
    for (uint32_t kind = 0; kind < ts_language_symbol_count(grammar) && kind < SG_KINDS_MAX;
         kind++) {
        const char *name = ts_language_symbol_name(grammar, (TSSymbol)kind);
        if (name && strlen(name) == n && memcmp(name, r->rest + from, n) == 0)
            r->rules->roots[kind] = there = true;
    }
    r->rules->anywhere = r->rules->anywhere || !there;
}

static int finish_form(struct reader *r, size_t begin, bool has_rule, struct sg_pattern *p)
{
    if (!has_rule)
        return fail(r, begin, "a pattern without (#rule! …)", NULL);
    p->structural = !is_anything(r, begin, r->at);
    if (!p->structural && move_anchor_first(r, begin, p) < 0)
        return r->err->code;
    struct sg_pattern *more =
        realloc(r->rules->patterns, (r->rules->npatterns + 1) * sizeof *r->rules->patterns);
    if (!more)
        return no_memory(r);
    r->rules->patterns = more;
    if (p->structural)
        note_root(r, begin, r->at);
    if (p->structural)
        r->structural[r->nstructural++] = (unsigned)r->rules->npatterns;
    else
        blank(r, begin, r->at);
    more[r->rules->npatterns++] = *p;
    *p = (struct sg_pattern){0};
    return 0;
}

/* One top-level form. */
static int read_form(struct reader *r)
{
    sg_auto(sg_pattern) struct sg_pattern p = {0};
    size_t begin = r->at;
    unsigned depth = 0;
    bool has_rule = false;
    do {
        skip_blanks(r);
        if (r->at >= r->n)
            return fail(r, begin, "a pattern without an end", NULL);
        char c = r->text[r->at];
        if (c == '(' && r->at + 1 < r->n && r->text[r->at + 1] == '#') {
            sg_auto(predicate) struct predicate predicate = {0};
            size_t from = r->at;
            if (read_predicate(r, &predicate) < 0)
                return r->err->code;
            bool rule = strcmp(predicate.name, "rule!") == 0;
            if (rule && has_rule)
                return fail(r, from, "a second #rule! in one pattern", NULL);
            has_rule = has_rule || rule;
            if ((rule ? take_rule(r, &predicate, &p) : take_test(r, &predicate, &p)) < 0)
                return r->err->code;
            blank(r, from, r->at);
            continue;
        }
        if (c == '"') {
            sg_autofree char *s = read_string(r);
            if (!s)
                return r->err->code;
            continue;
        }
        depth += c == '(' || c == '[';
        depth -= c == ')' || c == ']';
        r->at++;
    } while (depth > 0);
    return finish_form(r, begin, has_rule, &p);
}

static const char *query_error(TSQueryError e)
{
    switch (e) {
    case TSQueryErrorNodeType:
        return "the grammar has no node of this kind";
    case TSQueryErrorField:
        return "the grammar has no field of this name";
    case TSQueryErrorCapture:
        return "a capture that is not in the pattern";
    case TSQueryErrorStructure:
        return "a pattern that nothing can match";
    default:
        return "not a pattern";
    }
}

static int compile(struct reader *r)
{
    uint32_t offset = 0;
    TSQueryError e = TSQueryErrorNone;
    struct sg_query *more =
        realloc(r->rules->queries, (r->rules->nqueries + 1) * sizeof *r->rules->queries);
    if (!more)
        return no_memory(r);
    r->rules->queries = more;
    TSQuery *ts = NULL;
    if (r->nstructural > 0) {
        ts = ts_query_new(r->rules->language->grammar(), r->rest, (uint32_t)r->n, &offset, &e);
        if (!ts)
            return fail(r, offset, query_error(e), NULL);
        if (ts_query_pattern_count(ts) != r->nstructural) {
            ts_query_delete(ts);
            return fail(r, 0, "patterns and what tree-sitter made of them do not agree", NULL);
        }
    }
    more[r->rules->nqueries++] =
        (struct sg_query){.ts = ts, .patterns = r->structural, .n = r->nstructural};
    r->structural = NULL; /* the query's now */
    return 0;
}

int sg_rules_add(struct sg_rules *rules, const char *path, const char *text, size_t n,
                 struct sg_error *err)
{
    struct sg_error own = SG_ERROR_INIT;
    struct reader r = {.rules = rules, .path = path, .text = text, .n = n};
    r.err = err ? err : &own;
    rules->hash = sg_hash(rules->hash ? rules->hash : SG_HASH_START, text, n);
    r.rest = strndup(text, n);
    r.structural = calloc(n / 8 + 1, sizeof *r.structural);
    int rc = r.rest && r.structural ? 0 : no_memory(&r);
    if (rc == 0 && memchr(text, '\0', n))
        rc = fail(&r, (size_t)((const char *)memchr(text, '\0', n) - text), "a NUL", NULL);
    while (rc == 0) {
        skip_blanks(&r);
        if (r.at >= n)
            break;
        rc = text[r.at] == '(' ? read_form(&r)
                               : fail(&r, r.at, "a pattern begins with a parenthesis", NULL);
    }
    if (rc == 0)
        rc = compile(&r);
    free(r.rest);
    free(r.structural);
    return rc;
}
