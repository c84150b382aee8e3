/*
 * fuzz_validate.c: code that is scored, and files of rules. The first byte chooses the language
 * (even: Python) and the policy, the second what the rest is: one source, two with a NUL between
 * them, or a file of rules. Whatever comes in: a verdict that agrees with its own findings and the
 * policy, or rules that can be applied, or a reason with its place.
 */
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/validate/match.h"
#include "core/validate/validate.h"

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "does not hold: %s\n", #condition);                                    \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static const struct sg_bounds bounds = {
    .source_bytes = 64 << 10, .parse_ms = 200, .nodes = 20000, .depth = 200, .work = 200000};

/* ts_query_new (tree-sitter 0.25) forgets some bytes when a pattern is broken. Rule files are the
   operator's, and a broken one ends the worker at its start: nothing grows. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:ts_query__parse_pattern\nleak:ts_query_new\n";
}

static struct sg_validator *validator;

static void open_once(void)
{
    char dir[4096];
    struct sg_error err = SG_ERROR_INIT;
    const char *src = getenv("SG_SRCDIR");
    if (validator)
        return;
    snprintf(dir, sizeof dir, "%s/packaging/conf/rules", src ? src : "");
    if (sg_validator_open(&validator, src ? dir : SG_TEST_RULES, &err) == 0)
        return;
    fprintf(stderr, "%s\n", err.text);
    abort();
}

static void make_policy(struct sg_policy *ret, uint8_t bits)
{
    static const uint64_t thresholds[] = {50, 100, 1, 0};
    *ret = (struct sg_policy){
        .name = "fuzz", .threshold = thresholds[bits >> 1 & 3], .refuse = !(bits & 8)};
    if (bits & 16)
        REQUIRE(sg_strings_add(&ret->off, "*.import.*") == 0);
    if (bits & 32)
        REQUIRE(sg_strings_add(&ret->scores, "*eval*=7") == 0);
    if (bits & 64)
        REQUIRE(sg_strings_add(&ret->modules, "os") == 0);
}

/* ---- sources */

/* The interpreter ends lines at carriage returns, too. */
static size_t count_lines(const struct sg_source *s)
{
    size_t n = 1;
    for (size_t i = 0; i < s->n; i++)
        n += s->text[i] == '\n' || s->text[i] == '\r';
    return n;
}

static void check_text(const char *text)
{
    REQUIRE(text && sg_utf8_valid_prefix(text, strlen(text)) == strlen(text));
}

/* True: it is of a bound. */
static bool check_finding(const struct sg_finding *f, const struct sg_source *sources, size_t n)
{
    struct sg_rule_info rule;
    bool known = false;
    for (size_t l = 0; !known && sg_validator_list(validator, l); l++)
        for (size_t i = 0;
             !known && sg_validator_rule(validator, sg_validator_list(validator, l), i, &rule); i++)
            known = strcmp(rule.id, f->rule) == 0;
    REQUIRE(known && f->severity == rule.severity && f->file < n && f->score <= SG_SCORE_MAX);
    check_text(f->message);
    check_text(f->snippet);
    check_text(f->remedy);
    REQUIRE(strlen(f->snippet) <= SG_SNIPPET_BYTES && !strpbrk(f->snippet, "\r\n"));
    size_t lines = count_lines(&sources[f->file]), bytes = sources[f->file].n;
    REQUIRE(f->line >= 1 && f->line <= f->end_line && f->end_line <= lines);
    REQUIRE(f->column >= 1 && f->column <= bytes + 1);
    REQUIRE(f->end_column >= 1 && f->end_column <= bytes + 1);
    REQUIRE(f->line < f->end_line || f->column <= f->end_column);
    return sg_str_starts(f->rule, "bounds.");
}

static void check_order(const struct sg_verdict *v)
{
    for (size_t i = 1; i < v->nfindings; i++) {
        const struct sg_finding *a = &v->findings[i - 1], *b = &v->findings[i];
        bool in_order = a->line < b->line || (a->line == b->line && a->column <= b->column);
        REQUIRE(a->file < b->file || (a->file == b->file && in_order));
    }
}

static void check_verdict(const struct sg_verdict *v, const struct sg_policy *p,
                          const struct sg_source *sources, size_t n)
{
    bool has_bound = false;
    unsigned sum = 0;
    for (size_t i = 0; i < v->nfindings; i++) {
        bool counted = false;
        has_bound = check_finding(&v->findings[i], sources, n) || has_bound;
        for (size_t k = 0; k < i; k++)
            counted = counted || strcmp(v->findings[k].rule, v->findings[i].rule) == 0;
        sum += counted ? 0 : v->findings[i].score;
    }
    check_order(v);
    REQUIRE(v->score <= SG_SCORE_MAX && v->nfindings <= SG_FINDINGS_MAX);
    REQUIRE(v->omitted == 0 || v->nfindings == SG_FINDINGS_MAX);
    sum = sum > SG_SCORE_MAX ? SG_SCORE_MAX : sum;
    REQUIRE(v->omitted ? v->score >= sum : v->score == sum);
    bool over = v->score >= p->threshold || has_bound, rejected = p->refuse && over;
    REQUIRE(v->decision == SG_DECISION_ALLOWED || v->decision == SG_DECISION_REJECTED);
    if (v->omitted == 0)
        REQUIRE((v->decision == SG_DECISION_REJECTED) == rejected);
    char sentence[512];
    sg_verdict_sentence(v, sentence, sizeof sentence);
    REQUIRE((sentence[0] != '\0') == (v->decision == SG_DECISION_REJECTED));
}

static void fuzz_sources(const char *language, const struct sg_policy *p, const char *text,
                         size_t n, bool two)
{
    struct sg_error err = SG_ERROR_INIT;
    struct sg_verdict v;
    const char *nul = two ? memchr(text, '\0', n) : NULL;
    size_t first = nul ? (size_t)(nul - text) : n;
    const struct sg_source sources[2] = {
        {"main", text, first},
        {strcmp(language, "python") == 0 ? "lib/b.py" : "lib/b.mjs", nul ? nul + 1 : "",
         nul ? n - first - 1 : 0},
    };
    REQUIRE(sg_validate(validator, language, sources, two ? 2 : 1, p, &bounds, &v, &err) == 0);
    check_verdict(&v, p, sources, two ? 2 : 1);
    sg_verdict_done(&v);
}

/* ---- rules */

static const char *const programs[2] = {
    "import os as o\nfrom sys import modules\nx = [i for i in range(3)]\n"
    "class C(x):\n  def f(self, a=1):\n    return getattr(o, 'system')(f'{a}', k=open('/etc/x'))\n"
    "while True: eval(o.path['a'] + \"b\")\n)\n",
    "const {exec: e} = require('child_process');\nimport fs from 'node:fs';\n"
    "class C { f(a = 1) { return this['x'](`${a}`, ...b) } }\n"
    "for (;;) { e.call(0, fs.readFile('/etc/x')); new Function('a' + c) }\n)\n",
};

static void apply(const struct sg_rules *rules, const struct sg_policy *p, const char *program)
{
    struct sg_analysis a;
    struct sg_breach breach = {.bound = SG_BOUND_NONE};
    if (sg_analysis_open(&a, rules->language, program, strlen(program), &bounds, rules->roots,
                         &breach) < 0) {
        REQUIRE(breach.bound == SG_BOUND_TIME);
        return;
    }
    struct sg_matches m = {.analysis = &a, .rules = rules, .policy = p};
    sg_match(&m);
    for (size_t i = 0; i < m.n; i++)
        REQUIRE(m.found[i].rule < rules->nrules && m.found[i].node < a.tree.count);
    free(m.found);
    sg_analysis_close(&a);
}

static void fuzz_rules(const char *language, const struct sg_policy *p, const char *text, size_t n)
{
    struct sg_error err = SG_ERROR_INIT;
    struct sg_rules rules = {.language = sg_language_find(language)};
    if (sg_rules_add(&rules, "F", text, n, &err) < 0) {
        REQUIRE(err.code == SG_E_INVALID && sg_str_starts(err.text, "F:"));
    } else {
        REQUIRE(sg_rules_finish(&rules, &err) == 0);
        for (size_t i = 0; i < rules.npatterns; i++)
            REQUIRE(rules.patterns[i].rule < rules.nrules);
        for (size_t i = 0; i < rules.nrules; i++)
            REQUIRE(sg_rules_find(&rules, rules.rules[i].id) == (int)i);
        apply(&rules, p, programs[rules.language == sg_language_find("javascript")]);
    }
    sg_rules_done(&rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sg_policy p;
    if (size < 2)
        return 0;
    open_once();
    make_policy(&p, data[0]);
    const char *language = data[0] & 1 ? "javascript" : "python";
    const char *text = (const char *)data + 2;
    if (data[1] % 3 == 2)
        fuzz_rules(language, &p, text, size - 2);
    else
        fuzz_sources(language, &p, text, size - 2, data[1] % 3 == 1);
    sg_policy_done(&p);
    return 0;
}
