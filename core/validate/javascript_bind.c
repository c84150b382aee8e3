/* javascript_bind.c: what binds a name in JavaScript, and what it binds it to: see
   javascript_internal.h */
#include "core/base/str.h"
#include "core/validate/javascript_internal.h"

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
        const struct sg_origin *what = name ? member_of(a, from, name) : &sg_origin_unknown;
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
        bind_pattern(a, left, scope, sg_origin_node(a, sg_node_field(a, target, SG_FIELD_RIGHT)));
    } else {
        bind_pattern(a, sg_tree_child(&a->tree, target, 0), scope,
                     &sg_origin_unknown); /* ...rest, (x) */
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
                 value == SG_NO_NODE ? &sg_origin_unknown : sg_origin_node(a, value));
}

static void bind_assignment(struct sg_analysis *a, uint32_t node)
{
    bind_pattern(a, sg_node_field(a, node, SG_FIELD_LEFT), SG_SCOPE_ASSIGNED,
                 sg_origin_node(a, sg_node_field(a, node, SG_FIELD_RIGHT)));
}

static void bind_augmented(struct sg_analysis *a, uint32_t node)
{
    uint32_t left = sg_node_field(a, node, SG_FIELD_LEFT);
    if (left == SG_NO_NODE || a->tree.nodes[left].role != SG_ROLE_NAME)
        return;
    sg_name_bind(a, SG_SCOPE_ASSIGNED, sg_node_name(a, left), left, sg_origin_node(a, node));
    sg_name_bind(a, SG_SCOPE_ASSIGNED, sg_node_name(a, left), left,
                 sg_origin_node(a, sg_node_field(a, node, SG_FIELD_RIGHT))); /* ||= and its like */
}

static void bind_loop(struct sg_analysis *a, uint32_t node)
{
    const struct sg_origin *element = sg_origin(
        a, (struct sg_origin){.kind = SG_ORIGIN_ELEMENT,
                              .of = sg_origin_node(a, sg_node_field(a, node, SG_FIELD_RIGHT))});
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
        return &sg_origin_unknown;
    uint32_t member = sg_node_field(a, call, SG_FIELD_FUNCTION);
    uint32_t name = sg_node_field(a, member, SG_FIELD_ATTRIBUTE);
    if (name == SG_NO_NODE || !sg_node_text_is(a, name, "then"))
        return &sg_origin_unknown;
    return sg_origin_node(a, sg_node_field(a, member, SG_FIELD_OBJECT));
}

static void bind_parameters(struct sg_analysis *a, uint32_t node)
{
    const struct sg_origin *from = promised(a, a->tree.nodes[node].parent);
    for (uint32_t c = a->tree.nodes[node].first; c != SG_NO_NODE; c = a->tree.nodes[c].next) {
        bind_pattern(a, c, a->tree.nodes[c].scope, from);
        from = &sg_origin_unknown;
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
    sg_node_label(a, name);
    sg_name_bind(a, a->tree.nodes[name].scope, sg_node_name(a, name), name, &sg_origin_local);
}

static void bind_catch(struct sg_analysis *a, uint32_t node)
{
    bind_pattern(a, sg_node_field(a, node, SG_FIELD_PARAMETER), node, &sg_origin_unknown);
}

/* "fs" of a string node, without "node:". */
const char *sg_javascript_module(struct sg_analysis *a, uint32_t source)
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
        const struct sg_origin *what = text ? member_of(a, module, text) : &sg_origin_unknown;
        uint32_t bound = alias == SG_NO_NODE ? name : alias;
        sg_node_label(a, name);
        sg_node_label(a, bound);
        sg_name_bind(a, 0, sg_node_name(a, bound), bound, what);
        sg_note_read(a, c, what);
        return;
    }
    if (a->tree.nodes[c].role == SG_ROLE_NAME) {
        sg_node_label(a, c);
        sg_name_bind(a, 0, sg_node_name(a, c), c, module);
        return;
    }
    for (c = a->tree.nodes[c].first; c != SG_NO_NODE; c = a->tree.nodes[c].next)
        bind_import_part(a, c, module);
}

static void bind_import(struct sg_analysis *a, uint32_t node)
{
    uint32_t source = sg_node_field(a, node, SG_FIELD_MODULE);
    const char *path = sg_javascript_module(a, source);
    const struct sg_origin *module = path ? sg_origin_module(a, path) : &sg_origin_unknown;
    for (uint32_t c = a->tree.nodes[node].first; c != SG_NO_NODE; c = a->tree.nodes[c].next)
        if (c != source)
            bind_import_part(a, c, module);
}

/* export {exec} from "child_process": names that are read, and bound nowhere. */
static void bind_export(struct sg_analysis *a, uint32_t node)
{
    const char *path = sg_javascript_module(a, sg_node_field(a, node, SG_FIELD_MODULE));
    if (!path)
        return;
    const struct sg_origin *module = sg_origin_module(a, path);
    for (uint32_t c = node + 1;
         c < a->tree.count && a->tree.nodes[c].start < a->tree.nodes[node].end; c++) {
        uint32_t name = sg_node_field(a, c, SG_FIELD_NAME);
        if (!sg_tree_is(&a->tree, c, "export_specifier") || name == SG_NO_NODE)
            continue;
        const char *text = key_name(a, name);
        sg_node_label(a, name);
        sg_node_label(a, sg_node_field(a, c, SG_FIELD_ALIAS));
        if (text)
            sg_note_read(a, c, member_of(a, module, text));
    }
}

static void bind_pair(struct sg_analysis *a, uint32_t node)
{
    uint32_t value = sg_node_field(a, node, SG_FIELD_VALUE);
    const char *name = key_name(a, sg_node_field(a, node, SG_FIELD_KEY));
    if (name && value != SG_NO_NODE)
        sg_name_bind(a, SG_SCOPE_MEMBERS, name, value, sg_origin_node(a, value));
}

static void bind_shorthand(struct sg_analysis *a, uint32_t node)
{
    sg_name_bind(a, SG_SCOPE_MEMBERS, sg_node_name(a, node), node, sg_origin_node(a, node));
}

static void bind_field(struct sg_analysis *a, uint32_t node)
{
    uint32_t value = sg_node_field(a, node, SG_FIELD_VALUE);
    const char *name = key_name(a, sg_node_field(a, node, SG_FIELD_ATTRIBUTE));
    if (name && value != SG_NO_NODE)
        sg_name_bind(a, SG_SCOPE_MEMBERS, name, value, sg_origin_node(a, value));
}

const struct sg_role_row sg_javascript_roles[] = {
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
