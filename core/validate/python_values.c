/* python_values.c: constants of Python, and what its functions, methods and paths are: see
   python_internal.h */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/validate/fold.h"
#include "core/validate/python_internal.h"

/* ---- names and strings */

/* PEP 3131: identifiers are compared in the form NFKC. */
const char *sg_python_name(struct sg_analysis *a, const char *text, size_t n)
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
        if (sg_fold_hex(s + 1, n - 1, digits, &c) != digits || c >= 0x110000)
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
    return sg_fold_append_any(out, sg_eval(a, first));
}

const struct sg_value *sg_python_string(struct sg_analysis *a, uint32_t node)
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
const struct sg_value *sg_python_slice(struct sg_analysis *a, const struct sg_value *base,
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

static const struct sg_value *call_chr(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *v = sg_value_first(sg_call_values(a, call, 0, NULL), SG_VALUE_NUMBER);
    struct sg_buf b = {0};
    if (!v || v->number < 0 || v->number >= 0x110000)
        return NULL;
    sg_fold_code_point(&b, (uint32_t)v->number);
    return sg_fold_take(a, &b);
}

static const struct sg_value *call_ord(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *v = sg_value_first(sg_call_values(a, call, 0, NULL), SG_VALUE_TEXT);
    utf8proc_int32_t c;
    if (!v || utf8proc_iterate((const utf8proc_uint8_t *)v->text, (utf8proc_ssize_t)v->n, &c) < 1)
        return NULL;
    return sg_value_number(a, c);
}

/* getattr(x, "name"), object.__getattribute__(x, "name") */
static const struct sg_value *call_getattr(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *set = NULL, *base = sg_call_values(a, call, 0, NULL);
    for (const struct sg_value *n = sg_call_values(a, call, 1, NULL); n; n = n->next)
        if (n->kind == SG_VALUE_TEXT)
            set = sg_value_join(a, set, sg_eval_member(a, base, n->text));
    return set;
}

static const struct sg_value *call_import(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *set = NULL;
    for (const struct sg_value *n = sg_call_values(a, call, 0, "name"); n; n = n->next)
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
    for (const struct sg_value *v = sg_call_values(a, call, 0, NULL); v; v = v->next) {
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
    return sg_call_values(a, call, 0, NULL);
}

static const struct sg_value *call_reversed(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *set = NULL;
    for (const struct sg_value *v = sg_call_values(a, call, 0, NULL); v; v = v->next)
        set = sg_value_join(a, set, sg_fold_reverse(a, v));
    return set;
}

/* bytes([101, 118]), bytearray(…); bytes(b"x") is the value itself */
static const struct sg_value *call_bytes(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *v = sg_call_values(a, call, 0, NULL);
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
    const struct sg_value *v = sg_value_first(sg_call_values(a, call, 0, NULL), SG_VALUE_TEXT);
    struct sg_buf b = {0};
    for (size_t i = 0; v && i < v->n;) {
        uint32_t c;
        if (isspace((unsigned char)v->text[i])) {
            i++;
            continue;
        }
        if (sg_fold_hex(v->text + i, v->n - i, 2, &c) != 2) {
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
    const struct sg_value *f = sg_value_first(sg_call_values(a, call, 0, NULL), SG_VALUE_NAME);
    const struct sg_value *v = sg_value_first(sg_call_values(a, call, 1, NULL), SG_VALUE_LIST);
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
    return function->subject
               ? sg_eval_member(a, sg_call_values(a, call, 0, NULL), function->subject)
               : NULL;
}

/* globals().get("eval"): as globals()["eval"] */
static bool call_lookup(struct sg_analysis *a, uint32_t call, const struct sg_value *function,
                        const struct sg_value **ret)
{
    static const char *const methods[] = {".get", ".pop", ".setdefault", ".__getitem__"};
    const struct sg_value *one, *name = sg_call_values(a, call, 0, NULL);
    bool is_namespace = false;
    for (size_t i = 0; i < SG_ARRAY_LEN(methods); i++) {
        size_t n = strlen(methods[i]);
        if (function->n <= n || strcmp(function->text + function->n - n, methods[i]) != 0)
            continue;
        char *path = sg_arena_copy(&a->arena, function->text, function->n - n);
        struct sg_value base = {.kind = SG_VALUE_NAME, .text = path, .n = function->n - n};
        *ret = NULL;
        for (; path && name; name = name->next)
            if (name->kind == SG_VALUE_TEXT && sg_python_member(a, &base, name->text, &one)) {
                is_namespace = true;
                *ret = sg_value_join(a, *ret, one);
            }
    }
    return is_namespace;
}

/* str.join("", x): as "".join(x) */
static const struct sg_value *call_join(struct sg_analysis *a, uint32_t call)
{
    const struct sg_value *separator =
        sg_value_first(sg_call_values(a, call, 0, NULL), SG_VALUE_TEXT);
    const struct sg_value *items = sg_call_values(a, call, 1, NULL);
    const struct sg_value *list = sg_value_first(items, SG_VALUE_LIST);
    return separator && items ? sg_fold_join(a, separator, list ? list : items) : NULL;
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
    {"builtins.str.join", call_join},
};

bool sg_python_call(struct sg_analysis *a, uint32_t call, const struct sg_value *function,
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
        known_all = sg_fold_append_any(&b, sg_call_values(a, call,
                                                          by_name ? 1000 : (unsigned)(number & 255),
                                                          by_name ? field : NULL));
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
    const struct sg_value *x = sg_call_values(a, call, 0, NULL);
    const struct sg_value *text = sg_value_first(x, SG_VALUE_TEXT);
    const char *set = text ? text->text : NULL;
    if (strcmp(name, "join") == 0)
        return x ? sg_fold_join(a, base,
                                sg_value_first(x, SG_VALUE_LIST) ? sg_value_first(x, SG_VALUE_LIST)
                                                                 : x)
                 : NULL;
    if (strcmp(name, "replace") == 0)
        return sg_fold_replace(a, base, text,
                               sg_value_first(sg_call_values(a, call, 1, NULL), SG_VALUE_TEXT));
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

bool sg_python_method(struct sg_analysis *a, uint32_t call, const struct sg_value *base,
                      const char *name, const struct sg_value **ret)
{
    *ret = base->kind == SG_VALUE_TEXT ? method_of_text(a, call, base, name) : NULL;
    return true;
}

/* ---- paths */

const char *sg_python_canonical(struct sg_analysis *a, const char *path)
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
    /* asyncio.subprocess is a module of its own; a relative import is of the request's files. */
    if (strcmp(module, "asyncio") == 0 || *module == '.')
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
bool sg_python_member(struct sg_analysis *a, const struct sg_value *base, const char *name,
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
