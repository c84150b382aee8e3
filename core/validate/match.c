/* match.c: see match.h. match_test.c has the tests of single predicates. */
#include "core/validate/match.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/validate/match_test.h"

static void add(struct sg_matches *m, unsigned rule, uint32_t node)
{
    const struct sg_node *nodes = m->analysis->tree.nodes;
    for (size_t i = m->n; i-- > 0;) {
        uint32_t start = nodes[m->found[i].node].start;
        if (m->found[i].rule == rule && start == nodes[node].start)
            return;
        if (m->n - i > 64) /* the same place is told of close together */
            break;
    }
    if (m->n == m->size) {
        size_t size = m->size ? 2 * m->size : 32;
        struct sg_found *more = realloc(m->found, size * sizeof *more);
        if (!more) {
            m->failed = true;
            return;
        }
        m->found = more;
        m->size = size;
    }
    m->found[m->n++] = (struct sg_found){rule, node};
}

struct probe {
    struct sg_matches *m;
    struct sg_fact fact;
};

/* A pattern whose anchor fits: the rest of its tests decide. */
static void on_pattern(void *arg, const struct sg_pattern *p)
{
    struct probe *probe = arg;
    for (size_t i = 1; i < p->ntests; i++)
        if (!sg_match_test(probe->m, &probe->fact, &p->tests[i]))
            return;
    add(probe->m, p->rule, probe->fact.node);
}

static void look_up(struct sg_matches *m, enum sg_ask ask, const char *word, struct sg_fact fact)
{
    struct probe probe = {m, fact};
    if (sg_analysis_work(m->analysis, 1))
        sg_rules_look_up(m->rules, ask, word, on_pattern, &probe);
}

/* ---- facts */

static bool tell_import(void *arg, uint32_t at, const char *module)
{
    struct sg_matches *m = arg;
    size_t before = m->n;
    if (m->imports)
        sg_imports_add(m->imports, module, strlen(module));
    if (!sg_policy_allows_module(m->policy, module))
        look_up(m, SG_ASK_IMPORT, module, (struct sg_fact){.node = at, .module = module});
    return m->n > before;
}

/* Each thing that an expression may be, and what is imported by it: by the node, or by a statement
   where maker is 0. */
static void tell_uses(struct sg_matches *m, uint32_t node, const struct sg_value *values,
                      uint32_t maker)
{
    for (const struct sg_value *v = values; v; v = v->next) {
        if (v->kind != SG_VALUE_NAME)
            continue;
        if (v->fresh && v->made_by == maker)
            tell_import(m, node, v->text);
        look_up(m, SG_ASK_USE, v->text, (struct sg_fact){.node = node, .value = v});
    }
}

static void tell_member(struct sg_matches *m, uint32_t node, const char *name,
                        const struct sg_value *base)
{
    if (name)
        look_up(m, SG_ASK_MEMBER, name, (struct sg_fact){.node = node, .base = base});
}

static void on_member(struct sg_matches *m, uint32_t node)
{
    struct sg_analysis *a = m->analysis;
    uint32_t attribute = sg_node_field(a, node, SG_FIELD_ATTRIBUTE);
    if (attribute == SG_NO_NODE)
        return;
    tell_member(m, node, sg_node_name(a, attribute),
                sg_eval(a, sg_node_field(a, node, SG_FIELD_OBJECT)));
    tell_uses(m, node, sg_eval(a, node), node);
}

/* x["a"] where that is x.a: always in JavaScript; in Python of x.__dict__, not of globals(). */
static void on_index(struct sg_matches *m, uint32_t node)
{
    struct sg_analysis *a = m->analysis;
    uint32_t index = sg_node_field(a, node, SG_FIELD_INDEX);
    const struct sg_value *values = sg_eval(a, node);
    const struct sg_value *base = sg_eval(a, sg_node_field(a, node, SG_FIELD_BASE));
    const struct sg_value *thing = sg_value_first(base, SG_VALUE_NAME);
    bool is_member = a->language->index_is_member ||
                     (sg_value_first(values, SG_VALUE_NAME) && thing && !strstr(thing->text, "()"));
    for (const struct sg_value *v = is_member && index != SG_NO_NODE ? sg_eval(a, index) : NULL; v;
         v = v->next)
        if (v->kind == SG_VALUE_TEXT)
            tell_member(m, node, v->text, base);
    tell_uses(m, node, values, node);
}

/* getattr(x, "name") */
static void tell_named_members(struct sg_matches *m, uint32_t node, const char *function)
{
    struct sg_analysis *a = m->analysis;
    const struct sg_member_function *f = a->language->member_functions;
    for (; f && f->path; f++) {
        uint32_t at = strcmp(f->path, function) == 0 ? sg_call_argument(a, node, f->argument, NULL)
                                                     : SG_NO_NODE;
        uint32_t object = f->argument > 0 ? sg_call_argument(a, node, 0, NULL) : SG_NO_NODE;
        for (const struct sg_value *v = sg_eval(a, at); v; v = v->next)
            if (v->kind == SG_VALUE_TEXT)
                tell_member(m, node, v->text, sg_eval(a, object));
    }
}

static void on_call(struct sg_matches *m, uint32_t node)
{
    struct sg_analysis *a = m->analysis;
    uint32_t function = sg_call_function(a, node);
    if (function == SG_NO_NODE)
        return;
    for (const struct sg_value *v = sg_eval(a, function); v; v = v->next) {
        if (v->kind != SG_VALUE_NAME)
            continue;
        look_up(m, SG_ASK_CALL, v->text, (struct sg_fact){.node = node, .call = node, .value = v});
        tell_named_members(m, node, v->text);
    }
    uint32_t attribute = a->tree.nodes[function].role == SG_ROLE_MEMBER
                             ? sg_node_field(a, function, SG_FIELD_ATTRIBUTE)
                             : SG_NO_NODE;
    const char *name = attribute == SG_NO_NODE ? NULL : sg_node_name(a, attribute);
    if (name)
        look_up(m, SG_ASK_METHOD, name,
                (struct sg_fact){.node = node,
                                 .call = node,
                                 .value = sg_value_first(sg_eval(a, function), SG_VALUE_NAME),
                                 .base = sg_eval(a, sg_node_field(a, function, SG_FIELD_OBJECT))});
    tell_uses(m, node, sg_eval(a, node), node);
}

/* from os import system; const {exec} = child: the member by its name, and what it is. */
static void tell_reads(struct sg_matches *m)
{
    for (const struct sg_read *r = m->analysis->reads; r; r = r->next) {
        const struct sg_value *base = sg_eval_origin(m->analysis, r->what->of);
        tell_member(m, r->node, r->what->name, base);
        tell_uses(m, r->node, sg_eval_origin(m->analysis, r->what), 0);
    }
}

static void tell_facts(struct sg_matches *m)
{
    struct sg_analysis *a = m->analysis;
    for (uint32_t i = 0; i < a->tree.count && a->breach.bound == SG_BOUND_NONE; i++) {
        switch (a->tree.nodes[i].role) {
        case SG_ROLE_NAME:
            if (!(a->tree.nodes[i].flags & SG_NODE_LABEL))
                tell_uses(m, i, sg_eval(a, i), i);
            break;
        case SG_ROLE_MEMBER:
            on_member(m, i);
            break;
        case SG_ROLE_INDEX:
            on_index(m, i);
            break;
        case SG_ROLE_CALL:
            on_call(m, i);
            break;
        case SG_ROLE_NONE:
            a->language->imports(a, i, tell_import, m);
            break;
        default:
            break;
        }
    }
    tell_reads(m);
}

/* ---- tree-sitter's patterns */

static uint32_t captured(const struct sg_matches *m, const TSQuery *q, const TSQueryMatch *match,
                         const char *name)
{
    for (uint16_t i = 0; i < match->capture_count; i++) {
        uint32_t n;
        const char *capture = ts_query_capture_name_for_id(q, match->captures[i].index, &n);
        if (strlen(name) == n && memcmp(capture, name, n) == 0)
            return sg_tree_find(&m->analysis->tree, match->captures[i].node);
    }
    return SG_NO_NODE;
}

static void on_match(struct sg_matches *m, const struct sg_query *q, const TSQueryMatch *match)
{
    const struct sg_pattern *p = &m->rules->patterns[q->patterns[match->pattern_index]];
    for (size_t i = 0; i < p->ntests; i++) {
        uint32_t node = captured(m, q->ts, match, p->tests[i].capture);
        if (node == SG_NO_NODE ||
            !sg_match_test(m, &(struct sg_fact){.node = node, .call = node, .structural = true},
                           &p->tests[i]))
            return;
    }
    uint32_t at = captured(m, q->ts, match, "finding");
    if (at == SG_NO_NODE && match->capture_count > 0)
        at = sg_tree_find(&m->analysis->tree, match->captures[0].node);
    if (at != SG_NO_NODE)
        add(m, p->rule, at);
}

static bool is_late(TSQueryCursorState *state)
{
    const struct sg_tree *t = state->payload;
    return sg_tree_cpu_us() >= t->until_us;
}

static void match_below(struct sg_matches *m, const struct sg_query *q, TSQueryCursor *cursor,
                        TSNode node)
{
    TSQueryMatch match;
    TSQueryCursorOptions options = {.payload = &m->analysis->tree, .progress_callback = is_late};
    ts_query_cursor_exec_with_options(cursor, q->ts, node, &options);
    while (sg_analysis_work(m->analysis, 1) && ts_query_cursor_next_match(cursor, &match))
        on_match(m, q, &match);
}

/* Only at nodes where a pattern can begin: a cursor that looks at all of a tree takes longer than
   parsing, and time that is quadratic in what a broken text has side by side. */
static void match_structures(struct sg_matches *m)
{
    struct sg_analysis *a = m->analysis;
    for (size_t i = 0; i < m->rules->nqueries; i++) {
        const struct sg_query *q = &m->rules->queries[i];
        TSQueryCursor *cursor = q->ts ? ts_query_cursor_new() : NULL;
        if (!cursor)
            continue;
        if (m->rules->anywhere) {
            match_below(m, q, cursor, ts_tree_root_node(a->tree.ts));
        } else {
            ts_query_cursor_set_max_start_depth(cursor, 0);
            for (uint32_t k = 0; k < a->tree.nwanted && sg_analysis_work(a, 1); k++)
                match_below(m, q, cursor, a->tree.wanted[k]);
        }
        ts_query_cursor_delete(cursor);
    }
    if (sg_tree_cpu_us() >= a->tree.until_us && a->breach.bound == SG_BOUND_NONE)
        a->breach = (struct sg_breach){SG_BOUND_TIME, a->time_ms, a->time_ms};
}

/* ---- what could not be parsed */

/* A string of one word may name a module: require("net"). */
static bool is_one_word(const struct sg_tree *t, const struct sg_node *n)
{
    for (uint32_t i = n->start; i < n->end; i++)
        if (isspace((unsigned char)t->text[i]))
            return false;
    return true;
}

/* In what the grammar could not read, words are looked at, wherever they stand: the interpreter may
   read it. Comments and sentences that the grammar has seen there are left out. */
static bool holds_danger(struct sg_matches *m, uint32_t node)
{
    const struct sg_tree *t = &m->analysis->tree;
    const struct sg_node *n = &t->nodes[node];
    char *text = strndup(t->text + n->start, n->end - n->start);
    if (!text) {
        m->failed = true;
        return true;
    }
    for (uint32_t c = node + 1; c < t->count && t->nodes[c].start < n->end; c++)
        if ((t->nodes[c].role == SG_ROLE_COMMENT ||
             (t->nodes[c].role == SG_ROLE_STRING && !is_one_word(t, &t->nodes[c]))) &&
            t->nodes[c].end <= n->end)
            memset(text + (t->nodes[c].start - n->start), ' ', t->nodes[c].end - t->nodes[c].start);
    bool danger = sg_match_suspicious(m->rules, text, n->end - n->start, 30);
    free(text);
    return danger;
}

static void tell_errors(struct sg_matches *m)
{
    const struct sg_tree *t = &m->analysis->tree;
    if (t->first_error == SG_NO_NODE)
        return;
    look_up(m, SG_ASK_FILE, SG_FILE_SYNTAX_ERROR, (struct sg_fact){.node = t->first_error});
    for (uint32_t i = t->first_error; i < t->count; i++) {
        uint32_t end = t->nodes[i].end;
        if (!(t->nodes[i].flags & SG_NODE_ERROR))
            continue;
        if (holds_danger(m, i))
            look_up(m, SG_ASK_FILE, SG_FILE_UNPARSED_DANGER, (struct sg_fact){.node = i});
        while (i + 1 < t->count && t->nodes[i + 1].start < end)
            i++; /* what is inside has been looked at */
    }
}

void sg_match(struct sg_matches *m)
{
    tell_facts(m);
    match_structures(m);
    tell_errors(m);
}
