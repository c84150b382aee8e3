/* javascript.c: JavaScript as Node.js runs it (ECMA-262, Node's modules): its table, its text, its
   imports. javascript_bind.c has what binds names, javascript_values.c what expressions are. */
#include <string.h>

#include "core/validate/javascript_internal.h"

const TSLanguage *tree_sitter_javascript(void);

/* ---- imports */

static void imports(struct sg_analysis *a, uint32_t node, sg_tell_module *tell, void *arg)
{
    if (!sg_tree_is(&a->tree, node, "import_statement") &&
        !sg_tree_is(&a->tree, node, "export_statement"))
        return;
    const char *path = sg_javascript_module(a, sg_node_field(a, node, SG_FIELD_MODULE));
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
    .roles = sg_javascript_roles,
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
    .name_of = sg_javascript_name,
    .string = sg_javascript_string,
    .call = sg_javascript_call,
    .method = sg_javascript_method,
    .canonical = sg_javascript_canonical,
    .unknown_member = sg_javascript_unknown_member,
    .member_functions = member_functions,
    .imports = imports,
};
