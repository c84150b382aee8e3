/* javascript.c: names and constants of JavaScript as Node.js runs it (ECMA-262, Node's modules) */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/validate/analysis.h"
#include "core/validate/fold.h"
#include "core/validate/language.h"

const TSLanguage *tree_sitter_javascript(void);

static const struct sg_origin unknown = {.kind = SG_ORIGIN_UNKNOWN};
static const struct sg_origin local = {.kind = SG_ORIGIN_LOCAL};

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

static const struct sg_origin *member_of(struct sg_analysis *a, const struct sg_origin *of,
                                         const char *name)
{
    return sg_origin(a, (struct sg_origin){.kind = SG_ORIGIN_MEMBER, .of = of, .name = name});
}

/* A key of an object or of a pattern: a name, a string, [a computed one]; NULL: not known. */
static const char *key_name(struct sg_analysis *a, uint32_t key)
{
    if (key == SG_NO_NODE)
        return NULL;
    if (sg_tree_is(&a->tree, key, "property_identifier") ||
        sg_tree_is(&a->tree, key, "shorthand_property_identifier_pattern") ||
        a->tree.nodes[key].role == SG_ROLE_NAME)
        return sg_node_name(a, key);
    if (sg_tree_is(&a->tree, key, "computed_property_name"))
        key = sg_tree_child(&a->tree, key, 0);
    const struct sg_value *v =
        key == SG_NO_NODE ? NULL : sg_value_first(sg_eval(a, key), SG_VALUE_TEXT);
    return v ? v->text : NULL;
}

/* Scope SG_SCOPE_ASSIGNED: an assignment, not a declaration. */
static void bind_pattern(struct sg_analysis *a, uint32_t target, uint32_t scope,
                         const struct sg_origin *from);

static void bind_object_pattern(struct sg_analysis *a, uint32_t target, uint32_t scope,
                                const struct sg_origin *from)
{
    for (uint32_t c = a->tree.nodes[target].first; c != SG_NO_NODE; c = a->tree.nodes[c].next) {
        uint32_t value = sg_node_field(a, c, SG_FIELD_VALUE),
                 key = sg_node_field(a, c, SG_FIELD_KEY);
        if (value == SG_NO_NODE) { /* {a}, {a = 1}, {...a} */
            uint32_t left = sg_node_field(a, c, SG_FIELD_LEFT);
            key = left == SG_NO_NODE ? c : left;
            value = c;
        }
        const char *name = key_name(a, key);
        const struct sg_origin *what = name ? member_of(a, from, name) : &unknown;
        if (name)
            sg_note_read(a, key, what);
        bind_pattern(a, value, scope, what);
    }
}

static void bind_pattern(struct sg_analysis *a, uint32_t target, uint32_t scope,
                         const struct sg_origin *from)
{
    if (target == SG_NO_NODE)
        return;
    struct sg_node *n = &a->tree.nodes[target];
    if (n->role == SG_ROLE_NAME ||
        sg_tree_is(&a->tree, target, "shorthand_property_identifier_pattern")) {
        n->flags |= SG_NODE_LABEL;
        sg_name_bind(a, scope, sg_node_name(a, target), target, from);
    } else if (n->role == SG_ROLE_MEMBER) {
        uint32_t name = sg_node_field(a, target, SG_FIELD_ATTRIBUTE);
        if (name != SG_NO_NODE)
            sg_name_bind(a, SG_SCOPE_MEMBERS, sg_node_name(a, name), target, from);
    } else if (n->role == SG_ROLE_INDEX) {
        const char *name = key_name(a, sg_node_field(a, target, SG_FIELD_INDEX));
        if (name)
            sg_name_bind(a, SG_SCOPE_MEMBERS, name, target, from);
    } else if (sg_tree_is(&a->tree, target, "object_pattern")) {
        bind_object_pattern(a, target, scope, from);
    } else if (sg_tree_is(&a->tree, target, "array_pattern")) {
        for (unsigned i = 0;; i++) {
            uint32_t c = sg_tree_child(&a->tree, target, i);
            if (c == SG_NO_NODE)
                break;
            bind_pattern(
                a, c, scope,
                sg_origin(a, (struct sg_origin){.kind = SG_ORIGIN_ITEM, .of = from, .index = i}));
        }
    } else if (sg_node_field(a, target, SG_FIELD_LEFT) != SG_NO_NODE) { /* with a default value */
        uint32_t left = sg_node_field(a, target, SG_FIELD_LEFT);
        bind_pattern(a, left, scope, from);
        bind_pattern(a, left, scope, of_node(a, sg_node_field(a, target, SG_FIELD_RIGHT)));
    } else {
        bind_pattern(a, sg_tree_child(&a->tree, target, 0), scope, &unknown); /* ...rest, (x) */
    }
}

/* var belongs to the function, let and const to the block. */
static uint32_t declaration_scope(const struct sg_analysis *a, uint32_t node)
{
    uint32_t scope = a->tree.nodes[node].scope, parent = a->tree.nodes[node].parent;
    bool is_var = sg_tree_is(&a->tree, parent, "variable_declaration");
    while (is_var && scope != 0 && a->tree.nodes[scope].role == SG_ROLE_BLOCK)
        scope = a->tree.nodes[scope].scope;
    return scope;
}

static void bind_declarator(struct sg_analysis *a, uint32_t node)
{
    uint32_t value = sg_node_field(a, node, SG_FIELD_VALUE);
    bind_pattern(a, sg_node_field(a, node, SG_FIELD_NAME), declaration_scope(a, node),
                 value == SG_NO_NODE ? &unknown : of_node(a, value));
}

static void bind_assignment(struct sg_analysis *a, uint32_t node)
{
    bind_pattern(a, sg_node_field(a, node, SG_FIELD_LEFT), SG_SCOPE_ASSIGNED,
                 of_node(a, sg_node_field(a, node, SG_FIELD_RIGHT)));
}

static void bind_augmented(struct sg_analysis *a, uint32_t node)
{
    uint32_t left = sg_node_field(a, node, SG_FIELD_LEFT);
    if (left == SG_NO_NODE || a->tree.nodes[left].role != SG_ROLE_NAME)
        return;
    sg_name_bind(a, SG_SCOPE_ASSIGNED, sg_node_name(a, left), left, of_node(a, node));
    sg_name_bind(a, SG_SCOPE_ASSIGNED, sg_node_name(a, left), left,
                 of_node(a, sg_node_field(a, node, SG_FIELD_RIGHT))); /* ||= and its like */
}

static void bind_loop(struct sg_analysis *a, uint32_t node)
{
    const struct sg_origin *element =
        sg_origin(a, (struct sg_origin){.kind = SG_ORIGIN_ELEMENT,
                                        .of = of_node(a, sg_node_field(a, node, SG_FIELD_RIGHT))});
    uint32_t left = sg_node_field(a, node, SG_FIELD_LEFT);
    bool declares = left != SG_NO_NODE && a->tree.nodes[node].first != left; /* its kind is first */
    bind_pattern(a, left, declares ? node : SG_SCOPE_ASSIGNED, element);
}

/* x.then(f): what f gets is what x promises. */
static const struct sg_origin *promised(struct sg_analysis *a, uint32_t function)
{
    uint32_t list = a->tree.nodes[function].parent;
    uint32_t call = list == SG_NO_NODE ? list : a->tree.nodes[list].parent;
    if (call == SG_NO_NODE || a->tree.nodes[call].role != SG_ROLE_CALL)
        return &unknown;
    uint32_t member = sg_node_field(a, call, SG_FIELD_FUNCTION);
    uint32_t name = sg_node_field(a, member, SG_FIELD_ATTRIBUTE);
    if (name == SG_NO_NODE || !sg_node_text_is(a, name, "then"))
        return &unknown;
    return of_node(a, sg_node_field(a, member, SG_FIELD_OBJECT));
}

static void bind_parameters(struct sg_analysis *a, uint32_t node)
{
    const struct sg_origin *from = promised(a, a->tree.nodes[node].parent);
    for (uint32_t c = a->tree.nodes[node].first; c != SG_NO_NODE; c = a->tree.nodes[c].next) {
        bind_pattern(a, c, a->tree.nodes[c].scope, from);
        from = &unknown;
    }
}

/* The one parameter of x => y has no list around it. */
static void bind_arrow(struct sg_analysis *a, uint32_t node)
{
    uint32_t parameter = sg_node_field(a, node, SG_FIELD_PARAMETER);
    bind_pattern(a, parameter, node, promised(a, node));
}

static void bind_definition(struct sg_analysis *a, uint32_t node)
{
    uint32_t name = sg_node_field(a, node, SG_FIELD_NAME);
    if (name == SG_NO_NODE || a->tree.nodes[name].role != SG_ROLE_NAME)
        return;
    mark_label(a, name);
    sg_name_bind(a, a->tree.nodes[name].scope, sg_node_name(a, name), name, &local);
}

static void bind_catch(struct sg_analysis *a, uint32_t node)
{
    bind_pattern(a, sg_node_field(a, node, SG_FIELD_PARAMETER), node, &unknown);
}

/* "fs" of a string node, without "node:". */
static const char *module_of(struct sg_analysis *a, uint32_t source)
{
    const struct sg_value *v =
        source == SG_NO_NODE ? NULL : sg_value_first(sg_eval(a, source), SG_VALUE_TEXT);
    return !v ? NULL : sg_str_starts(v->text, "node:") ? v->text + 5 : v->text;
}

static void bind_import_part(struct sg_analysis *a, uint32_t c, const struct sg_origin *module)
{
    uint32_t name = sg_node_field(a, c, SG_FIELD_NAME), alias = sg_node_field(a, c, SG_FIELD_ALIAS);
    if (sg_tree_is(&a->tree, c, "import_specifier") && name != SG_NO_NODE) {
        const char *text = key_name(a, name);
        const struct sg_origin *what = text ? member_of(a, module, text) : &unknown;
        uint32_t bound = alias == SG_NO_NODE ? name : alias;
        mark_label(a, name);
        mark_label(a, bound);
        sg_name_bind(a, 0, sg_node_name(a, bound), bound, what);
        sg_note_read(a, c, what);
        return;
    }
    if (a->tree.nodes[c].role == SG_ROLE_NAME) {
        mark_label(a, c);
        sg_name_bind(a, 0, sg_node_name(a, c), c, module);
        return;
    }
    for (c = a->tree.nodes[c].first; c != SG_NO_NODE; c = a->tree.nodes[c].next)
        bind_import_part(a, c, module);
}

static void bind_import(struct sg_analysis *a, uint32_t node)
{
    uint32_t source = sg_node_field(a, node, SG_FIELD_MODULE);
    const char *path = module_of(a, source);
    const struct sg_origin *module =
        path ? sg_origin(a, (struct sg_origin){.kind = SG_ORIGIN_MODULE, .name = path}) : &unknown;
    for (uint32_t c = a->tree.nodes[node].first; c != SG_NO_NODE; c = a->tree.nodes[c].next)
        if (c != source)
            bind_import_part(a, c, module);
}

/* export {exec} from "child_process": names that are read, and bound nowhere. */
static void bind_export(struct sg_analysis *a, uint32_t node)
{
    const char *path = module_of(a, sg_node_field(a, node, SG_FIELD_MODULE));
    if (!path)
        return;
    const struct sg_origin *module =
        sg_origin(a, (struct sg_origin){.kind = SG_ORIGIN_MODULE, .name = path});
    for (uint32_t c = node + 1;
         c < a->tree.count && a->tree.nodes[c].start < a->tree.nodes[node].end; c++) {
        uint32_t name = sg_node_field(a, c, SG_FIELD_NAME);
        if (!sg_tree_is(&a->tree, c, "export_specifier") || name == SG_NO_NODE)
            continue;
        const char *text = key_name(a, name);
        mark_label(a, name);
        mark_label(a, sg_node_field(a, c, SG_FIELD_ALIAS));
        if (text)
            sg_note_read(a, c, member_of(a, module, text));
    }
}

static void bind_pair(struct sg_analysis *a, uint32_t node)
{
    uint32_t value = sg_node_field(a, node, SG_FIELD_VALUE);
    const char *name = key_name(a, sg_node_field(a, node, SG_FIELD_KEY));
    if (name && value != SG_NO_NODE)
        sg_name_bind(a, SG_SCOPE_MEMBERS, name, value, of_node(a, value));
}

static void bind_shorthand(struct sg_analysis *a, uint32_t node)
{
    sg_name_bind(a, SG_SCOPE_MEMBERS, sg_node_name(a, node), node, of_node(a, node));
}

static void bind_field(struct sg_analysis *a, uint32_t node)
{
    uint32_t value = sg_node_field(a, node, SG_FIELD_VALUE);
    const char *name = key_name(a, sg_node_field(a, node, SG_FIELD_ATTRIBUTE));
    if (name && value != SG_NO_NODE)
        sg_name_bind(a, SG_SCOPE_MEMBERS, name, value, of_node(a, value));
}

static const struct sg_role_row roles[] = {
    {"identifier", SG_ROLE_NAME, NULL},
    {"shorthand_property_identifier", SG_ROLE_NAME, bind_shorthand},
    {"import", SG_ROLE_NAME, NULL},
    {"undefined", SG_ROLE_CONSTANT, NULL},
    {"this", SG_ROLE_SELF, NULL},
    {"member_expression", SG_ROLE_MEMBER, NULL},
    {"subscript_expression", SG_ROLE_INDEX, NULL},
    {"call_expression", SG_ROLE_CALL, NULL},
    {"new_expression", SG_ROLE_CALL, NULL},
    {"string", SG_ROLE_STRING, NULL},
    {"template_string", SG_ROLE_STRING, NULL},
    {"number", SG_ROLE_NUMBER, NULL},
    {"true", SG_ROLE_CONSTANT, NULL},
    {"false", SG_ROLE_CONSTANT, NULL},
    {"null", SG_ROLE_CONSTANT, NULL},
    {"array", SG_ROLE_LIST, NULL},
    {"arguments", SG_ROLE_LIST, NULL},
    {"object", SG_ROLE_DICT, NULL},
    {"pair", SG_ROLE_PAIR, bind_pair},
    {"binary_expression", SG_ROLE_BINARY, NULL},
    {"unary_expression", SG_ROLE_UNARY, NULL},
    {"ternary_expression", SG_ROLE_CHOICE, NULL},
    {"parenthesized_expression", SG_ROLE_WRAPPER, NULL},
    {"sequence_expression", SG_ROLE_WRAPPER, NULL},
    {"await_expression", SG_ROLE_WRAPPER, NULL},
    {"spread_element", SG_ROLE_WRAPPER, NULL},
    {"variable_declarator", SG_ROLE_NONE, bind_declarator},
    {"assignment_expression", SG_ROLE_ASSIGN, bind_assignment},
    {"augmented_assignment_expression", SG_ROLE_AUGMENT, bind_augmented},
    {"function_declaration", SG_ROLE_FUNCTION, bind_definition},
    {"generator_function_declaration", SG_ROLE_FUNCTION, bind_definition},
    {"method_definition", SG_ROLE_FUNCTION, NULL},
    {"function_expression", SG_ROLE_LAMBDA, bind_definition},
    {"generator_function", SG_ROLE_LAMBDA, bind_definition},
    {"arrow_function", SG_ROLE_LAMBDA, bind_arrow},
    {"formal_parameters", SG_ROLE_NONE, bind_parameters},
    {"class_declaration", SG_ROLE_CLASS, bind_definition},
    {"class", SG_ROLE_CLASS, bind_definition},
    {"field_definition", SG_ROLE_NONE, bind_field},
    {"statement_block", SG_ROLE_BLOCK, NULL},
    {"for_statement", SG_ROLE_BLOCK, NULL},
    {"for_in_statement", SG_ROLE_BLOCK, bind_loop},
    {"catch_clause", SG_ROLE_BLOCK, bind_catch},
    {"switch_body", SG_ROLE_BLOCK, NULL},
    {"import_statement", SG_ROLE_NONE, bind_import},
    {"export_statement", SG_ROLE_NONE, bind_export},
    {"comment", SG_ROLE_COMMENT, NULL},
    {NULL, SG_ROLE_NONE, NULL},
};

/* ---- names and strings */

/* \u0065 and \u{65} behind the backslash; bytes taken, 0: none of them. */
static size_t unicode_escape(struct sg_buf *out, const char *s, size_t n)
{
    uint32_t c = 0;
    bool braces = n > 1 && s[1] == '{';
    size_t i = braces ? 2 : 1, digits = 0;
    for (; i < n && isxdigit((unsigned char)s[i]) && (braces || digits < 4); i++, digits++) {
        char d = (char)tolower((unsigned char)s[i]);
        c = c * 16 + (uint32_t)(d <= '9' ? d - '0' : d - 'a' + 10);
        if (c > 0x10ffff)
            return 0;
    }
    if (digits == 0 || (braces ? i >= n || s[i] != '}' : digits != 4))
        return 0;
    sg_fold_code_point(out, c);
    return i + braces;
}

static const char *name_of(struct sg_analysis *a, const char *text, size_t n)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    if (!memchr(text, '\\', n))
        return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t taken = text[i] == '\\' && i + 1 < n && text[i + 1] == 'u'
                           ? unicode_escape(&b, text + i + 1, n - i - 1)
                           : 0;
        if (taken)
            i += taken;
        else
            sg_buf_append(&b, text + i, 1);
    }
    return sg_arena_copy(&a->arena, b.data ? b.data : "", b.len);
}

/* An escape_sequence node's text, backslash included. */
static bool append_escape(struct sg_buf *out, const char *s, size_t n)
{
    static const char simple[] = "b\bf\fn\nr\rt\tv\v0\0";
    if (n < 2)
        return false;
    if (s[1] == 'u')
        return unicode_escape(out, s + 1, n - 1) > 0;
    if (s[1] == 'x' && n == 4 && isxdigit((unsigned char)s[2]) && isxdigit((unsigned char)s[3])) {
        char hex[8] = {'u', '0', '0', s[2], s[3]};
        return unicode_escape(out, hex, 5) > 0;
    }
    if (s[1] == '\n' || s[1] == '\r')
        return true;
    for (size_t i = 0; i + 2 < sizeof simple; i += 2) {
        if (s[1] == simple[i] && n == 2) {
            sg_buf_append(out, &simple[i + 1], 1);
            return true;
        }
    }
    if (isdigit((unsigned char)s[1]))
        return false; /* octal: unknown will do */
    sg_buf_append(out, s + 1, n - 1);
    return true;
}

static const struct sg_value *string_value(struct sg_analysis *a, uint32_t node)
{
    struct sg_buf b = {0};
    bool known = true;
    for (uint32_t c = a->tree.nodes[node].first; known && c != SG_NO_NODE;
         c = a->tree.nodes[c].next) {
        const struct sg_node *n = &a->tree.nodes[c];
        const char *s = a->tree.text + n->start;
        if (sg_tree_is(&a->tree, c, "escape_sequence")) {
            known = append_escape(&b, s, n->end - n->start);
        } else if (sg_tree_is(&a->tree, c, "string_fragment")) {
            sg_buf_append(&b, s, n->end - n->start);
        } else if (sg_tree_is(&a->tree, c, "template_substitution")) {
            const struct sg_value *v = sg_eval(a, sg_tree_child(&a->tree, c, 0));
            while (v && v->kind != SG_VALUE_TEXT && v->kind != SG_VALUE_NUMBER)
                v = v->next;
            known = v && sg_fold_append(&b, v);
        }
        known = known && b.len <= SG_VALUE_TEXT_MAX_BYTES;
    }
    if (known)
        return sg_fold_take(a, &b);
    sg_buf_done(&b);
    return NULL;
}

/* ---- functions that are known */

static const struct sg_value *argument(struct sg_analysis *a, uint32_t call, unsigned i)
{
    uint32_t node = sg_call_argument(a, call, i, NULL);
    return node == SG_NO_NODE ? NULL : sg_eval(a, node);
}

static const struct sg_value *call_require(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *set = NULL;
    for (const struct sg_value *v = argument(a, call, 0); v; v = v->next)
        if (v->kind == SG_VALUE_TEXT)
            set = sg_value_add(
                a, set,
                sg_value_module(a, sg_str_starts(v->text, "node:") ? v->text + 5 : v->text));
    return set;
}

static const struct sg_value *call_from_char_code(struct sg_analysis *a, uint32_t call)
{
    struct sg_buf b = {0};
    for (unsigned i = 0;; i++) {
        uint32_t node = sg_call_argument(a, call, i, NULL);
        if (node == SG_NO_NODE)
            return sg_fold_take(a, &b);
        const struct sg_value *v = sg_value_first(sg_eval(a, node), SG_VALUE_NUMBER);
        const struct sg_value *list = sg_value_first(sg_eval(a, node), SG_VALUE_LIST);
        const struct sg_item *item = list ? list->items : NULL; /* ...[101, 118] */
        do {
            v = item ? sg_value_first(item->values, SG_VALUE_NUMBER) : v;
            if (!v || v->number < 0 || v->number >= 0x110000 || b.len > SG_VALUE_TEXT_MAX_BYTES) {
                sg_buf_done(&b);
                return NULL;
            }
            sg_fold_code_point(&b, (uint32_t)v->number);
            item = item ? item->next : NULL;
        } while (item);
    }
}

/* atob, and Buffer.from(x, "base64") of a constant */
static const struct sg_value *decode_base64(struct sg_analysis *a, const struct sg_value *text)
{
    struct sg_buf b = {0};
    if (!text || sg_base64_decode(&b, text->text, text->n) < 0) {
        sg_buf_done(&b);
        return NULL;
    }
    return sg_fold_take(a, &b);
}

static const struct sg_value *call_atob(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *set = sg_value_name(a, "atob()");
    return sg_value_join(a, set,
                         decode_base64(a, sg_value_first(argument(a, call, 0), SG_VALUE_TEXT)));
}

/* Reflect.get(x, "name") */
static const struct sg_value *call_reflect_get(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *set = NULL, *base = argument(a, call, 0);
    for (const struct sg_value *n = argument(a, call, 1); n; n = n->next)
        if (n->kind == SG_VALUE_TEXT)
            set = sg_value_join(a, set, sg_eval_member(a, base, n->text));
    return set;
}

static const struct sg_value *call_same(struct sg_analysis *a, uint32_t call)
{
    return argument(a, call, 0);
}

static const struct known {
    const char *path;
    const struct sg_value *(*call)(struct sg_analysis *a, uint32_t call);
} known[] = {
    {"require", call_require},
    {"import", call_require},
    {"module.require", call_require},
    {"require.main.require", call_require},
    {"process.mainModule.require", call_require},
    {"module.createRequire()", call_require},
    {"module._load", call_require},
    {"module.constructor._load", call_require},
    {"process.getBuiltinModule", call_require},
    {"String.fromCharCode", call_from_char_code},
    {"String.fromCodePoint", call_from_char_code},
    {"atob", call_atob},
    {"Reflect.get", call_reflect_get},
    {"String", call_same},
    {"Object", call_same},
    {"Object.freeze", call_same},
    {"Object.assign", call_same},
};

static bool call_value(struct sg_analysis *a, uint32_t call, const struct sg_value *function,
                       const struct sg_value **ret)
{
    static const char bind[] = ".bind";
    for (size_t i = 0; i < SG_ARRAY_LEN(known); i++) {
        if (strcmp(function->text, known[i].path) == 0) {
            *ret = known[i].call(a, call);
            return true;
        }
    }
    /* f.bind(x) is f */
    if (function->n > sizeof bind - 1 &&
        strcmp(function->text + function->n - (sizeof bind - 1), bind) == 0) {
        char *path = sg_arena_copy(&a->arena, function->text, function->n - (sizeof bind - 1));
        *ret = path ? sg_value_name(a, path) : NULL;
        return true;
    }
    return false;
}

static const struct sg_value *number_at(struct sg_analysis *a, uint32_t call, unsigned i)
{
    return sg_value_first(argument(a, call, i), SG_VALUE_NUMBER);
}

/* slice, substring, substr */
static const struct sg_value *method_slice(struct sg_analysis *a, uint32_t call,
                                           const struct sg_value *base, const char *name)
{
    const struct sg_value *from = number_at(a, call, 0), *to = number_at(a, call, 1);
    bool given = sg_call_argument(a, call, 1, NULL) != SG_NO_NODE;
    if (!from || (given && !to))
        return NULL;
    int64_t end = to ? to->number : 0;
    if (strcmp(name, "substr") == 0 && to)
        end = from->number + to->number;
    return sg_fold_slice(a, base, &from->number, to ? &end : NULL, NULL);
}

static const struct sg_value *method_concat(struct sg_analysis *a, uint32_t call,
                                            const struct sg_value *base)
{
    for (unsigned i = 0; base; i++) {
        uint32_t node = sg_call_argument(a, call, i, NULL);
        if (node == SG_NO_NODE)
            return base;
        const struct sg_value *v = sg_eval(a, node);
        while (v && v->kind != base->kind && v->kind != SG_VALUE_NUMBER)
            v = v->next;
        base = sg_fold_binary(a, "+", base, v);
    }
    return NULL;
}

static const struct sg_value *method_of_list(struct sg_analysis *a, uint32_t call,
                                             const struct sg_value *base, const char *name)
{
    const struct sg_value *text = sg_value_first(argument(a, call, 0), SG_VALUE_TEXT);
    const struct sg_value *set = NULL;
    if (strcmp(name, "join") == 0)
        return sg_fold_join(a, text ? text : sg_value_text(a, ",", 1), base);
    if (strcmp(name, "reverse") == 0 || strcmp(name, "toReversed") == 0)
        return sg_fold_reverse(a, base);
    if (strcmp(name, "concat") == 0)
        return method_concat(a, call, base);
    if (strcmp(name, "at") == 0 || strcmp(name, "pop") == 0 || strcmp(name, "shift") == 0 ||
        strcmp(name, "find") == 0)
        for (const struct sg_item *i = base->items; i; i = i->next)
            set = sg_value_join(a, set, i->values);
    return set;
}

static const struct sg_value *method_of_text(struct sg_analysis *a, uint32_t call,
                                             const struct sg_value *base, const char *name)
{
    const struct sg_value *text = sg_value_first(argument(a, call, 0), SG_VALUE_TEXT);
    if (strcmp(name, "concat") == 0)
        return method_concat(a, call, base);
    if (strcmp(name, "split") == 0 && text)
        return sg_fold_split(a, base, text->n ? text->text : NULL);
    if (strcmp(name, "replace") == 0 || strcmp(name, "replaceAll") == 0)
        return sg_fold_replace(a, base, text, sg_value_first(argument(a, call, 1), SG_VALUE_TEXT));
    if (strcmp(name, "toLowerCase") == 0)
        return sg_fold_case(a, base, false);
    if (strcmp(name, "toUpperCase") == 0)
        return sg_fold_case(a, base, true);
    if (strcmp(name, "trim") == 0)
        return sg_fold_strip(a, base, NULL, true, true);
    if (strcmp(name, "slice") == 0 || strcmp(name, "substring") == 0 || strcmp(name, "substr") == 0)
        return method_slice(a, call, base, name);
    if ((strcmp(name, "charAt") == 0 || strcmp(name, "at") == 0) && number_at(a, call, 0))
        return sg_fold_character(a, base, number_at(a, call, 0)->number);
    return strcmp(name, "toString") == 0 || strcmp(name, "normalize") == 0 ? base : NULL;
}

static bool method_value(struct sg_analysis *a, uint32_t call, const struct sg_value *base,
                         const char *name, const struct sg_value **ret)
{
    *ret = base->kind == SG_VALUE_TEXT ? method_of_text(a, call, base, name)
                                       : method_of_list(a, call, base, name);
    return true;
}

/* ---- paths */

/* The global object by each of its names; what a module exports as its default. */
static const char *canonical(struct sg_analysis *a, const char *path)
{
    static const char *const global[] = {"globalThis.", "global.", "window.",
                                         "self.",       "this.",   "top."};
    static const char *const same[][2] = {
        {"fs/promises", "fs.promises"},
        {"Function.prototype.constructor", "Function"},
        {"Object.constructor", "Function"},
        {"dns/promises", "dns.promises"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(global); i++)
        if (sg_str_starts(path, global[i]))
            return canonical(a, path + strlen(global[i]));
    for (size_t i = 0; i < SG_ARRAY_LEN(same); i++) {
        if (!sg_str_starts(path, same[i][0]))
            continue;
        sg_auto(sg_buf) struct sg_buf b = {0};
        sg_buf_printf(&b, "%s%s", same[i][1], path + strlen(same[i][0]));
        const char *copy = sg_arena_copy(&a->arena, b.data ? b.data : "", b.len);
        return copy ? copy : path;
    }
    const char *dflt = strstr(path, ".default");
    if (dflt && (dflt[8] == '.' || dflt[8] == '\0')) {
        sg_auto(sg_buf) struct sg_buf b = {0};
        sg_buf_printf(&b, "%.*s%s", (int)(dflt - path), path, dflt + 8);
        const char *copy = sg_arena_copy(&a->arena, b.data ? b.data : "", b.len);
        return copy ? copy : path;
    }
    return path;
}

/* The constructor of whatever value leads to Function in two steps. */
static const struct sg_value *unknown_member(struct sg_analysis *a, uint32_t object,
                                             const char *name)
{
    bool own = object != SG_NO_NODE && a->tree.nodes[object].role == SG_ROLE_SELF;
    return strcmp(name, "constructor") == 0 && !own ? sg_value_name(a, "?.constructor") : NULL;
}

static void imports(struct sg_analysis *a, uint32_t node, sg_tell_module *tell, void *arg)
{
    if (!sg_tree_is(&a->tree, node, "import_statement") &&
        !sg_tree_is(&a->tree, node, "export_statement"))
        return;
    const char *path = module_of(a, sg_node_field(a, node, SG_FIELD_MODULE));
    if (path)
        tell(arg, node, path);
}

/* ---- the text as a whole */

/* A lone carriage return ends a line; U+2028 and U+2029 do too, which the grammar knows but in the
   line that begins with #!. */
static void prepare(char *text, size_t n)
{
    size_t end = 0;
    bool hashbang = n > 2 && text[0] == '#' && text[1] == '!';
    while (hashbang && end + 2 < n && text[end] != '\n' && text[end] != '\r' &&
           memcmp(text + end, "\xe2\x80\xa8", 3) != 0 && memcmp(text + end, "\xe2\x80\xa9", 3) != 0)
        end++;
    if (hashbang && end + 2 < n && text[end] == '\xe2')
        memset(text, ' ', end + 3);
    for (size_t i = 0; i < n; i++)
        if (text[i] == '\r' && (i + 1 == n || text[i + 1] != '\n'))
            text[i] = '\n';
}

static const struct sg_member_function member_functions[] = {
    {"Reflect.get", 1},
    {"Reflect.set", 1},
    {"Object.getOwnPropertyDescriptor", 1},
    {NULL, 0},
};

static const char *const aliases[] = {"js", "node", "nodejs", NULL};
static const char *const extensions[] = {"js", "cjs", "mjs", "jsx", NULL};
static const char *const binary[] = {"node", "wasm", NULL};

struct sg_language sg_language_javascript = {
    .name = "javascript",
    .aliases = aliases,
    .extensions = extensions,
    .binary = binary,
    .builtins = "",
    .index_is_member = true,
    .grammar = tree_sitter_javascript,
    .roles = roles,
    .fields = {[SG_FIELD_OBJECT] = "object",
               [SG_FIELD_ATTRIBUTE] = "property",
               [SG_FIELD_BASE] = "object",
               [SG_FIELD_INDEX] = "index",
               [SG_FIELD_FUNCTION] = "function",
               [SG_FIELD_CLASS] = "constructor",
               [SG_FIELD_ARGUMENTS] = "arguments",
               [SG_FIELD_LEFT] = "left",
               [SG_FIELD_RIGHT] = "right",
               [SG_FIELD_OPERATOR] = "operator",
               [SG_FIELD_NAME] = "name",
               [SG_FIELD_VALUE] = "value",
               [SG_FIELD_KEY] = "key",
               [SG_FIELD_BODY] = "body",
               [SG_FIELD_PARAMETERS] = "parameters",
               [SG_FIELD_PARAMETER] = "parameter",
               [SG_FIELD_ALIAS] = "alias",
               [SG_FIELD_MODULE] = "source",
               [SG_FIELD_CONDITION] = "condition"},
    .prepare = prepare,
    .name_of = name_of,
    .string = string_value,
    .call = call_value,
    .method = method_value,
    .canonical = canonical,
    .unknown_member = unknown_member,
    .member_functions = member_functions,
    .imports = imports,
};
