/* python_bind.c: what binds a name in Python, and what it binds it to: see python_internal.h */
#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/validate/python_internal.h"

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

static void bind_targets(struct sg_analysis *a, uint32_t node)
{
    uint32_t right = sg_node_field(a, node, SG_FIELD_RIGHT);
    if (right == SG_NO_NODE) { /* an annotation binds nothing */
        uint32_t left = sg_node_field(a, node, SG_FIELD_LEFT);
        if (left != SG_NO_NODE && a->tree.nodes[left].role == SG_ROLE_NAME)
            sg_node_label(a, left);
        return;
    }
    bind_target(a, sg_node_field(a, node, SG_FIELD_LEFT), sg_origin_node(a, right));
}

/* x += y: x has a new value, and was read before; the old ones stay possible. */
static void bind_augmented(struct sg_analysis *a, uint32_t node)
{
    uint32_t left = sg_node_field(a, node, SG_FIELD_LEFT);
    uint8_t flags = left == SG_NO_NODE ? 0 : a->tree.nodes[left].flags;
    bind_target(a, left, sg_origin_node(a, node));
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
    sg_node_label(a, name);
    sg_name_bind(a, scope, sg_node_name(a, name), name,
                 sg_origin_node(a, sg_node_field(a, node, SG_FIELD_VALUE)));
}

static void bind_loop(struct sg_analysis *a, uint32_t node)
{
    bind_target(a, sg_node_field(a, node, SG_FIELD_LEFT),
                sg_origin(a, (struct sg_origin){
                                 .kind = SG_ORIGIN_ELEMENT,
                                 .of = sg_origin_node(a, sg_node_field(a, node, SG_FIELD_RIGHT))}));
}

/* with x as y, except x as y, case x as y */
static void bind_as(struct sg_analysis *a, uint32_t node)
{
    uint32_t alias = sg_node_field(a, node, SG_FIELD_ALIAS);
    if (alias == SG_NO_NODE)
        alias = sg_tree_child(&a->tree, node, 1);
    bind_target(a, alias, sg_origin_node(a, sg_tree_child(&a->tree, node, 0)));
}

static void bind_definition(struct sg_analysis *a, uint32_t node)
{
    uint32_t name = sg_node_field(a, node, SG_FIELD_NAME);
    bind_target(a, name, &sg_origin_local);
}

/* A parameter has its default value, or anything. */
static void bind_parameters(struct sg_analysis *a, uint32_t node)
{
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
            bind_target(a, name,
                        value == SG_NO_NODE ? &sg_origin_unknown : sg_origin_node(a, value));
    }
}

static void bind_global(struct sg_analysis *a, uint32_t node)
{
    bool nonlocal = sg_tree_is(&a->tree, node, "nonlocal_statement");
    uint32_t scope = a->tree.nodes[node].scope;
    uint32_t outer = a->tree.nodes[scope].scope;
    for (uint32_t c = a->tree.nodes[node].first; c != SG_NO_NODE; c = a->tree.nodes[c].next) {
        sg_node_label(a, c);
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
            sg_node_label(a, c);
            sg_name_unbind(a, a->tree.nodes[c].scope, sg_node_name(a, c));
        }
}

/* "a.b.c" of a dotted_name or relative_import, without blanks; NULL without memory. */
const char *sg_python_module_path(struct sg_analysis *a, uint32_t node)
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
            sg_node_label(a, c);
            sg_buf_printf(&b, "%s%s", b.len && b.data[b.len - 1] != '.' ? "." : "",
                          name ? name : "");
        }
    }
    return sg_arena_copy(&a->arena, b.data ? b.data : "", b.len);
}

/* Of "import a.b" the name is a; of "import a.b as c" it is c, and stands for a.b. */
static void bind_import(struct sg_analysis *a, uint32_t node)
{
    for (uint32_t c = a->tree.nodes[node].first; c != SG_NO_NODE; c = a->tree.nodes[c].next) {
        uint32_t alias = sg_node_field(a, c, SG_FIELD_ALIAS);
        uint32_t name = sg_node_field(a, c, SG_FIELD_NAME);
        uint32_t dotted = name == SG_NO_NODE ? c : name;
        const char *path = sg_python_module_path(a, dotted);
        if (!path)
            return;
        uint32_t first = sg_tree_child(&a->tree, dotted, 0);
        if (alias != SG_NO_NODE)
            bind_target(a, alias, sg_origin_module(a, path));
        else if (first != SG_NO_NODE)
            bind_target(a, first, sg_origin_module(a, sg_node_name(a, first)));
    }
}

static void bind_import_from(struct sg_analysis *a, uint32_t node)
{
    uint32_t module = sg_node_field(a, node, SG_FIELD_MODULE);
    const char *path = module == SG_NO_NODE ? NULL : sg_python_module_path(a, module);
    if (!path)
        return;
    for (uint32_t c = a->tree.nodes[module].next; c != SG_NO_NODE; c = a->tree.nodes[c].next) {
        if (sg_tree_is(&a->tree, c, "wildcard_import")) {
            sg_name_star(a, path);
            continue;
        }
        uint32_t alias = sg_node_field(a, c, SG_FIELD_ALIAS);
        uint32_t name = sg_node_field(a, c, SG_FIELD_NAME);
        const char *what = sg_python_module_path(a, name == SG_NO_NODE ? c : name);
        uint32_t first = sg_tree_child(&a->tree, c, 0);
        if (!what || first == SG_NO_NODE)
            continue;
        const struct sg_origin *from = sg_origin(
            a, (struct sg_origin){
                   .kind = SG_ORIGIN_MEMBER, .of = sg_origin_module(a, path), .name = what});
        bind_target(a, alias != SG_NO_NODE ? alias : first, from);
        sg_note_read(a, c, from);
    }
}

/* A lower-case name in a case is bound; a dotted one is looked up. */
static void bind_case(struct sg_analysis *a, uint32_t node)
{
    uint32_t c = sg_tree_child(&a->tree, node, 0);
    if (c == SG_NO_NODE)
        return;
    if (sg_tree_is(&a->tree, c, "splat_pattern"))
        c = sg_tree_child(&a->tree, c, 0);
    if (sg_tree_is(&a->tree, c, "dotted_name") && sg_tree_child(&a->tree, c, 1) == SG_NO_NODE)
        c = sg_tree_child(&a->tree, c, 0);
    if (c != SG_NO_NODE && a->tree.nodes[c].role == SG_ROLE_NAME)
        bind_target(a, c, &sg_origin_unknown);
}

static void label_attribute(struct sg_analysis *a, uint32_t node)
{
    sg_node_label(a, sg_node_field(a, node, SG_FIELD_ATTRIBUTE));
}

static void label_name(struct sg_analysis *a, uint32_t node)
{
    sg_node_label(a, sg_node_field(a, node, SG_FIELD_NAME));
}

static void label_first(struct sg_analysis *a, uint32_t node)
{
    sg_node_label(a, sg_tree_child(&a->tree, node, 0));
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
        sg_name_bind(a, SG_SCOPE_MEMBERS, text->text, value, sg_origin_node(a, value));
}

/* In a class, what an assignment binds are its attributes too. */
static void bind_assignment(struct sg_analysis *a, uint32_t node)
{
    uint32_t scope = a->tree.nodes[node].scope;
    bind_targets(a, node);
    uint32_t left = sg_node_field(a, node, SG_FIELD_LEFT),
             right = sg_node_field(a, node, SG_FIELD_RIGHT);
    if (a->tree.nodes[scope].role == SG_ROLE_CLASS && left != SG_NO_NODE && right != SG_NO_NODE &&
        a->tree.nodes[left].role == SG_ROLE_NAME)
        sg_name_bind(a, SG_SCOPE_MEMBERS, sg_node_name(a, left), left, sg_origin_node(a, right));
}

const struct sg_role_row sg_python_roles[] = {
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
    {"assignment", SG_ROLE_ASSIGN, bind_assignment},
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
