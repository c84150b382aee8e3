/* names.c: the analysis' beginning, and its scopes: see analysis.h */
#include <stdlib.h>
#include <string.h>

#include "core/validate/analysis.h"
#include "core/validate/language.h"

#define ARENA_BYTES ((size_t)32 << 20)
#define LOOK_EVERY  4096 /* steps */

struct binding {
    const struct sg_origin *from;
    uint32_t at;
    bool certain; /* it happens whenever the code in front of it has happened */
    struct binding *next;
};

struct sg_symbol {
    uint32_t scope;
    const char *name;
    struct binding *bindings; /* in order */
    struct binding **end;
    uint32_t redirect; /* SG_NO_NODE: none */
    bool unbound;      /* a del is somewhere */
    uint8_t state;     /* of values: 0 not looked for, 1 being looked for, 2 known */
    const struct sg_value *values;
};

bool sg_analysis_work(struct sg_analysis *a, uint64_t n)
{
    a->work += n;
    if (a->work < a->next_look)
        return a->breach.bound == SG_BOUND_NONE;
    a->next_look = a->work + LOOK_EVERY;
    if (a->breach.bound != SG_BOUND_NONE)
        return false;
    if (a->work > a->work_max)
        a->breach = (struct sg_breach){SG_BOUND_WORK, a->work, a->work_max};
    else if (sg_tree_cpu_us() >= a->tree.until_us)
        a->breach = (struct sg_breach){SG_BOUND_TIME, a->time_ms, a->time_ms};
    return a->breach.bound == SG_BOUND_NONE;
}

static uint64_t hash(uint32_t scope, const char *name)
{
    uint64_t h = 14695981039346656037ull ^ scope;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 1099511628211ull;
    return h ^ h >> 29;
}

static struct sg_symbol **slot(struct sg_analysis *a, uint32_t scope, const char *name)
{
    size_t i = hash(scope, name) & (a->symbols_size - 1);
    while (a->symbols[i] &&
           (a->symbols[i]->scope != scope || strcmp(a->symbols[i]->name, name) != 0))
        i = (i + 1) & (a->symbols_size - 1);
    return &a->symbols[i];
}

static bool grow(struct sg_analysis *a)
{
    size_t size = a->symbols_size;
    struct sg_symbol **old = a->symbols;
    if (2 * (a->nsymbols + 1) <= size)
        return true;
    a->symbols = calloc(size ? 2 * size : 256, sizeof *a->symbols);
    if (!a->symbols) {
        a->symbols = old;
        a->breach = (struct sg_breach){.bound = SG_BOUND_MEMORY};
        return false;
    }
    a->symbols_size = size ? 2 * size : 256;
    for (size_t i = 0; i < size; i++)
        if (old[i])
            *slot(a, old[i]->scope, old[i]->name) = old[i];
    free(old);
    return true;
}

static struct sg_symbol *find(struct sg_analysis *a, uint32_t scope, const char *name)
{
    return a->symbols_size ? *slot(a, scope, name) : NULL;
}

/* The symbol; NULL without memory. */
static struct sg_symbol *make(struct sg_analysis *a, uint32_t scope, const char *name)
{
    struct sg_symbol *s = find(a, scope, name);
    if (s || !grow(a))
        return s;
    s = sg_arena_take(&a->arena, sizeof *s);
    if (!s) {
        a->breach = (struct sg_breach){.bound = SG_BOUND_MEMORY};
        return NULL;
    }
    s->scope = scope;
    s->name = name;
    s->redirect = SG_NO_NODE;
    s->end = &s->bindings;
    *slot(a, scope, name) = s;
    a->nsymbols++;
    return s;
}

const struct sg_origin *sg_origin(struct sg_analysis *a, struct sg_origin o)
{
    struct sg_origin *copy = sg_arena_take(&a->arena, sizeof *copy);
    if (copy)
        *copy = o;
    return copy;
}

const struct sg_origin sg_origin_unknown = {.kind = SG_ORIGIN_UNKNOWN};
const struct sg_origin sg_origin_local = {.kind = SG_ORIGIN_LOCAL};

const struct sg_origin *sg_origin_node(struct sg_analysis *a, uint32_t node)
{
    return sg_origin(a, (struct sg_origin){.kind = SG_ORIGIN_NODE, .node = node});
}

const struct sg_origin *sg_origin_module(struct sg_analysis *a, const char *name)
{
    return sg_origin(a, (struct sg_origin){.kind = SG_ORIGIN_MODULE, .name = name});
}

void sg_node_label(struct sg_analysis *a, uint32_t node)
{
    if (node != SG_NO_NODE)
        a->tree.nodes[node].flags |= SG_NODE_LABEL;
}

/* Does what stands at a node happen whenever its scope's code gets there? */
static bool is_certain(const struct sg_analysis *a, uint32_t at, uint32_t scope)
{
    for (uint32_t i = a->tree.nodes[at].parent; i != SG_NO_NODE && i != scope;
         i = a->tree.nodes[i].parent) {
        enum sg_role role = a->tree.nodes[i].role;
        if (role == SG_ROLE_CONTROL || role == SG_ROLE_CHOICE || role == SG_ROLE_COMPREHENSION)
            return false;
    }
    return true;
}

void sg_name_bind(struct sg_analysis *a, uint32_t scope, const char *name, uint32_t at,
                  const struct sg_origin *from)
{
    struct sg_symbol *s = name ? make(a, scope, name) : NULL;
    for (int hops = 0; s && s->redirect != SG_NO_NODE && hops < 64; hops++) {
        scope = s->redirect;
        s = make(a, scope, name);
    }
    struct binding *b = s ? sg_arena_take(&a->arena, sizeof *b) : NULL;
    if (!b)
        return;
    b->from = from;
    b->at = at;
    b->certain =
        scope < SG_SCOPE_ASSIGNED && a->tree.nodes[at].scope == scope && is_certain(a, at, scope);
    *s->end = b;
    s->end = &b->next;
}

void sg_name_redirect(struct sg_analysis *a, uint32_t scope, const char *name, uint32_t to)
{
    struct sg_symbol *s = scope != to && name ? make(a, scope, name) : NULL;
    if (s)
        s->redirect = to;
}

void sg_name_unbind(struct sg_analysis *a, uint32_t scope, const char *name)
{
    struct sg_symbol *s = name ? make(a, scope, name) : NULL;
    if (s && s->redirect != SG_NO_NODE)
        s = make(a, s->redirect, name);
    if (s)
        s->unbound = true;
}

void sg_note_read(struct sg_analysis *a, uint32_t node, const struct sg_origin *what)
{
    struct sg_read *r = sg_arena_take(&a->arena, sizeof *r);
    if (!r)
        return;
    *r = (struct sg_read){node, what, a->reads};
    a->reads = r;
}

void sg_name_star(struct sg_analysis *a, const char *module)
{
    struct sg_item *item = sg_arena_take(&a->arena, sizeof *item);
    if (!item)
        return;
    item->values = sg_value_name(a, module);
    item->next = a->stars;
    a->stars = item;
}

static const struct sg_value *symbol_values(struct sg_analysis *a, struct sg_symbol *s)
{
    if (s->state == 1)
        return NULL;
    if (s->state == 0) {
        const struct sg_value *set = NULL;
        s->state = 1;
        for (struct binding *b = s->bindings; b && sg_analysis_work(a, 1); b = b->next)
            set = sg_value_join(a, set, sg_eval_origin(a, b->from));
        s->values = set;
        s->state = 2;
    }
    return s->values;
}

/* Is the name certainly bound in this scope when the code at a node runs? */
static bool surely_bound(const struct sg_analysis *a, const struct sg_symbol *s, uint32_t at)
{
    if (!s->bindings || s->unbound)
        return false;
    for (const struct binding *b = s->bindings; b; b = b->next)
        if (b->certain && a->tree.nodes[b->at].end <= a->tree.nodes[at].start)
            return true;
    return false;
}

static bool may_be_outer(const struct sg_analysis *a, const struct sg_symbol *s, uint32_t at)
{
    enum sg_role role = a->tree.nodes[s->scope].role;
    if (!s->bindings)
        return true;
    if (!a->language->conditional_module_scope)
        return s->unbound;
    /* A function's own names are its own throughout (Python's reference, 4.2.2). */
    if (s->scope != 0 && role != SG_ROLE_CLASS)
        return false;
    return !surely_bound(a, s, at);
}

static const struct sg_value *not_bound(struct sg_analysis *a, const char *name)
{
    char path[SG_PATH_TEXT_MAX + 1];
    const struct sg_value *set = NULL;
    size_t n = strlen(a->language->builtins), m = strlen(name);
    if (n + m > SG_PATH_TEXT_MAX)
        return NULL;
    memcpy(path, a->language->builtins, n);
    memcpy(path + n, name, m + 1);
    set = sg_value_add(a, set, sg_value_name(a, path));
    for (const struct sg_item *star = a->stars; star; star = star->next)
        set = sg_value_join(a, set, sg_eval_member(a, star->values, name));
    return set;
}

static const struct sg_value *look_up(struct sg_analysis *a, const char *name, uint32_t scope,
                                      uint32_t at)
{
    struct sg_symbol *assigned = find(a, SG_SCOPE_ASSIGNED, name);
    const struct sg_value *set = assigned ? symbol_values(a, assigned) : NULL;
    uint32_t began = scope;
    while (sg_analysis_work(a, 1)) {
        const struct sg_node *n = &a->tree.nodes[scope];
        bool hidden =
            a->language->class_scope_is_hidden && n->role == SG_ROLE_CLASS && scope != began;
        struct sg_symbol *s = hidden ? NULL : find(a, scope, name);
        if (s && s->redirect != SG_NO_NODE) {
            scope = began = s->redirect;
            continue;
        }
        if (s) {
            set = sg_value_join(a, set, symbol_values(a, s));
            if (!may_be_outer(a, s, at))
                return set;
        }
        if (scope == 0)
            break;
        scope = n->scope;
    }
    return sg_value_join(a, set, not_bound(a, name));
}

const struct sg_value *sg_name_values(struct sg_analysis *a, const char *name, uint32_t at)
{
    return look_up(a, name, a->tree.nodes[at].scope, at);
}

const struct sg_value *sg_name_global(struct sg_analysis *a, const char *name, uint32_t at)
{
    return look_up(a, name, 0, at);
}

bool sg_name_assume(struct sg_analysis *a, uint32_t scope, const char *name,
                    const struct sg_value *values)
{
    struct sg_symbol *s = find(a, scope, name);
    if (!s || s->state == 1)
        return false;
    s->values = values;
    s->state = values ? 2 : 0;
    return true;
}

const struct sg_value *sg_name_member(struct sg_analysis *a, const char *name)
{
    struct sg_symbol *s = find(a, SG_SCOPE_MEMBERS, name);
    return s ? symbol_values(a, s) : NULL;
}

uint32_t sg_scope_above(const struct sg_analysis *a, uint32_t scope, enum sg_role role)
{
    while (scope != 0 && a->tree.nodes[scope].role != role)
        scope = a->tree.nodes[scope].scope;
    return scope;
}

static bool makes_scope(enum sg_role role)
{
    return role == SG_ROLE_FUNCTION || role == SG_ROLE_LAMBDA || role == SG_ROLE_CLASS ||
           role == SG_ROLE_BLOCK || role == SG_ROLE_COMPREHENSION;
}

/* Of a function and of a class, only the inside is in its scope: not its name, decorators, bases.
 */
static bool is_inside(const struct sg_analysis *a, const struct sg_node *parent,
                      const struct sg_node *child)
{
    const TSFieldId *f = a->language->field_of;
    if (parent->role == SG_ROLE_BLOCK || parent->role == SG_ROLE_COMPREHENSION)
        return true;
    if (parent->role == SG_ROLE_LAMBDA) /* a named one knows its name inside only */
        return true;
    return child->field &&
           (child->field == f[SG_FIELD_BODY] || child->field == f[SG_FIELD_PARAMETERS] ||
            child->field == f[SG_FIELD_PARAMETER]);
}

/* A parameter's default value is found where the function is defined. */
static uint32_t default_value_scope(const struct sg_analysis *a, const struct sg_node *node)
{
    const TSFieldId *f = a->language->field_of;
    if (!node->field || (node->field != f[SG_FIELD_VALUE] && node->field != f[SG_FIELD_RIGHT]))
        return SG_NO_NODE;
    uint32_t up = a->tree.nodes[node->parent].parent;
    if (up == SG_NO_NODE || a->tree.nodes[up].field != f[SG_FIELD_PARAMETERS])
        return SG_NO_NODE;
    uint32_t function = a->tree.nodes[up].parent;
    return function == SG_NO_NODE ? SG_NO_NODE : a->tree.nodes[function].scope;
}

static void find_scopes(struct sg_analysis *a)
{
    for (uint32_t i = 1; i < a->tree.count; i++) {
        struct sg_node *n = &a->tree.nodes[i];
        const struct sg_node *parent = &a->tree.nodes[n->parent];
        bool inside = makes_scope(parent->role) && is_inside(a, parent, n);
        n->scope = inside ? n->parent : parent->scope;
        uint32_t outer = default_value_scope(a, n);
        if (outer != SG_NO_NODE)
            n->scope = outer;
    }
}

int sg_analysis_open(struct sg_analysis *ret, const struct sg_language *language, const char *text,
                     size_t n, const struct sg_bounds *bounds, const bool *wanted,
                     struct sg_breach *ret_breach)
{
    *ret = (struct sg_analysis){.language = language,
                                .arena = SG_ARENA_INIT(ARENA_BYTES),
                                .work_max = bounds->work,
                                .time_ms = bounds->parse_ms};
    if (sg_tree_parse(&ret->tree, language, text, n, bounds, wanted, ret_breach) < 0)
        return -1;
    ret->values = calloc(ret->tree.count, sizeof *ret->values);
    ret->state = calloc(ret->tree.count, 1);
    if (!ret->values || !ret->state) {
        *ret_breach = (struct sg_breach){.bound = SG_BOUND_MEMORY};
        sg_analysis_close(ret);
        return -1;
    }
    find_scopes(ret);
    for (uint32_t i = 0; i < ret->tree.count && sg_analysis_work(ret, 1); i++) {
        uint16_t kind = ret->tree.nodes[i].kind;
        sg_bind_fn *bind = kind < SG_KINDS_MAX ? language->bind_of[kind] : NULL;
        if (bind)
            bind(ret, i);
    }
    if (ret->breach.bound == SG_BOUND_NONE)
        return 0;
    *ret_breach = ret->breach;
    sg_analysis_close(ret);
    return -1;
}

void sg_analysis_close(struct sg_analysis *a)
{
    free(a->values);
    free(a->state);
    free(a->symbols);
    sg_arena_done(&a->arena);
    sg_tree_done(&a->tree);
}
