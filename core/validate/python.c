/* python.c: names and constants of Python 3 (The Python Language Reference, 3.11) */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/validate/analysis.h"
#include "core/validate/fold.h"
#include "core/validate/language.h"

const TSLanguage *tree_sitter_python(void);

/* ---- what binds */

static void mark_label(struct sg_analysis *a, uint32_t node)
{
    if (node != SG_NO_NODE)
        a->tree.nodes[node].flags |= SG_NODE_LABEL;
}

static const struct sg_origin *of_node(struct sg_analysis *a, uint32_t node)
{
    return sg_origin(a, (struct sg_origin){.kind = SG_ORIGIN_NODE, .node = node});
}

/* Gives a target (a name, a pattern of several, an attribute) what comes from there. */
static void bind_target(struct sg_analysis *a, uint32_t target, const struct sg_origin *from)
{
    static const char *const several[] = {"pattern_list", "tuple_pattern", "list_pattern",
                                          "tuple",        "list",          "expression_list"};
    if (target == SG_NO_NODE)
        return;
    struct sg_node *n = &a->tree.nodes[target];
    if (n->role == SG_ROLE_NAME) {
        n->flags |= SG_NODE_LABEL;
        sg_name_bind(a, n->scope, sg_node_name(a, target), target, from);
        return;
    }
    if (n->role == SG_ROLE_MEMBER) {
        uint32_t name = sg_node_field(a, target, SG_FIELD_ATTRIBUTE);
        if (name != SG_NO_NODE)
            sg_name_bind(a, SG_SCOPE_MEMBERS, sg_node_name(a, name), target, from);
        return;
    }
    for (size_t i = 0; i < SG_ARRAY_LEN(several); i++) {
        if (!sg_tree_is(&a->tree, target, several[i]))
            continue;
        for (unsigned c = 0;; c++) {
            uint32_t child = sg_tree_child(&a->tree, target, c);
            if (child == SG_NO_NODE)
                return;
            bind_target(
                a, child,
                sg_origin(a, (struct sg_origin){.kind = SG_ORIGIN_ITEM, .of = from, .index = c}));
        }
    }
    if (n->role == SG_ROLE_WRAPPER || sg_tree_is(&a->tree, target, "list_splat_pattern") ||
        sg_tree_is(&a->tree, target, "as_pattern_target"))
        bind_target(a, sg_tree_child(&a->tree, target, 0), from);
}

static void bind_assignment(struct sg_analysis *a, uint32_t node)
{
    uint32_t right = sg_node_field(a, node, SG_FIELD_RIGHT);
    if (right == SG_NO_NODE) { /* an annotation binds nothing */
        uint32_t left = sg_node_field(a, node, SG_FIELD_LEFT);
        if (left != SG_NO_NODE && a->tree.nodes[left].role == SG_ROLE_NAME)
            mark_label(a, left);
        return;
    }
    bind_target(a, sg_node_field(a, node, SG_FIELD_LEFT), of_node(a, right));
}

/* x += y: x has a new value, and was read before; the old ones stay possible. */
static void bind_augmented(struct sg_analysis *a, uint32_t node)
{
    uint32_t left = sg_node_field(a, node, SG_FIELD_LEFT);
    uint8_t flags = left == SG_NO_NODE ? 0 : a->tree.nodes[left].flags;
    bind_target(a, left, of_node(a, node));
    if (left != SG_NO_NODE)
        a->tree.nodes[left].flags = flags;
}

static void bind_walrus(struct sg_analysis *a, uint32_t node)
{
    uint32_t name = sg_node_field(a, node, SG_FIELD_NAME), scope;
    if (name == SG_NO_NODE)
        return;
    for (scope = a->tree.nodes[name].scope; a->tree.nodes[scope].role == SG_ROLE_COMPREHENSION;)
        scope = a->tree.nodes[scope].scope; /* PEP 572: not the comprehension's */
    mark_label(a, name);
    sg_name_bind(a, scope, sg_node_name(a, name), name,
                 of_node(a, sg_node_field(a, node, SG_FIELD_VALUE)));
}

static void bind_loop(struct sg_analysis *a, uint32_t node)
{
    bind_target(
        a, sg_node_field(a, node, SG_FIELD_LEFT),
        sg_origin(a, (struct sg_origin){.kind = SG_ORIGIN_ELEMENT,
                                        .of = of_node(a, sg_node_field(a, node, SG_FIELD_RIGHT))}));
}

/* with x as y, except x as y, case x as y */
static void bind_as(struct sg_analysis *a, uint32_t node)
{
    uint32_t alias = sg_node_field(a, node, SG_FIELD_ALIAS);
    if (alias == SG_NO_NODE)
        alias = sg_tree_child(&a->tree, node, 1);
    bind_target(a, alias, of_node(a, sg_tree_child(&a->tree, node, 0)));
}

static void bind_definition(struct sg_analysis *a, uint32_t node)
{
    uint32_t name = sg_node_field(a, node, SG_FIELD_NAME);
    bind_target(a, name, sg_origin(a, (struct sg_origin){.kind = SG_ORIGIN_LOCAL}));
}

/* A parameter has its default value, or anything. */
static void bind_parameters(struct sg_analysis *a, uint32_t node)
{
    static const struct sg_origin unknown = {.kind = SG_ORIGIN_UNKNOWN};
    for (uint32_t c = a->tree.nodes[node].first; c != SG_NO_NODE; c = a->tree.nodes[c].next) {
        uint32_t name =
            a->tree.nodes[c].role == SG_ROLE_NAME ? c : sg_node_field(a, c, SG_FIELD_NAME);
        uint32_t value = sg_node_field(a, c, SG_FIELD_VALUE);
        while (name == SG_NO_NODE || a->tree.nodes[name].role != SG_ROLE_NAME) {
            name = sg_tree_child(&a->tree, name == SG_NO_NODE ? c : name, 0); /* *x, x: int */
            if (name == SG_NO_NODE)
                break;
        }
        if (name != SG_NO_NODE)
            bind_target(a, name, value == SG_NO_NODE ? &unknown : of_node(a, value));
    }
}

static void bind_global(struct sg_analysis *a, uint32_t node)
{
    bool nonlocal = sg_tree_is(&a->tree, node, "nonlocal_statement");
    uint32_t scope = a->tree.nodes[node].scope;
    uint32_t outer = a->tree.nodes[scope].scope;
    for (uint32_t c = a->tree.nodes[node].first; c != SG_NO_NODE; c = a->tree.nodes[c].next) {
        mark_label(a, c);
        sg_name_redirect(a, scope, sg_node_name(a, c), nonlocal ? outer : 0);
    }
}

static void bind_delete(struct sg_analysis *a, uint32_t node)
{
    for (uint32_t c = node + 1;
         c < a->tree.count && a->tree.nodes[c].start < a->tree.nodes[node].end; c++)
        if (a->tree.nodes[c].role == SG_ROLE_NAME &&
            a->tree.nodes[a->tree.nodes[c].parent].role != SG_ROLE_MEMBER &&
            a->tree.nodes[a->tree.nodes[c].parent].role != SG_ROLE_INDEX) {
            mark_label(a, c);
            sg_name_unbind(a, a->tree.nodes[c].scope, sg_node_name(a, c));
        }
}

/* "a.b.c" of a dotted_name or relative_import, without blanks; NULL without memory. */
static const char *module_path(struct sg_analysis *a, uint32_t node)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    const struct sg_node *n = &a->tree.nodes[node];
    for (uint32_t c = node; c < a->tree.count && a->tree.nodes[c].start < n->end; c++) {
        if (sg_tree_is(&a->tree, c, "import_prefix")) {
            for (uint32_t i = a->tree.nodes[c].start; i < a->tree.nodes[c].end; i++)
                if (a->tree.text[i] == '.')
                    sg_buf_puts(&b, ".");
        } else if (a->tree.nodes[c].role == SG_ROLE_NAME) {
            const char *name = sg_node_name(a, c);
            mark_label(a, c);
            sg_buf_printf(&b, "%s%s", b.len && b.data[b.len - 1] != '.' ? "." : "",
                          name ? name : "");
        }
    }
    return sg_arena_copy(&a->arena, b.data ? b.data : "", b.len);
}

static const struct sg_origin *of_module(struct sg_analysis *a, const char *path)
{
    return sg_origin(a, (struct sg_origin){.kind = SG_ORIGIN_MODULE, .name = path});
}

/* Of "import a.b" the name is a; of "import a.b as c" it is c, and stands for a.b. */
static void bind_import(struct sg_analysis *a, uint32_t node)
{
    for (uint32_t c = a->tree.nodes[node].first; c != SG_NO_NODE; c = a->tree.nodes[c].next) {
        uint32_t alias = sg_node_field(a, c, SG_FIELD_ALIAS);
        uint32_t name = sg_node_field(a, c, SG_FIELD_NAME);
        uint32_t dotted = name == SG_NO_NODE ? c : name;
        const char *path = module_path(a, dotted);
        if (!path)
            return;
        uint32_t first = sg_tree_child(&a->tree, dotted, 0);
        if (alias != SG_NO_NODE)
            bind_target(a, alias, of_module(a, path));
        else if (first != SG_NO_NODE)
            bind_target(a, first, of_module(a, sg_node_name(a, first)));
    }
}

static void bind_import_from(struct sg_analysis *a, uint32_t node)
{
    uint32_t module = sg_node_field(a, node, SG_FIELD_MODULE);
    const char *path = module == SG_NO_NODE ? NULL : module_path(a, module);
    if (!path)
        return;
    for (uint32_t c = a->tree.nodes[module].next; c != SG_NO_NODE; c = a->tree.nodes[c].next) {
        if (sg_tree_is(&a->tree, c, "wildcard_import")) {
            sg_name_star(a, path);
            continue;
        }
        uint32_t alias = sg_node_field(a, c, SG_FIELD_ALIAS);
        uint32_t name = sg_node_field(a, c, SG_FIELD_NAME);
        const char *what = module_path(a, name == SG_NO_NODE ? c : name);
        uint32_t first = sg_tree_child(&a->tree, c, 0);
        if (!what || first == SG_NO_NODE)
            continue;
        const struct sg_origin *from = sg_origin(
            a,
            (struct sg_origin){.kind = SG_ORIGIN_MEMBER, .of = of_module(a, path), .name = what});
        bind_target(a, alias != SG_NO_NODE ? alias : first, from);
        sg_note_read(a, c, from);
    }
}

/* A lower-case name in a case is bound; a dotted one is looked up. */
static void bind_case(struct sg_analysis *a, uint32_t node)
{
    static const struct sg_origin unknown = {.kind = SG_ORIGIN_UNKNOWN};
    uint32_t c = sg_tree_child(&a->tree, node, 0);
    if (c == SG_NO_NODE)
        return;
    if (sg_tree_is(&a->tree, c, "splat_pattern"))
        c = sg_tree_child(&a->tree, c, 0);
    if (sg_tree_is(&a->tree, c, "dotted_name") && sg_tree_child(&a->tree, c, 1) == SG_NO_NODE)
        c = sg_tree_child(&a->tree, c, 0);
    if (c != SG_NO_NODE && a->tree.nodes[c].role == SG_ROLE_NAME)
        bind_target(a, c, &unknown);
}

static void label_attribute(struct sg_analysis *a, uint32_t node)
{
    mark_label(a, sg_node_field(a, node, SG_FIELD_ATTRIBUTE));
}

static void label_name(struct sg_analysis *a, uint32_t node)
{
    mark_label(a, sg_node_field(a, node, SG_FIELD_NAME));
}

static void label_first(struct sg_analysis *a, uint32_t node)
{
    mark_label(a, sg_tree_child(&a->tree, node, 0));
}

/* {"run": f}: what is looked up by that key may be f. */
static void bind_pair(struct sg_analysis *a, uint32_t node)
{
    uint32_t key = sg_node_field(a, node, SG_FIELD_KEY),
             value = sg_node_field(a, node, SG_FIELD_VALUE);
    if (key == SG_NO_NODE || value == SG_NO_NODE || a->tree.nodes[key].role != SG_ROLE_STRING)
        return;
    const struct sg_value *text = sg_value_first(sg_eval(a, key), SG_VALUE_TEXT);
    if (text)
        sg_name_bind(a, SG_SCOPE_MEMBERS, text->text, value, of_node(a, value));
}

/* In a class, what it binds are its attributes too. */
static void bind_class_body(struct sg_analysis *a, uint32_t node)
{
    uint32_t scope = a->tree.nodes[node].scope;
    bind_assignment(a, node);
    uint32_t left = sg_node_field(a, node, SG_FIELD_LEFT),
             right = sg_node_field(a, node, SG_FIELD_RIGHT);
    if (a->tree.nodes[scope].role == SG_ROLE_CLASS && left != SG_NO_NODE && right != SG_NO_NODE &&
        a->tree.nodes[left].role == SG_ROLE_NAME)
        sg_name_bind(a, SG_SCOPE_MEMBERS, sg_node_name(a, left), left, of_node(a, right));
}

static const struct sg_role_row roles[] = {
    {"identifier", SG_ROLE_NAME, NULL},
    {"attribute", SG_ROLE_MEMBER, label_attribute},
    {"subscript", SG_ROLE_INDEX, NULL},
    {"call", SG_ROLE_CALL, NULL},
    {"string", SG_ROLE_STRING, NULL},
    {"concatenated_string", SG_ROLE_STRINGS, NULL},
    {"integer", SG_ROLE_NUMBER, NULL},
    {"true", SG_ROLE_CONSTANT, NULL},
    {"false", SG_ROLE_CONSTANT, NULL},
    {"none", SG_ROLE_CONSTANT, NULL},
    {"list", SG_ROLE_LIST, NULL},
    {"tuple", SG_ROLE_LIST, NULL},
    {"set", SG_ROLE_LIST, NULL},
    {"expression_list", SG_ROLE_LIST, NULL},
    {"argument_list", SG_ROLE_LIST, NULL},
    {"dictionary", SG_ROLE_DICT, NULL},
    {"binary_operator", SG_ROLE_BINARY, NULL},
    {"augmented_assignment", SG_ROLE_AUGMENT, bind_augmented},
    {"unary_operator", SG_ROLE_UNARY, NULL},
    {"conditional_expression", SG_ROLE_CHOICE, NULL},
    {"boolean_operator", SG_ROLE_CHOICE, NULL},
    {"parenthesized_expression", SG_ROLE_WRAPPER, NULL},
    {"await", SG_ROLE_WRAPPER, NULL},
    {"list_splat", SG_ROLE_WRAPPER, NULL},
    {"expression_statement", SG_ROLE_NONE, NULL},
    {"named_expression", SG_ROLE_WALRUS, bind_walrus},
    {"assignment", SG_ROLE_ASSIGN, bind_class_body},
    {"function_definition", SG_ROLE_FUNCTION, bind_definition},
    {"parameters", SG_ROLE_NONE, bind_parameters},
    {"lambda", SG_ROLE_LAMBDA, NULL},
    {"lambda_parameters", SG_ROLE_NONE, bind_parameters},
    {"class_definition", SG_ROLE_CLASS, bind_definition},
    {"list_comprehension", SG_ROLE_COMPREHENSION, NULL},
    {"set_comprehension", SG_ROLE_COMPREHENSION, NULL},
    {"dictionary_comprehension", SG_ROLE_COMPREHENSION, NULL},
    {"generator_expression", SG_ROLE_COMPREHENSION, NULL},
    {"for_in_clause", SG_ROLE_NONE, bind_loop},
    {"for_statement", SG_ROLE_CONTROL, bind_loop},
    {"while_statement", SG_ROLE_CONTROL, NULL},
    {"if_statement", SG_ROLE_CONTROL, NULL},
    {"try_statement", SG_ROLE_CONTROL, NULL},
    {"with_statement", SG_ROLE_CONTROL, NULL},
    {"match_statement", SG_ROLE_CONTROL, NULL},
    {"as_pattern", SG_ROLE_NONE, bind_as},
    {"case_pattern", SG_ROLE_NONE, bind_case},
    {"keyword_pattern", SG_ROLE_NONE, label_first},
    {"keyword_argument", SG_ROLE_KEYWORD, label_name},
    {"pair", SG_ROLE_PAIR, bind_pair},
    {"global_statement", SG_ROLE_NONE, bind_global},
    {"nonlocal_statement", SG_ROLE_NONE, bind_global},
    {"delete_statement", SG_ROLE_NONE, bind_delete},
    {"import_statement", SG_ROLE_NONE, bind_import},
    {"import_from_statement", SG_ROLE_NONE, bind_import_from},
    {"comment", SG_ROLE_COMMENT, NULL},
    {NULL, SG_ROLE_NONE, NULL},
};

/* ---- names and strings */

/* PEP 3131: identifiers are compared in the form NFKC. */
static const char *name_of(struct sg_analysis *a, const char *text, size_t n)
{
    utf8proc_uint8_t *form = NULL;
    size_t i = 0;
    while (i < n && (unsigned char)text[i] < 0x80)
        i++;
    if (i == n)
        return NULL;
    utf8proc_ssize_t size = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n, &form,
                                         UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
    const char *copy =
        size >= 0 ? sg_arena_copy(&a->arena, (const char *)form, (size_t)size) : NULL;
    free(form);
    return copy;
}

static bool escape_number(const char *s, size_t n, size_t digits, uint32_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < digits; i++) {
        if (i >= n || !isxdigit((unsigned char)s[i]))
            return false;
        char c = (char)tolower((unsigned char)s[i]);
        *ret = *ret * 16 + (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return *ret < 0x110000;
}

/* One escape at s (behind the backslash); bytes taken, 0: one that is not known here. */
static size_t unescape(struct sg_buf *out, const char *s, size_t n)
{
    static const char simple[] = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v";
    uint32_t c = 0;
    size_t digits = *s == 'x' ? 2 : *s == 'u' ? 4 : *s == 'U' ? 8 : 0;
    if (*s == '\n')
        return 1;
    if (*s == 'N')
        return 0;
    for (size_t i = 0; i + 1 < sizeof simple; i += 2) {
        if (*s == simple[i]) {
            sg_buf_append(out, &simple[i + 1], 1);
            return 1;
        }
    }
    if (digits > 0) {
        if (!escape_number(s + 1, n - 1, digits, &c))
            return 0;
        sg_fold_code_point(out, c);
        return 1 + digits;
    }
    if (*s >= '0' && *s <= '7') {
        size_t i = 0;
        for (; i < 3 && i < n && s[i] >= '0' && s[i] <= '7'; i++)
            c = c * 8 + (uint32_t)(s[i] - '0');
        sg_fold_code_point(out, c);
        return i;
    }
    sg_buf_append(out, "\\", 1);
    return *s == '\0' ? 0 : (sg_buf_append(out, s, 1), 1);
}

/* A constant part of a string. */
static bool append_part(struct sg_buf *out, const char *s, size_t n, bool raw, bool braces)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\\' && !raw && i + 1 < n) {
            size_t taken = unescape(out, s + i + 1, n - i - 1);
            if (taken == 0)
                return false;
            i += taken;
        } else if (braces && (s[i] == '{' || s[i] == '}') && i + 1 < n && s[i + 1] == s[i]) {
            sg_buf_append(out, s + i++, 1);
        } else {
            sg_buf_append(out, s + i, 1);
        }
    }
    return out->len <= SG_VALUE_TEXT_MAX_BYTES;
}

/* {x} of an f-string: only a plain one, since a format may do anything. */
static bool append_interpolation(struct sg_analysis *a, struct sg_buf *out, uint32_t node)
{
    uint32_t first = sg_tree_child(&a->tree, node, 0);
    if (first == SG_NO_NODE || sg_tree_child(&a->tree, node, 1) != SG_NO_NODE)
        return false;
    const struct sg_value *v = sg_eval(a, first);
    while (v && v->kind != SG_VALUE_TEXT && v->kind != SG_VALUE_NUMBER)
        v = v->next;
    return v && sg_fold_append(out, v);
}

static const struct sg_value *string_value(struct sg_analysis *a, uint32_t node)
{
    struct sg_buf b = {0};
    bool raw = false, format = false, known = true;
    for (uint32_t c = a->tree.nodes[node].first; known && c != SG_NO_NODE;
         c = a->tree.nodes[c].next) {
        const struct sg_node *n = &a->tree.nodes[c];
        if (sg_tree_is(&a->tree, c, "string_start")) {
            for (uint32_t i = n->start; i < n->end; i++) {
                raw = raw || tolower((unsigned char)a->tree.text[i]) == 'r';
                format = format || tolower((unsigned char)a->tree.text[i]) == 'f';
            }
        } else if (sg_tree_is(&a->tree, c, "interpolation")) {
            known = append_interpolation(a, &b, c);
        } else if (sg_tree_is(&a->tree, c, "string_content")) {
            known = append_part(&b, a->tree.text + n->start, n->end - n->start, raw, format);
        }
    }
    if (known)
        return sg_fold_take(a, &b);
    sg_buf_done(&b);
    return NULL;
}

static bool bound_of_slice(struct sg_analysis *a, uint32_t node, int64_t *ret)
{
    const struct sg_value *v = sg_value_first(sg_eval(a, node), SG_VALUE_NUMBER);
    if (v)
        *ret = v->number;
    return v != NULL;
}

/* tree-sitter leaves the colons out of what it names: they tell which bound is which. */
static const struct sg_value *slice_value(struct sg_analysis *a, const struct sg_value *base,
                                          uint32_t index)
{
    int64_t bound[3];
    bool given[3] = {false, false, false};
    unsigned at = 0;
    if (!sg_tree_is(&a->tree, index, "slice"))
        return NULL;
    uint32_t pos = a->tree.nodes[index].start, end = a->tree.nodes[index].end;
    uint32_t child = a->tree.nodes[index].first;
    while (pos < end && at < 3) {
        if (child != SG_NO_NODE && pos == a->tree.nodes[child].start) {
            if (a->tree.nodes[child].role != SG_ROLE_COMMENT) {
                if (!bound_of_slice(a, child, &bound[at]))
                    return NULL;
                given[at] = true;
            }
            pos = a->tree.nodes[child].end;
            child = a->tree.nodes[child].next;
            continue;
        }
        at += a->tree.text[pos++] == ':';
    }
    if (base->kind == SG_VALUE_TEXT)
        return sg_fold_slice(a, base, given[0] ? &bound[0] : NULL, given[1] ? &bound[1] : NULL,
                             given[2] ? &bound[2] : NULL);
    if (base->kind == SG_VALUE_LIST && !given[0] && !given[1] && given[2] && bound[2] == -1)
        return sg_fold_reverse(a, base);
    return base->kind == SG_VALUE_LIST ? base : NULL;
}

/* ---- functions that are known */

static const struct sg_value *argument(struct sg_analysis *a, uint32_t call, unsigned i,
                                       const char *keyword)
{
    uint32_t node = sg_call_argument(a, call, i, keyword);
    return node == SG_NO_NODE ? NULL : sg_eval(a, node);
}

static const struct sg_value *call_chr(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *v = sg_value_first(argument(a, call, 0, NULL), SG_VALUE_NUMBER);
    struct sg_buf b = {0};
    if (!v || v->number < 0 || v->number >= 0x110000)
        return NULL;
    sg_fold_code_point(&b, (uint32_t)v->number);
    return sg_fold_take(a, &b);
}

static const struct sg_value *call_ord(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *v = sg_value_first(argument(a, call, 0, NULL), SG_VALUE_TEXT);
    utf8proc_int32_t c;
    if (!v || utf8proc_iterate((const utf8proc_uint8_t *)v->text, (utf8proc_ssize_t)v->n, &c) < 1)
        return NULL;
    return sg_value_number(a, c);
}

/* getattr(x, "name"), object.__getattribute__(x, "name") */
static const struct sg_value *call_getattr(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *set = NULL, *base = argument(a, call, 0, NULL);
    for (const struct sg_value *n = argument(a, call, 1, NULL); n; n = n->next)
        if (n->kind == SG_VALUE_TEXT)
            set = sg_value_join(a, set, sg_eval_member(a, base, n->text));
    return set;
}

static const struct sg_value *call_import(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *set = NULL;
    for (const struct sg_value *n = argument(a, call, 0, "name"); n; n = n->next)
        if (n->kind == SG_VALUE_TEXT)
            set = sg_value_add(a, set, sg_value_module(a, n->text));
    return set;
}

/* vars(x) is x.__dict__; vars() is locals() */
static const struct sg_value *call_vars(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *set = NULL;
    if (sg_call_argument(a, call, 0, NULL) == SG_NO_NODE)
        return sg_value_name(a, "builtins.locals()");
    for (const struct sg_value *v = argument(a, call, 0, NULL); v; v = v->next) {
        char path[SG_PATH_TEXT_MAX + 1];
        if (v->kind == SG_VALUE_NAME &&
            snprintf(path, sizeof path, "%s.__dict__", v->text) < (int)sizeof path)
            set = sg_value_add(a, set, sg_value_name(a, path));
    }
    return set;
}

/* The value itself: str(x), list(x), tuple(x), staticmethod(x), iter(x), functools.partial(x) */
static const struct sg_value *call_same(struct sg_analysis *a, uint32_t call)
{
    return argument(a, call, 0, NULL);
}

static const struct sg_value *call_reversed(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *set = NULL;
    for (const struct sg_value *v = argument(a, call, 0, NULL); v; v = v->next)
        set = sg_value_join(a, set, sg_fold_reverse(a, v));
    return set;
}

/* bytes([101, 118]), bytearray(…); bytes(b"x") is the value itself */
static const struct sg_value *call_bytes(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *v = argument(a, call, 0, NULL);
    struct sg_buf b = {0};
    if (!sg_value_first(v, SG_VALUE_LIST))
        return v;
    for (const struct sg_item *i = sg_value_first(v, SG_VALUE_LIST)->items; i; i = i->next) {
        const struct sg_value *n = sg_value_first(i->values, SG_VALUE_NUMBER);
        if (!n || n->number < 0 || n->number > 255 || b.len > SG_VALUE_TEXT_MAX_BYTES) {
            sg_buf_done(&b);
            return NULL;
        }
        sg_fold_code_point(&b, (uint32_t)n->number);
    }
    return sg_fold_take(a, &b);
}

static const struct sg_value *call_fromhex(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *v = sg_value_first(argument(a, call, 0, NULL), SG_VALUE_TEXT);
    struct sg_buf b = {0};
    for (size_t i = 0; v && i < v->n;) {
        uint32_t c;
        if (isspace((unsigned char)v->text[i])) {
            i++;
            continue;
        }
        if (!escape_number(v->text + i, v->n - i, 2, &c)) {
            sg_buf_done(&b);
            return NULL;
        }
        sg_fold_code_point(&b, c);
        i += 2;
    }
    return v ? sg_fold_take(a, &b) : NULL;
}

/* map(chr, [101, 118]) */
static const struct sg_value *call_map(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *f = sg_value_first(argument(a, call, 0, NULL), SG_VALUE_NAME);
    const struct sg_value *v = sg_value_first(argument(a, call, 1, NULL), SG_VALUE_LIST);
    struct sg_value *list = sg_value_new(a, SG_VALUE_LIST);
    const struct sg_item **end = list ? &list->items : NULL;
    if (!f || !v || !list || strcmp(f->text, "builtins.chr") != 0)
        return NULL;
    for (const struct sg_item *i = v->items; i; i = i->next) {
        const struct sg_value *n = sg_value_first(i->values, SG_VALUE_NUMBER);
        struct sg_item *item = sg_arena_take(&a->arena, sizeof *item);
        struct sg_buf b = {0};
        if (!item || !n || n->number < 0 || n->number >= 0x110000)
            return NULL;
        sg_fold_code_point(&b, (uint32_t)n->number);
        item->values = sg_fold_take(a, &b);
        *end = item;
        end = &item->next;
    }
    return list;
}

/* operator.attrgetter("system")(os) is os.system: the name is kept as the subject. */
static const struct sg_value *call_attrgetter_result(struct sg_analysis *a, uint32_t call,
                                                     const struct sg_value *function)
{
    return function->subject ? sg_eval_member(a, argument(a, call, 0, NULL), function->subject)
                             : NULL;
}

static bool member_value(struct sg_analysis *a, const struct sg_value *base, const char *name,
                         const struct sg_value **ret);

/* globals().get("eval"): as globals()["eval"] */
static bool call_lookup(struct sg_analysis *a, uint32_t call, const struct sg_value *function,
                        const struct sg_value **ret)
{
    static const char *const methods[] = {".get", ".pop", ".setdefault", ".__getitem__"};
    const struct sg_value *one, *name = argument(a, call, 0, NULL);
    bool is_namespace = false;
    for (size_t i = 0; i < SG_ARRAY_LEN(methods); i++) {
        size_t n = strlen(methods[i]);
        if (function->n <= n || strcmp(function->text + function->n - n, methods[i]) != 0)
            continue;
        char *path = sg_arena_copy(&a->arena, function->text, function->n - n);
        struct sg_value base = {.kind = SG_VALUE_NAME, .text = path, .n = function->n - n};
        *ret = NULL;
        for (; path && name; name = name->next)
            if (name->kind == SG_VALUE_TEXT && member_value(a, &base, name->text, &one)) {
                is_namespace = true;
                *ret = sg_value_join(a, *ret, one);
            }
    }
    return is_namespace;
}

static const struct known {
    const char *path;
    const struct sg_value *(*call)(struct sg_analysis *a, uint32_t call);
} known[] = {
    {"builtins.chr", call_chr},
    {"builtins.ord", call_ord},
    {"builtins.getattr", call_getattr},
    {"builtins.vars", call_vars},
    {"builtins.object.__getattribute__", call_getattr},
    {"builtins.type.__getattribute__", call_getattr},
    {"builtins.__import__", call_import},
    {"importlib.import_module", call_import},
    {"importlib.__import__", call_import},
    {"builtins.str", call_same},
    {"builtins.list", call_same},
    {"builtins.tuple", call_same},
    {"builtins.iter", call_same},
    {"builtins.next", call_same},
    {"builtins.staticmethod", call_same},
    {"functools.partial", call_same},
    {"functools.wraps", call_same},
    {"builtins.reversed", call_reversed},
    {"builtins.bytes", call_bytes},
    {"builtins.bytearray", call_bytes},
    {"builtins.bytes.fromhex", call_fromhex},
    {"builtins.bytearray.fromhex", call_fromhex},
    {"builtins.map", call_map},
};

static bool call_value(struct sg_analysis *a, uint32_t call, const struct sg_value *function,
                       const struct sg_value **ret)
{
    for (size_t i = 0; i < SG_ARRAY_LEN(known); i++) {
        if (strcmp(function->text, known[i].path) == 0) {
            *ret = known[i].call(a, call);
            return true;
        }
    }
    if (call_lookup(a, call, function, ret))
        return true;
    if (strcmp(function->text, "operator.attrgetter()") == 0 ||
        strcmp(function->text, "operator.itemgetter()") == 0) {
        *ret = call_attrgetter_result(a, call, function);
        return true;
    }
    return false;
}

/* "{}{}".format(a, b), "{0}", "{x}"; without formats */
static const struct sg_value *method_format(struct sg_analysis *a, uint32_t call,
                                            const struct sg_value *base)
{
    struct sg_buf b = {0};
    unsigned next = 0;
    bool known_all = true;
    for (size_t i = 0; i < base->n && known_all; i++) {
        const char *s = base->text + i;
        if (*s != '{' || s[1] == '{') {
            i += *s == '{' || (*s == '}' && s[1] == '}');
            sg_buf_append(&b, s, 1);
            continue;
        }
        size_t n = strcspn(s + 1, "}");
        char field[32];
        uint64_t number = next;
        known_all = n < sizeof field && s[1 + n] == '}';
        if (!known_all)
            break;
        memcpy(field, s + 1, n);
        field[n] = '\0';
        bool by_name = n > 0 && sg_str_to_u64(field, &number) < 0;
        next += n == 0;
        const struct sg_value *v =
            argument(a, call, by_name ? 1000 : (unsigned)(number & 255), by_name ? field : NULL);
        while (v && v->kind != SG_VALUE_TEXT && v->kind != SG_VALUE_NUMBER)
            v = v->next;
        known_all = v && sg_fold_append(&b, v);
        i += n + 1;
    }
    if (known_all)
        return sg_fold_take(a, &b);
    sg_buf_done(&b);
    return NULL;
}

static const struct sg_value *method_of_text(struct sg_analysis *a, uint32_t call,
                                             const struct sg_value *base, const char *name)
{
    const struct sg_value *x = argument(a, call, 0, NULL);
    const struct sg_value *text = sg_value_first(x, SG_VALUE_TEXT);
    const char *set = text ? text->text : NULL;
    if (strcmp(name, "join") == 0)
        return x ? sg_fold_join(a, base,
                                sg_value_first(x, SG_VALUE_LIST) ? sg_value_first(x, SG_VALUE_LIST)
                                                                 : x)
                 : NULL;
    if (strcmp(name, "replace") == 0)
        return sg_fold_replace(a, base, text,
                               sg_value_first(argument(a, call, 1, NULL), SG_VALUE_TEXT));
    if (strcmp(name, "lower") == 0 || strcmp(name, "casefold") == 0)
        return sg_fold_case(a, base, false);
    if (strcmp(name, "upper") == 0)
        return sg_fold_case(a, base, true);
    if (strcmp(name, "strip") == 0)
        return sg_fold_strip(a, base, set, true, true);
    if (strcmp(name, "lstrip") == 0)
        return sg_fold_strip(a, base, set, true, false);
    if (strcmp(name, "rstrip") == 0)
        return sg_fold_strip(a, base, set, false, true);
    if (strcmp(name, "split") == 0)
        return sg_fold_split(a, base, set ? set : " ");
    if (strcmp(name, "format") == 0)
        return method_format(a, call, base);
    bool same = strcmp(name, "decode") == 0 || strcmp(name, "encode") == 0;
    bool plain = !text || strchr("uUaAlL", text->text[0]); /* utf-8, ascii, latin-1 */
    if (strcmp(name, "removeprefix") == 0 && text && sg_str_starts(base->text, text->text))
        return sg_value_text(a, base->text + text->n, base->n - text->n);
    return same && plain ? base : NULL;
}

static bool method_value(struct sg_analysis *a, uint32_t call, const struct sg_value *base,
                         const char *name, const struct sg_value **ret)
{
    *ret = base->kind == SG_VALUE_TEXT ? method_of_text(a, call, base, name) : NULL;
    return true;
}

/* ---- paths */

static const char *canonical(struct sg_analysis *a, const char *path)
{
    static const char own[] = "builtins.__builtins__.";
    static const char *const same[][2] = {
        {"posix.", "os."},       {"nt.", "os."},  {"_pickle.", "pickle."},
        {"cPickle.", "pickle."}, {"_io.", "io."}, {"pathlib.PosixPath", "pathlib.Path"},
    };
    if (sg_str_starts(path, own)) {
        sg_auto(sg_buf) struct sg_buf b = {0};
        sg_buf_printf(&b, "builtins.%s", path + sizeof own - 1);
        const char *copy = sg_arena_copy(&a->arena, b.data ? b.data : "", b.len);
        return copy ? copy : path;
    }
    for (size_t i = 0; i < SG_ARRAY_LEN(same); i++) {
        size_t n = strlen(same[i][0]);
        if (strncmp(path, same[i][0], n) != 0)
            continue;
        sg_auto(sg_buf) struct sg_buf b = {0};
        sg_buf_printf(&b, "%s%s", same[i][1], path + n);
        const char *copy = sg_arena_copy(&a->arena, b.data ? b.data : "", b.len);
        return copy ? copy : path;
    }
    return path;
}

/* Modules keep what they have imported: random._os is os. */
static bool is_reexport(const char *module, const char *name)
{
    static const char *const modules[] = {"os",       "sys",    "subprocess", "socket",
                                          "builtins", "shutil", "ctypes",     "importlib",
                                          "posix",    "signal", "pickle"};
    size_t skip = *name == '_';
    if (strcmp(module, "asyncio") == 0) /* a module of its own: asyncio.subprocess */
        return false;
    for (size_t i = 0; i < SG_ARRAY_LEN(modules); i++) {
        bool plain = strcmp(modules[i], "signal") != 0 && strcmp(modules[i], "pickle") != 0;
        if (strcmp(name + skip, modules[i]) == 0 && (skip || plain))
            return strcmp(module + (*module == '_'), modules[i]) != 0;
    }
    return false;
}

/* What is in a namespace that is reached as a dictionary, and of what that path is the dictionary.
 */
static bool member_value(struct sg_analysis *a, const struct sg_value *base, const char *name,
                         const struct sg_value **ret)
{
    static const char dict[] = ".__dict__";
    size_t n = base->n, m = sizeof dict - 1;
    if (strcmp(base->text, "builtins.globals()") == 0 ||
        strcmp(base->text, "builtins.locals()") == 0) {
        *ret = sg_name_global(a, name, 0);
        return true;
    }
    if (strcmp(base->text, "sys.modules") == 0) {
        *ret = sg_value_module(a, name);
        return true;
    }
    if (n > m && strcmp(base->text + n - m, dict) == 0) {
        char path[SG_PATH_TEXT_MAX + 1];
        if (snprintf(path, sizeof path, "%.*s.%s", (int)(n - m), base->text, name) >=
            (int)sizeof path)
            return false;
        *ret = sg_value_name(a, path);
        return true;
    }
    if (base->module && is_reexport(base->text, name)) {
        *ret = sg_value_module(a, *name == '_' ? name + 1 : name);
        return true;
    }
    static const char self[] = ".__self__"; /* of a builtin function: the module */
    bool builtin_self = sg_str_starts(base->text, "builtins.") && n >= sizeof self &&
                        strcmp(base->text + n - (sizeof self - 1), self) == 0;
    if (builtin_self || strcmp(base->text, "builtins.__builtins__") == 0 ||
        strcmp(base->text, "builtins") == 0) {
        char path[SG_PATH_TEXT_MAX + 1];
        if (snprintf(path, sizeof path, "builtins.%s", name) >= (int)sizeof path)
            return false;
        *ret = sg_value_name(a, path);
        return true;
    }
    return false;
}

/* ---- imports */

static void imports(struct sg_analysis *a, uint32_t node, sg_tell_module *tell, void *arg)
{
    bool from = sg_tree_is(&a->tree, node, "import_from_statement");
    if (!from && !sg_tree_is(&a->tree, node, "import_statement"))
        return;
    uint32_t module = sg_node_field(a, node, SG_FIELD_MODULE);
    const char *path = from && module != SG_NO_NODE ? module_path(a, module) : NULL;
    if (from && !path)
        return;
    if (from && tell(arg, node, path))
        return; /* and not of what is below it, again */
    for (uint32_t c = from ? a->tree.nodes[module].next : a->tree.nodes[node].first;
         c != SG_NO_NODE; c = a->tree.nodes[c].next) {
        char whole[SG_PATH_TEXT_MAX + 1];
        uint32_t name = sg_node_field(a, c, SG_FIELD_NAME);
        const char *what = module_path(a, name == SG_NO_NODE ? c : name);
        if (!what || !*what)
            continue;
        if (snprintf(whole, sizeof whole, "%s%s%s", from ? path : "", from ? "." : "", what) <
            (int)sizeof whole)
            tell(arg, c, whole);
    }
}

/* ---- the text as a whole */

/* The interpreter ends a line at a carriage return as well; the grammar does not: in a comment it
   would not see what comes behind it. */
static void prepare(char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] == '\r' && (i + 1 == n || text[i + 1] != '\n'))
            text[i] = '\n';
}

/* PEP 263: "coding[:=]\s*([-\w.]+)" in a comment of the first two lines. */
static size_t coding_name(const char *line, size_t n, const char **ret)
{
    size_t i = 0;
    while (i < n && (line[i] == ' ' || line[i] == '\t' || line[i] == '\f'))
        i++;
    if (i == n || line[i] != '#')
        return 0;
    for (; i + 7 < n; i++) {
        if (memcmp(line + i, "coding", 6) != 0 || (line[i + 6] != ':' && line[i + 6] != '='))
            continue;
        size_t from = i + 7, to;
        while (from < n && (line[from] == ' ' || line[from] == '\t'))
            from++;
        for (to = from; to < n && (isalnum((unsigned char)line[to]) || strchr("-_.", line[to]));)
            to++;
        *ret = line + from;
        return to - from;
    }
    return 0;
}

static const char *encoding(const char *text, size_t n)
{
    static const char *const fine[] = {"utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii"};
    static const char *const one_byte[] = {"latin-1",     "latin1", "iso-8859-1",  "iso8859-1",
                                           "iso-8859-15", "cp1252", "windows-1252"};
    const char *at = text, *end = text + n, *name = NULL;
    bool ascii = true;
    for (size_t i = 0; i < n; i++)
        ascii = ascii && (unsigned char)text[i] < 0x80;
    if (n >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    for (int line = 0; line < 2 && at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t size = stop ? (size_t)(stop - at) : (size_t)(end - at);
        size_t length = coding_name(at, size, &name);
        char word[32] = "";
        if (length > 0) {
            for (size_t i = 0; i < length && i + 1 < sizeof word; i++)
                word[i] = (char)(name[i] == '_' ? '-' : tolower((unsigned char)name[i]));
            for (size_t i = 0; i < SG_ARRAY_LEN(fine); i++)
                if (strcmp(word, fine[i]) == 0)
                    return NULL;
            for (size_t i = 0; ascii && i < SG_ARRAY_LEN(one_byte); i++)
                if (strcmp(word, one_byte[i]) == 0)
                    return NULL;
            return name;
        }
        at = stop ? stop + 1 : end;
    }
    return NULL;
}

static const struct sg_member_function member_functions[] = {
    {"builtins.getattr", 1},
    {"builtins.setattr", 1},
    {"builtins.delattr", 1},
    {"builtins.hasattr", 1},
    {"builtins.object.__getattribute__", 1},
    {"builtins.type.__getattribute__", 1},
    {"operator.attrgetter", 0},
    {NULL, 0},
};

static const char *const aliases[] = {"python3", "py", NULL};
static const char *const extensions[] = {"py", "pyw", "pyi", NULL};
static const char *const binary[] = {"pyc", "pyo", "so", "pyd", "pth", "egg", "whl", NULL};

struct sg_language sg_language_python = {
    .name = "python",
    .aliases = aliases,
    .extensions = extensions,
    .binary = binary,
    .builtins = "builtins.",
    .conditional_module_scope = true,
    .class_scope_is_hidden = true,
    .grammar = tree_sitter_python,
    .roles = roles,
    .fields = {[SG_FIELD_OBJECT] = "object",
               [SG_FIELD_ATTRIBUTE] = "attribute",
               [SG_FIELD_BASE] = "value",
               [SG_FIELD_INDEX] = "subscript",
               [SG_FIELD_FUNCTION] = "function",
               [SG_FIELD_ARGUMENTS] = "arguments",
               [SG_FIELD_LEFT] = "left",
               [SG_FIELD_RIGHT] = "right",
               [SG_FIELD_OPERATOR] = "operator",
               [SG_FIELD_NAME] = "name",
               [SG_FIELD_VALUE] = "value",
               [SG_FIELD_KEY] = "key",
               [SG_FIELD_BODY] = "body",
               [SG_FIELD_PARAMETERS] = "parameters",
               [SG_FIELD_ALIAS] = "alias",
               [SG_FIELD_MODULE] = "module_name",
               [SG_FIELD_CONDITION] = "condition"},
    .prepare = prepare,
    .encoding = encoding,
    .name_of = name_of,
    .string = string_value,
    .slice = slice_value,
    .call = call_value,
    .method = method_value,
    .canonical = canonical,
    .member = member_value,
    .member_functions = member_functions,
    .imports = imports,
};
