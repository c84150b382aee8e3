/* eval.c: values of expressions: see analysis.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "core/validate/analysis.h"
#include "core/validate/fold.h"
#include "core/validate/language.h"

#define DEPTH_MAX                                                                                  \
    3000 /* of expressions and of bindings that lead to each other; 8 MiB of stack hold it */

/* ---- making values */

struct sg_value *sg_value_new(struct sg_analysis *a, enum sg_value_kind kind)
{
    struct sg_value *v = sg_analysis_work(a, 1) ? sg_arena_take(&a->arena, sizeof *v) : NULL;
    if (v)
        v->kind = kind;
    else if (a->breach.bound == SG_BOUND_NONE)
        a->breach = (struct sg_breach){.bound = SG_BOUND_MEMORY};
    return v;
}

const struct sg_value *sg_value_text(struct sg_analysis *a, const char *text, size_t n)
{
    if (n > SG_VALUE_TEXT_MAX_BYTES || !sg_analysis_work(a, 1 + n / 16))
        return NULL;
    struct sg_value *v = sg_value_new(a, SG_VALUE_TEXT);
    if (!v)
        return NULL;
    v->text = sg_arena_copy(&a->arena, text, n);
    v->n = n;
    return v->text ? v : NULL;
}

const struct sg_value *sg_value_name(struct sg_analysis *a, const char *path)
{
    size_t n = strlen(path);
    if (n > SG_PATH_TEXT_MAX)
        return NULL;
    path = a->language->canonical ? a->language->canonical(a, path) : path;
    struct sg_value *v = sg_value_new(a, SG_VALUE_NAME);
    if (!v)
        return NULL;
    v->n = strlen(path);
    v->text = sg_arena_copy(&a->arena, path, v->n);
    return v->text ? v : NULL;
}

const struct sg_value *sg_value_module(struct sg_analysis *a, const char *name)
{
    struct sg_value *v = (struct sg_value *)sg_value_name(a, name);
    if (v)
        v->module = v->fresh = true;
    return v;
}

const struct sg_value *sg_value_number(struct sg_analysis *a, int64_t number)
{
    struct sg_value *v = sg_value_new(a, SG_VALUE_NUMBER);
    if (v)
        v->number = number;
    return v;
}

static bool is_same(const struct sg_value *x, const struct sg_value *y)
{
    if (x->kind != y->kind)
        return false;
    if (x->kind == SG_VALUE_NUMBER)
        return x->number == y->number;
    if (x->kind == SG_VALUE_LIST)
        return x->items == y->items;
    bool subject = (!x->subject && !y->subject) ||
                   (x->subject && y->subject && strcmp(x->subject, y->subject) == 0);
    return x->kind == SG_VALUE_LOCAL ||
           (subject && x->n == y->n && memcmp(x->text, y->text, x->n) == 0);
}

const struct sg_value *sg_value_add(struct sg_analysis *a, const struct sg_value *set,
                                    const struct sg_value *value)
{
    unsigned n = 0;
    if (!value)
        return set;
    for (const struct sg_value *v = set; v; v = v->next, n++)
        if (is_same(v, value))
            return set;
    struct sg_value *copy = n < SG_VALUES_MAX ? sg_value_new(a, value->kind) : NULL;
    if (!copy)
        return set;
    *copy = *value;
    copy->next = set;
    return copy;
}

const struct sg_value *sg_value_join(struct sg_analysis *a, const struct sg_value *set,
                                     const struct sg_value *more)
{
    if (!set)
        return more;
    for (; more; more = more->next)
        set = sg_value_add(a, set, more);
    return set;
}

const struct sg_value *sg_value_first(const struct sg_value *set, enum sg_value_kind kind)
{
    while (set && set->kind != kind)
        set = set->next;
    return set;
}

/* ---- text */

uint32_t sg_node_field(const struct sg_analysis *a, uint32_t node, unsigned field)
{
    return sg_tree_field(&a->tree, node, a->language->field_of[field]);
}

const char *sg_node_text(struct sg_analysis *a, uint32_t node)
{
    const struct sg_node *n = &a->tree.nodes[node];
    return sg_arena_copy(&a->arena, a->tree.text + n->start, n->end - n->start);
}

const char *sg_node_name(struct sg_analysis *a, uint32_t node)
{
    const struct sg_node *n = &a->tree.nodes[node];
    const char *text = a->tree.text + n->start;
    size_t size = n->end - n->start;
    const char *name = a->language->name_of ? a->language->name_of(a, text, size) : NULL;
    return name ? name : sg_arena_copy(&a->arena, text, size);
}

bool sg_node_text_is(const struct sg_analysis *a, uint32_t node, const char *text)
{
    if (node == SG_NO_NODE)
        return false;
    const struct sg_node *n = &a->tree.nodes[node];
    size_t size = strlen(text);
    return n->end - n->start == size && memcmp(a->tree.text + n->start, text, size) == 0;
}

/* ---- calls */

uint32_t sg_call_argument(struct sg_analysis *a, uint32_t call, unsigned index, const char *keyword)
{
    uint32_t list = sg_node_field(a, call, SG_FIELD_ARGUMENTS);
    unsigned at = 0;
    if (list != SG_NO_NODE && a->tree.nodes[list].role == SG_ROLE_COMPREHENSION)
        return index == 0 ? list : SG_NO_NODE; /* f(x for x in y) */
    for (uint32_t c = list == SG_NO_NODE ? list : a->tree.nodes[list].first; c != SG_NO_NODE;
         c = a->tree.nodes[c].next) {
        const struct sg_node *n = &a->tree.nodes[c];
        if (n->role == SG_ROLE_COMMENT || !(n->flags & SG_NODE_NAMED))
            continue;
        if (n->role == SG_ROLE_KEYWORD) {
            if (keyword && sg_node_text_is(a, sg_node_field(a, c, SG_FIELD_NAME), keyword))
                return sg_node_field(a, c, SG_FIELD_VALUE);
            continue;
        }
        if (at++ == index)
            return c;
    }
    return SG_NO_NODE;
}

const struct sg_value *sg_call_values(struct sg_analysis *a, uint32_t call, unsigned index,
                                      const char *keyword)
{
    return sg_eval(a, sg_call_argument(a, call, index, keyword));
}

bool sg_call_spreads(struct sg_analysis *a, uint32_t call)
{
    uint32_t list = sg_node_field(a, call, SG_FIELD_ARGUMENTS);
    for (uint32_t c = list == SG_NO_NODE ? list : a->tree.nodes[list].first; c != SG_NO_NODE;
         c = a->tree.nodes[c].next)
        if (sg_tree_is(&a->tree, c, "list_splat") || sg_tree_is(&a->tree, c, "dictionary_splat") ||
            sg_tree_is(&a->tree, c, "spread_element"))
            return true;
    return false;
}

/* The first argument, where it is a constant text. */
static const char *subject_of(struct sg_analysis *a, uint32_t call)
{
    uint32_t first = sg_call_argument(a, call, 0, NULL);
    const struct sg_value *v =
        first == SG_NO_NODE ? NULL : sg_value_first(sg_eval(a, first), SG_VALUE_TEXT);
    return v ? v->text : NULL;
}

static const struct sg_value *eval_result(struct sg_analysis *a, uint32_t call,
                                          const struct sg_value *function)
{
    char path[SG_PATH_TEXT_MAX + 3];
    const struct sg_value *ret = NULL;
    if (a->language->call && a->language->call(a, call, function, &ret))
        return ret;
    snprintf(path, sizeof path, "%s()", function->text);
    struct sg_value *v = (struct sg_value *)sg_value_name(a, path);
    if (v) {
        const char *subject = subject_of(a, call);
        v->subject = subject ? subject : function->subject;
    }
    return v;
}

uint32_t sg_call_function(const struct sg_analysis *a, uint32_t call)
{
    uint32_t function = sg_node_field(a, call, SG_FIELD_FUNCTION);
    return function == SG_NO_NODE ? sg_node_field(a, call, SG_FIELD_CLASS) : function;
}

static const struct sg_value *eval_call(struct sg_analysis *a, uint32_t node)
{
    const struct sg_value *set = NULL, *ret;
    uint32_t function = sg_call_function(a, node);
    if (function == SG_NO_NODE)
        return NULL;
    for (const struct sg_value *v = sg_eval(a, function); v; v = v->next)
        if (v->kind == SG_VALUE_NAME)
            set = sg_value_join(a, set, eval_result(a, node, v));
    if (a->tree.nodes[function].role != SG_ROLE_MEMBER || !a->language->method)
        return set;
    uint32_t attribute = sg_node_field(a, function, SG_FIELD_ATTRIBUTE);
    const char *name = attribute == SG_NO_NODE ? NULL : sg_node_name(a, attribute);
    if (!name)
        return set;
    const struct sg_value *base = sg_eval(a, sg_node_field(a, function, SG_FIELD_OBJECT));
    for (; base; base = base->next) {
        if ((base->kind == SG_VALUE_TEXT || base->kind == SG_VALUE_LIST) &&
            a->language->method(a, node, base, name, &ret))
            set = sg_value_join(a, set, ret);
    }
    return set;
}

/* ---- members and indices */

const struct sg_value *sg_eval_member(struct sg_analysis *a, const struct sg_value *base,
                                      const char *name)
{
    const struct sg_value *set = NULL, *ret;
    bool known = false;
    char path[SG_PATH_TEXT_MAX + 1];
    for (; base; base = base->next) {
        if (base->kind != SG_VALUE_NAME)
            continue;
        known = true;
        if (a->language->member && a->language->member(a, base, name, &ret)) {
            set = sg_value_join(a, set, ret);
            continue;
        }
        if (snprintf(path, sizeof path, "%s.%s", base->text, name) >= (int)sizeof path)
            continue;
        struct sg_value *v = (struct sg_value *)sg_value_name(a, path);
        if (v) {
            v->subject = base->subject;
            v->module = base->module;
            set = sg_value_add(a, set, v);
        }
    }
    return known ? set : sg_name_member(a, name);
}

static const struct sg_value *eval_member(struct sg_analysis *a, uint32_t node)
{
    uint32_t object = sg_node_field(a, node, SG_FIELD_OBJECT);
    uint32_t attribute = sg_node_field(a, node, SG_FIELD_ATTRIBUTE);
    const char *name = attribute == SG_NO_NODE ? NULL : sg_node_name(a, attribute);
    if (!name || object == SG_NO_NODE)
        return NULL;
    const struct sg_value *base = sg_eval(a, object), *set = sg_eval_member(a, base, name);
    if (!sg_value_first(base, SG_VALUE_NAME) && a->language->unknown_member)
        set = sg_value_join(a, set, a->language->unknown_member(a, object, name));
    return set;
}

static const struct sg_value *index_list(struct sg_analysis *a, const struct sg_value *list,
                                         const struct sg_value *index)
{
    const struct sg_value *set = NULL;
    int64_t n = 0, at = 0;
    for (const struct sg_item *i = list->items; i; i = i->next)
        n++;
    for (const struct sg_item *i = list->items; i && sg_analysis_work(a, 1); i = i->next, at++)
        if (!index || index->number == at || index->number + n == at)
            set = sg_value_join(a, set, i->values);
    return set;
}

static const struct sg_value *index_by_text(struct sg_analysis *a, const struct sg_value *base,
                                            const char *name)
{
    const struct sg_value *set = NULL, *ret;
    bool known = false;
    for (; base; base = base->next) {
        if (base->kind != SG_VALUE_NAME)
            continue;
        known = true;
        if (a->language->member && a->language->member(a, base, name, &ret))
            set = sg_value_join(a, set, ret);
    }
    return known ? set : sg_name_member(a, name);
}

static const struct sg_value *eval_index(struct sg_analysis *a, uint32_t node)
{
    const struct sg_value *set = NULL, *base = sg_eval(a, sg_node_field(a, node, SG_FIELD_BASE));
    uint32_t at = sg_node_field(a, node, SG_FIELD_INDEX);
    const struct sg_value *index = at == SG_NO_NODE ? NULL : sg_eval(a, at);
    const struct sg_value *number = sg_value_first(index, SG_VALUE_NUMBER);
    bool all = !number && !sg_value_first(index, SG_VALUE_TEXT);
    for (const struct sg_value *i = index; i; i = i->next) {
        if (i->kind == SG_VALUE_TEXT && a->language->index_is_member) {
            set = sg_value_join(a, set, sg_eval_member(a, base, i->text));
            if (!sg_value_first(base, SG_VALUE_NAME) && a->language->unknown_member)
                set = sg_value_join(
                    a, set,
                    a->language->unknown_member(a, sg_node_field(a, node, SG_FIELD_BASE), i->text));
        } else if (i->kind == SG_VALUE_TEXT)
            set = sg_value_join(a, set, index_by_text(a, base, i->text));
    }
    for (const struct sg_value *b = base; b; b = b->next) {
        if (all && at != SG_NO_NODE && a->language->slice) {
            const struct sg_value *part = a->language->slice(a, b, at);
            if (part) {
                set = sg_value_join(a, set, part);
                continue;
            }
        }
        if (b->kind == SG_VALUE_LIST && (number || all))
            set = sg_value_join(a, set, index_list(a, b, number));
        else if (b->kind == SG_VALUE_TEXT && number)
            set = sg_value_join(a, set, sg_fold_character(a, b, number->number));
    }
    return set;
}

/* ---- the rest */

/* A long list is data: what is in it is not followed. */
static const struct sg_value *eval_list(struct sg_analysis *a, uint32_t node)
{
    unsigned n = 0;
    for (uint32_t c = a->tree.nodes[node].first; c != SG_NO_NODE && n <= SG_ITEMS_MAX; n++)
        c = a->tree.nodes[c].next;
    struct sg_value *v = n <= SG_ITEMS_MAX ? sg_value_new(a, SG_VALUE_LIST) : NULL;
    const struct sg_item **end = v ? &v->items : NULL;
    for (uint32_t c = a->tree.nodes[node].first; v && c != SG_NO_NODE; c = a->tree.nodes[c].next) {
        if (!(a->tree.nodes[c].flags & SG_NODE_NAMED) || a->tree.nodes[c].role == SG_ROLE_COMMENT)
            continue;
        struct sg_item *item = sg_arena_take(&a->arena, sizeof *item);
        if (!item || !sg_analysis_work(a, 1))
            return NULL;
        item->values = sg_eval(a, c);
        *end = item;
        end = &item->next;
    }
    return v;
}

static const struct sg_value *eval_binary(struct sg_analysis *a, uint32_t node)
{
    const struct sg_value *set = NULL;
    const struct sg_value *left = sg_eval(a, sg_node_field(a, node, SG_FIELD_LEFT));
    const struct sg_value *right = left ? sg_eval(a, sg_node_field(a, node, SG_FIELD_RIGHT)) : NULL;
    uint32_t at = sg_node_field(a, node, SG_FIELD_OPERATOR);
    if (at == SG_NO_NODE || !left)
        return NULL;
    char operator[8] = "";
    const struct sg_node *n = &a->tree.nodes[at];
    if (n->end - n->start >= sizeof operator)
        return NULL;
    memcpy(operator, a->tree.text + n->start, n->end - n->start);
    for (const struct sg_value *l = left; l; l = l->next) {
        if (!right)
            set = sg_value_join(a, set, sg_fold_binary(a, operator, l, NULL));
        for (const struct sg_value *r = right; r && sg_analysis_work(a, 1); r = r->next)
            set = sg_value_join(a, set, sg_fold_binary(a, operator, l, r));
    }
    return set;
}

static const struct sg_value *eval_unary(struct sg_analysis *a, uint32_t node)
{
    const struct sg_value *v =
        sg_value_first(sg_eval(a, sg_tree_child(&a->tree, node, 0)), SG_VALUE_NUMBER);
    char sign = a->tree.text[a->tree.nodes[node].start];
    if (!v || (sign != '-' && sign != '+' && sign != '~'))
        return NULL;
    return sg_value_number(a, sign == '+'   ? v->number
                              : sign == '~' ? ~v->number
                                            : (int64_t)(0 - (uint64_t)v->number));
}

/* What decides is not what comes out: the middle one of Python's a if b else c, and a named one. */
static bool is_condition(const struct sg_analysis *a, uint32_t node, uint32_t child)
{
    TSFieldId condition = a->language->field_of[SG_FIELD_CONDITION];
    return (condition && a->tree.nodes[child].field == condition) ||
           (sg_tree_is(&a->tree, node, "conditional_expression") &&
            sg_tree_child(&a->tree, node, 1) == child);
}

static const struct sg_value *eval_children(struct sg_analysis *a, uint32_t node, bool last_only)
{
    const struct sg_value *set = NULL;
    uint32_t last = SG_NO_NODE;
    for (uint32_t c = a->tree.nodes[node].first; c != SG_NO_NODE; c = a->tree.nodes[c].next) {
        const struct sg_node *n = &a->tree.nodes[c];
        if (!(n->flags & SG_NODE_NAMED) || n->role == SG_ROLE_COMMENT)
            continue;
        last = c;
        if (!last_only && !is_condition(a, node, c))
            set = sg_value_join(a, set, sg_eval(a, c));
    }
    return last_only && last != SG_NO_NODE ? sg_eval(a, last) : set;
}

static const struct sg_value *eval_strings(struct sg_analysis *a, uint32_t node)
{
    const struct sg_value *whole = sg_value_text(a, "", 0);
    for (uint32_t c = a->tree.nodes[node].first; whole && c != SG_NO_NODE;
         c = a->tree.nodes[c].next) {
        if (a->tree.nodes[c].role != SG_ROLE_STRING)
            continue;
        const struct sg_value *part = sg_value_first(sg_eval(a, c), SG_VALUE_TEXT);
        whole = part ? sg_fold_binary(a, "+", whole, part) : NULL;
    }
    return whole;
}

static const struct sg_value *eval_number(struct sg_analysis *a, uint32_t node)
{
    char text[72], *end;
    const struct sg_node *n = &a->tree.nodes[node];
    size_t size = 0;
    for (uint32_t i = n->start; i < n->end && size + 1 < sizeof text; i++)
        if (a->tree.text[i] != '_')
            text[size++] = a->tree.text[i];
    text[size] = '\0';
    int base = 10, skip = 0;
    if (text[0] == '0' && strchr("xX", text[1] ? text[1] : ' '))
        base = 16, skip = 2;
    else if (text[0] == '0' && strchr("oO", text[1] ? text[1] : ' '))
        base = 8, skip = 2;
    else if (text[0] == '0' && strchr("bB", text[1] ? text[1] : ' '))
        base = 2, skip = 2;
    long long number = strtoll(text + skip, &end, base);
    return *end == '\0' && end != text + skip ? sg_value_number(a, number) : NULL;
}

static const struct sg_value *eval_by_role(struct sg_analysis *a, uint32_t node)
{
    const char *name;
    switch (a->tree.nodes[node].role) {
    case SG_ROLE_NAME:
        name = sg_node_name(a, node);
        return name ? sg_name_values(a, name, node) : NULL;
    case SG_ROLE_SELF: {
        uint32_t scope = sg_scope_above(a, a->tree.nodes[node].scope, SG_ROLE_FUNCTION);
        bool in_class = sg_scope_above(a, a->tree.nodes[node].scope, SG_ROLE_CLASS) != 0;
        return scope == 0 && !in_class ? sg_value_name(a, "this") : NULL;
    }
    case SG_ROLE_MEMBER:
        return eval_member(a, node);
    case SG_ROLE_INDEX:
        return eval_index(a, node);
    case SG_ROLE_CALL:
        return eval_call(a, node);
    case SG_ROLE_STRING:
        return a->language->string(a, node);
    case SG_ROLE_STRINGS:
        return eval_strings(a, node);
    case SG_ROLE_NUMBER:
        return eval_number(a, node);
    case SG_ROLE_CONSTANT:
        name = sg_node_text(a, node);
        return name ? sg_value_name(a, name) : NULL;
    case SG_ROLE_LIST:
        return eval_list(a, node);
    case SG_ROLE_BINARY:
        return eval_binary(a, node);
    case SG_ROLE_UNARY:
        return eval_unary(a, node);
    case SG_ROLE_CHOICE:
        return eval_children(a, node, false);
    case SG_ROLE_WRAPPER:
        return eval_children(a, node, true);
    case SG_ROLE_COMPREHENSION:
        return sg_eval_comprehension(a, node);
    case SG_ROLE_WALRUS:
        return sg_eval(a, sg_node_field(a, node, SG_FIELD_VALUE));
    case SG_ROLE_ASSIGN:
        return sg_eval(a, sg_node_field(a, node, SG_FIELD_RIGHT));
    case SG_ROLE_LAMBDA:
    case SG_ROLE_FUNCTION:
    case SG_ROLE_CLASS:
        return sg_value_new(a, SG_VALUE_LOCAL);
    default:
        return NULL;
    }
}

const struct sg_value *sg_eval(struct sg_analysis *a, uint32_t node)
{
    if (node == SG_NO_NODE || a->state[node] == 1)
        return NULL; /* what depends on itself is not known */
    if (a->state[node] == 2)
        return a->values[node];
    if (!sg_analysis_work(a, 1))
        return NULL;
    if (a->depth >= DEPTH_MAX) {
        a->breach = (struct sg_breach){SG_BOUND_DEPTH, a->depth + 1, DEPTH_MAX};
        return NULL;
    }
    a->depth++;
    a->state[node] = 1;
    a->values[node] = eval_by_role(a, node);
    for (const struct sg_value *v = a->values[node]; v; v = v->next)
        if (v->fresh && v->made_by == 0)
            ((struct sg_value *)v)->made_by = node;
    a->state[node] = 2;
    a->depth--;
    return a->values[node];
}

const struct sg_value *sg_eval_origin(struct sg_analysis *a, const struct sg_origin *o)
{
    const struct sg_value *set = NULL, *of;
    struct sg_value index = {.kind = SG_VALUE_NUMBER};
    if (!o)
        return NULL;
    switch (o->kind) {
    case SG_ORIGIN_NODE:
        return sg_eval(a, o->node);
    case SG_ORIGIN_MODULE: {
        struct sg_value *v = (struct sg_value *)sg_value_module(a, o->name);
        if (v)
            v->fresh = false; /* the statement is told of by itself */
        return v;
    }
    case SG_ORIGIN_LOCAL:
        return sg_value_new(a, SG_VALUE_LOCAL);
    case SG_ORIGIN_ITEM:
    case SG_ORIGIN_ELEMENT:
        index.number = o->index;
        for (of = sg_eval_origin(a, o->of); of; of = of->next)
            if (of->kind == SG_VALUE_LIST)
                set = sg_value_join(a, set,
                                    index_list(a, of, o->kind == SG_ORIGIN_ITEM ? &index : NULL));
        return set;
    case SG_ORIGIN_MEMBER:
        of = sg_eval_origin(a, o->of);
        set = sg_eval_member(a, of, o->name);
        if (!sg_value_first(of, SG_VALUE_NAME) && a->language->unknown_member)
            set = sg_value_join(a, set, a->language->unknown_member(a, SG_NO_NODE, o->name));
        return set;
    default:
        return NULL;
    }
}
