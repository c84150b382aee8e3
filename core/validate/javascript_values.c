/* javascript_values.c: constants of JavaScript, and what its functions, methods and paths are: see
   javascript_internal.h */
#include <ctype.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/validate/fold.h"
#include "core/validate/javascript_internal.h"

/* ---- names and strings */

/* \u0065 and \u{65} behind the backslash; bytes taken, 0: none of them. */
static size_t unicode_escape(struct sg_buf *out, const char *s, size_t n)
{
    uint32_t c = 0;
    bool braces = n > 1 && s[1] == '{';
    size_t from = braces ? 2 : 1;
    size_t digits = n > from ? sg_fold_hex(s + from, n - from, braces ? n : 4, &c) : 0;
    size_t i = from + digits;
    if (c > 0x10ffff || digits == 0 || (braces ? i >= n || s[i] != '}' : digits != 4))
        return 0;
    sg_fold_code_point(out, c);
    return i + braces;
}

const char *sg_javascript_name(struct sg_analysis *a, const char *text, size_t n)
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
    uint32_t c;
    if (n < 2)
        return false;
    if (s[1] == 'u')
        return unicode_escape(out, s + 1, n - 1) > 0;
    if (s[1] == 'x' && n == 4 && sg_fold_hex(s + 2, 2, 2, &c) == 2) {
        sg_fold_code_point(out, c);
        return true;
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

const struct sg_value *sg_javascript_string(struct sg_analysis *a, uint32_t node)
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
            known = sg_fold_append_any(&b, sg_eval(a, sg_tree_child(&a->tree, c, 0)));
        }
        known = known && b.len <= SG_VALUE_TEXT_MAX_BYTES;
    }
    if (known)
        return sg_fold_take(a, &b);
    sg_buf_done(&b);
    return NULL;
}

/* ---- functions that are known */

static const struct sg_value *call_require(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *set = NULL;
    for (const struct sg_value *v = sg_call_values(a, call, 0, NULL); v; v = v->next)
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
    return sg_value_join(
        a, set, decode_base64(a, sg_value_first(sg_call_values(a, call, 0, NULL), SG_VALUE_TEXT)));
}

/* Reflect.get(x, "name") */
static const struct sg_value *call_reflect_get(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *set = NULL, *base = sg_call_values(a, call, 0, NULL);
    for (const struct sg_value *n = sg_call_values(a, call, 1, NULL); n; n = n->next)
        if (n->kind == SG_VALUE_TEXT)
            set = sg_value_join(a, set, sg_eval_member(a, base, n->text));
    return set;
}

static const struct sg_value *call_same(struct sg_analysis *a, uint32_t call)
{
    return sg_call_values(a, call, 0, NULL);
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

bool sg_javascript_call(struct sg_analysis *a, uint32_t call, const struct sg_value *function,
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
    return sg_value_first(sg_call_values(a, call, i, NULL), SG_VALUE_NUMBER);
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
    const struct sg_value *text = sg_value_first(sg_call_values(a, call, 0, NULL), SG_VALUE_TEXT);
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
    const struct sg_value *text = sg_value_first(sg_call_values(a, call, 0, NULL), SG_VALUE_TEXT);
    if (strcmp(name, "concat") == 0)
        return method_concat(a, call, base);
    if (strcmp(name, "split") == 0 && text)
        return sg_fold_split(a, base, text->n ? text->text : NULL);
    if (strcmp(name, "replace") == 0 || strcmp(name, "replaceAll") == 0)
        return sg_fold_replace(a, base, text,
                               sg_value_first(sg_call_values(a, call, 1, NULL), SG_VALUE_TEXT));
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

bool sg_javascript_method(struct sg_analysis *a, uint32_t call, const struct sg_value *base,
                          const char *name, const struct sg_value **ret)
{
    *ret = base->kind == SG_VALUE_TEXT ? method_of_text(a, call, base, name)
                                       : method_of_list(a, call, base, name);
    return true;
}

/* ---- paths */

/* The global object by each of its names; what a module exports as its default. */
const char *sg_javascript_canonical(struct sg_analysis *a, const char *path)
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
            return sg_javascript_canonical(a, path + strlen(global[i]));
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
const struct sg_value *sg_javascript_unknown_member(struct sg_analysis *a, uint32_t object,
                                                    const char *name)
{
    bool own = object != SG_NO_NODE && a->tree.nodes[object].role == SG_ROLE_SELF;
    return strcmp(name, "constructor") == 0 && !own ? sg_value_name(a, "?.constructor") : NULL;
}
