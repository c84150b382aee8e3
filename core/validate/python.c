/* python.c: Python 3 (The Python Language Reference, 3.11): its table, its text, its imports.
   python_bind.c has what binds names, python_values.c what expressions are. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/validate/python_internal.h"

const TSLanguage *tree_sitter_python(void);

/* ---- imports */

static void imports(struct sg_analysis *a, uint32_t node, sg_tell_module *tell, void *arg)
{
    bool from = sg_tree_is(&a->tree, node, "import_from_statement");
    if (!from && !sg_tree_is(&a->tree, node, "import_statement"))
        return;
    uint32_t module = sg_node_field(a, node, SG_FIELD_MODULE);
    const char *path = from && module != SG_NO_NODE ? sg_python_module_path(a, module) : NULL;
    if (from && !path)
        return;
    if (from && tell(arg, node, path))
        return; /* and not of what is below it, again */
    for (uint32_t c = from ? a->tree.nodes[module].next : a->tree.nodes[node].first;
         c != SG_NO_NODE; c = a->tree.nodes[c].next) {
        char whole[SG_PATH_TEXT_MAX + 1];
        uint32_t name = sg_node_field(a, c, SG_FIELD_NAME);
        const char *what = sg_python_module_path(a, name == SG_NO_NODE ? c : name);
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
    .roles = sg_python_roles,
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
    .name_of = sg_python_name,
    .string = sg_python_string,
    .slice = sg_python_slice,
    .call = sg_python_call,
    .method = sg_python_method,
    .canonical = sg_python_canonical,
    .member = sg_python_member,
    .member_functions = member_functions,
    .imports = imports,
};
