/* match_test.c: see match_test.h */
#include "core/validate/match_test.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"

static bool one_of(const struct sg_test *t, const char *text,
                   bool (*fits)(const char *pattern, const char *text))
{
    for (size_t i = 0; i < t->nwords; i++)
        if (fits(t->words[i], text))
            return true;
    return false;
}

static bool is_one_of_paths(const struct sg_test *t, const struct sg_value *values)
{
    for (; values; values = values->next)
        if (values->kind == SG_VALUE_NAME && one_of(t, values->text, sg_path_fits))
            return true;
    return false;
}

/* A constant as text: of a NAME its path (True, yaml.SafeLoader). NULL: not one. */
static const char *constant(const struct sg_value *v, char number[24])
{
    if (v->kind == SG_VALUE_TEXT || v->kind == SG_VALUE_NAME)
        return v->text;
    if (v->kind != SG_VALUE_NUMBER)
        return NULL;
    snprintf(number, 24, "%lld", (long long)v->number);
    return number;
}

static bool constant_is(const struct sg_test *t, const struct sg_value *values)
{
    char number[24];
    for (; values; values = values->next) {
        const char *text = constant(values, number);
        if (text && one_of(t, text, sg_policy_glob))
            return true;
    }
    return false;
}

/* Nothing known of it: no value, or one that a function makes. */
static bool is_unknown(const struct sg_value *values)
{
    for (; values; values = values->next)
        if (values->kind != SG_VALUE_NAME || !strstr(values->text, "()"))
            return false;
    return true;
}

/* The path as seen from the root, "." and ".." worked off; relative ones are in /work. */
static void normalize(const char *path, struct sg_buf *out)
{
    if (path[0] != '/')
        sg_buf_puts(out, "/work");
    while (*path) {
        size_t n = strcspn(path, "/");
        if (n == 2 && path[0] == '.' && path[1] == '.') {
            while (out->len > 0 && out->data[out->len - 1] != '/')
                out->len--;
            out->len -= out->len > 0;
        } else if (n > 0 && !(n == 1 && path[0] == '.')) {
            sg_buf_puts(out, "/");
            sg_buf_append(out, path, n);
        }
        path += n + (path[n] == '/');
    }
    sg_buf_append(out, "", 1); /* its end, whatever was cut off */
    out->len--;
}

static bool is_outside(const struct sg_test *t, const char *path)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    normalize(path, &b);
    if (b.failed || !b.data)
        return true;
    b.data[b.len] = '\0';
    for (size_t i = 0; i < t->nwords; i++) {
        size_t n = strlen(t->words[i]);
        if (strncmp(b.data, t->words[i], n) == 0 && (b.data[n] == '/' || b.data[n] == '\0'))
            return false;
    }
    return true;
}

static bool any_path_fits(const struct sg_test *t, const struct sg_value *values)
{
    for (; values; values = values->next) {
        sg_auto(sg_buf) struct sg_buf b = {0};
        if (values->kind != SG_VALUE_TEXT)
            continue;
        normalize(values->text, &b);
        if (b.failed || !b.data)
            return true;
        b.data[b.len] = '\0';
        if (one_of(t, b.len ? b.data : "/", sg_policy_glob))
            return true;
    }
    return false;
}

static bool any_module(const struct sg_value *values)
{
    while (values && !(values->kind == SG_VALUE_NAME && values->module))
        values = values->next;
    return values != NULL;
}

/* Is something of one of those paths called at the node or within it? */
static bool calls(struct sg_matches *m, uint32_t node, const struct sg_test *t)
{
    const struct sg_tree *tree = &m->analysis->tree;
    uint32_t end = tree->nodes[node].end;
    for (uint32_t i = node; i < tree->count && tree->nodes[i].start < end; i++)
        if (tree->nodes[i].role == SG_ROLE_CALL &&
            is_one_of_paths(t, sg_eval(m->analysis, sg_call_function(m->analysis, i))))
            return true;
    return false;
}

static bool any_outside(const struct sg_test *t, const struct sg_value *values)
{
    for (; values; values = values->next)
        if (values->kind == SG_VALUE_TEXT && is_outside(t, values->text))
            return true;
    return false;
}

static bool is_word_byte(unsigned char c)
{
    return isalnum(c) || c == '_' || c >= 0x80;
}

/* Is this rule about that word: as a module, the last part of a path, or a member? */
static bool is_about(const struct sg_rules *r, const struct sg_pattern *p, const char *word,
                     size_t n)
{
    for (size_t k = 0; k < p->tests[0].nwords; k++) {
        const char *have = p->tests[0].words[k];
        const char *last = strrchr(have, '.');
        bool builtin =
            *r->language->builtins == '\0' ? !last : sg_str_starts(have, r->language->builtins);
        if (p->tests[0].ask == SG_ASK_USE && !builtin)
            continue;
        if (p->tests[0].ask == SG_ASK_USE && last)
            have = last + 1;
        if (strlen(have) == n && memcmp(have, word, n) == 0)
            return true;
    }
    return false;
}

bool sg_match_suspicious(const struct sg_rules *rules, const char *text, size_t n,
                         unsigned least_score)
{
    for (size_t i = 0; i < n;) {
        size_t from = i;
        while (i < n && is_word_byte((unsigned char)text[i]))
            i++;
        for (size_t p = 0; i > from && p < rules->npatterns; p++) {
            const struct sg_pattern *pattern = &rules->patterns[p];
            enum sg_ask ask = pattern->structural ? SG_ASK_COUNT : pattern->tests[0].ask;
            if (pattern->ntests == 1 && rules->rules[pattern->rule].score >= least_score &&
                (ask == SG_ASK_IMPORT || ask == SG_ASK_USE || ask == SG_ASK_MEMBER) &&
                is_about(rules, pattern, text + from, i - from))
                return true;
        }
        i += i == from;
    }
    return false;
}

static bool is_suspicious(struct sg_matches *m, uint32_t node, const struct sg_value *values)
{
    enum sg_role role = m->analysis->tree.nodes[node].role;
    bool has_text = false;
    for (const struct sg_value *v = values; v; v = v->next) {
        has_text = has_text || v->kind == SG_VALUE_TEXT;
        if (v->kind == SG_VALUE_TEXT && sg_match_suspicious(m->rules, v->text, v->n, 30))
            return true;
    }
    /* A function is no text; what nobody knows may be one. */
    return !has_text && role != SG_ROLE_LAMBDA && is_unknown(values);
}

/* A text, whatever it is made of: "a" + x is one. */
static bool is_text(struct sg_matches *m, uint32_t node, const struct sg_value *values)
{
    const struct sg_node *n = &m->analysis->tree.nodes[node];
    if (sg_value_first(values, SG_VALUE_TEXT) || n->role == SG_ROLE_STRING)
        return true;
    if (n->role != SG_ROLE_BINARY)
        return false;
    for (uint32_t c = node + 1; c < m->analysis->tree.count; c++) {
        const struct sg_node *part = &m->analysis->tree.nodes[c];
        if (part->start >= n->end)
            break;
        if (part->role == SG_ROLE_STRING &&
            m->analysis->tree.nodes[part->parent].role == SG_ROLE_BINARY)
            return true;
    }
    return false;
}

static bool argument_test(struct sg_matches *m, const struct sg_fact *f, const struct sg_test *t)
{
    struct sg_value subject = {.kind = SG_VALUE_TEXT};
    const struct sg_value *values = NULL;
    uint32_t node = SG_NO_NODE;
    if (t->argument == SG_SUBJECT) {
        const char *text = f->value ? f->value->subject : NULL;
        subject.text = text ? text : "";
        subject.n = strlen(subject.text);
        values = text ? &subject : NULL;
        node = text ? f->node : SG_NO_NODE;
    } else if (f->call != SG_NO_NODE && m->analysis->tree.nodes[f->call].role == SG_ROLE_CALL) {
        node = sg_call_argument(m->analysis, f->call, t->argument, t->keyword);
        values = node == SG_NO_NODE ? NULL : sg_eval(m->analysis, node);
    }
    if (t->ask == SG_ASK_ARG_GIVEN)
        return node != SG_NO_NODE;
    if (node == SG_NO_NODE)
        return false;
    switch (t->ask) {
    case SG_ASK_ARG_IS:
        return constant_is(t, values);
    case SG_ASK_ARG_MAY:
        return is_unknown(values) || constant_is(t, values);
    case SG_ASK_ARG_TEXT:
        return is_text(m, node, values);
    case SG_ASK_ARG_CALLS:
        return calls(m, node, t);
    case SG_ASK_ARG_MODULE:
        return any_module(values);
    case SG_ASK_ARG_PATH:
        return any_path_fits(t, values);
    case SG_ASK_ARG_FROM:
        return is_one_of_paths(t, values);
    case SG_ASK_ARG_UNKNOWN:
        return is_unknown(values);
    case SG_ASK_ARG_OUTSIDE:
        return any_outside(t, values);
    default:
        return is_suspicious(m, node, values);
    }
}

/* "{0.__class__}": what stands between the braces is looked up in the argument. */
static bool field_holds(const struct sg_test *t, const char *format)
{
    for (const char *open = strchr(format, '{'); open; open = strchr(open + 1, '{')) {
        size_t n = strcspn(open + 1, "{}");
        for (size_t i = 0; i < t->nwords; i++)
            if (memmem(open + 1, n, t->words[i], strlen(t->words[i])))
                return true;
    }
    return false;
}

static bool any_field_holds(const struct sg_test *t, const struct sg_value *values)
{
    for (; values; values = values->next)
        if (values->kind == SG_VALUE_TEXT && field_holds(t, values->text))
            return true;
    return false;
}

static bool text_is_one_of(const struct sg_matches *m, uint32_t node, const struct sg_test *t)
{
    for (size_t i = 0; i < t->nwords; i++)
        if (sg_node_text_is(m->analysis, node, t->words[i]))
            return true;
    return false;
}

/* No node of those kinds inside, functions within left out: their break is not this loop's. */
static bool lacks(const struct sg_matches *m, uint32_t node, const struct sg_test *t)
{
    const struct sg_tree *tree = &m->analysis->tree;
    uint32_t end = tree->nodes[node].end;
    for (uint32_t i = node + 1; i < tree->count && tree->nodes[i].start < end; i++) {
        enum sg_role role = tree->nodes[i].role;
        if (role == SG_ROLE_FUNCTION || role == SG_ROLE_LAMBDA) {
            uint32_t stop = tree->nodes[i].end;
            while (i + 1 < tree->count && tree->nodes[i + 1].start < stop)
                i++;
            continue;
        }
        for (size_t k = 0; k < t->nwords; k++)
            if (sg_tree_is(tree, i, t->words[k]) || sg_node_text_is(m->analysis, i, t->words[k]))
                return false;
    }
    return true;
}

static bool member_is(struct sg_matches *m, uint32_t node, const struct sg_test *t)
{
    uint32_t attribute = sg_node_field(m->analysis, node, SG_FIELD_ATTRIBUTE);
    return attribute != SG_NO_NODE && text_is_one_of(m, attribute, t);
}

static bool is_below(const struct sg_test *t, const char *module)
{
    for (size_t i = 0; i < t->nwords; i++) {
        size_t n = strlen(t->words[i]);
        if (strncmp(module, t->words[i], n) == 0 && (module[n] == '\0' || module[n] == '.'))
            return true;
    }
    return false;
}

static bool ask(struct sg_matches *m, const struct sg_fact *f, const struct sg_test *t)
{
    switch (t->ask) {
    case SG_ASK_USE:
        return is_one_of_paths(t, sg_eval(m->analysis, f->node));
    case SG_ASK_CALL:
        return is_one_of_paths(t, sg_eval(m->analysis, sg_call_function(m->analysis, f->node)));
    case SG_ASK_MEMBER:
        return member_is(m, f->node, t);
    case SG_ASK_METHOD:
        return member_is(m, sg_call_function(m->analysis, f->node), t);
    case SG_ASK_BASE_IS:
        return constant_is(t, f->base);
    case SG_ASK_BASE_FIELD:
        return any_field_holds(t, f->base);
    case SG_ASK_BASE_FROM:
        return is_one_of_paths(t, f->base);
    case SG_ASK_TEXT:
        return text_is_one_of(m, f->node, t);
    case SG_ASK_LACKS:
        return lacks(m, f->node, t);
    case SG_ASK_UNKNOWN:
        return is_unknown(sg_eval(m->analysis, f->node));
    case SG_ASK_LOCAL:
        return sg_value_first(sg_eval(m->analysis, f->node), SG_VALUE_LOCAL) != NULL;
    case SG_ASK_BELOW:
        return f->module && is_below(t, f->module);
    case SG_ASK_IMPORT:
    case SG_ASK_FILE:
        return false;
    default:
        return argument_test(m, f, t);
    }
}

bool sg_match_test(struct sg_matches *m, const struct sg_fact *f, const struct sg_test *t)
{
    return ask(m, f, t) != t->negated;
}
