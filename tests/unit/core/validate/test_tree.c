/* The flat tree, its bounds, and the memory of one validation. */
#include "core/validate/tree.h"

#include "core/validate/rules.h"
#include "tests/unit/core/validate/values.h"

static int parse(struct sg_tree *t, const char *text, struct sg_bounds b, struct sg_breach *breach)
{
    *breach = (struct sg_breach){.bound = SG_BOUND_NONE};
    return sg_tree_parse(t, language("python"), text, strlen(text), &b, NULL, breach);
}

static void test_order(void **state)
{
    (void)state;
    struct sg_tree t;
    struct sg_bounds b;
    struct sg_breach breach;
    sg_bounds_default(&b);
    assert_int_equal(parse(&t, "f(a, 1)  # c\nx = a.b + 'c'\n", b, &breach), 0);
    for (uint32_t i = 1; i < t.count; i++) {
        const struct sg_node *n = &t.nodes[i], *p = &t.nodes[n->parent];
        assert_true(n->parent < i && p->start <= n->start && n->end <= p->end);
        assert_true(t.nodes[i - 1].start <= n->start);
        assert_true(n->next == SG_NO_NODE || t.nodes[n->next].parent == n->parent);
    }
    assert_int_equal(t.nodes[0].parent, SG_NO_NODE);
    assert_int_equal(t.first_error, SG_NO_NODE);
    uint32_t root_child = sg_tree_child(&t, 0, 1);
    assert_true(
        sg_tree_is(&t, root_child, "expression_statement")); /* the comment does not count */
    assert_int_equal(sg_tree_child(&t, 0, 2), SG_NO_NODE);
    assert_int_equal(sg_tree_find(&t, ts_tree_root_node(t.ts)), 0);
    sg_tree_done(&t);
}

static void test_errors_are_noted(void **state)
{
    (void)state;
    struct sg_tree t;
    struct sg_bounds b;
    struct sg_breach breach;
    sg_bounds_default(&b);
    assert_int_equal(parse(&t, "x = 1\ny = = 2\n", b, &breach), 0);
    assert_int_not_equal(t.first_error, SG_NO_NODE);
    assert_true(t.nodes[t.first_error].start >= 6);
    sg_tree_done(&t);
}

static void test_bounds(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf deep = {0}, wide = {0};
    struct sg_tree t;
    struct sg_bounds b;
    struct sg_breach breach;
    for (int i = 0; i < 200; i++)
        sg_buf_puts(&deep, "[");
    for (int i = 0; i < 200; i++)
        sg_buf_puts(&deep, "]");
    for (int i = 0; i < 5000; i++)
        sg_buf_puts(&wide, "x = = (\n");
    sg_bounds_default(&b);
    b.parse_ms = 60000;
    struct sg_bounds small = b;
    small.source_bytes = 3;
    assert_int_equal(parse(&t, "x=12", small, &breach), -1);
    assert_int_equal(breach.bound, SG_BOUND_SOURCE);
    assert_int_equal(breach.value, 4);
    assert_int_equal(breach.max, 3);
    small = b;
    small.depth = 100;
    assert_int_equal(parse(&t, deep.data, small, &breach), -1);
    assert_int_equal(breach.bound, SG_BOUND_DEPTH);
    small = b;
    small.nodes = 5;
    assert_int_equal(parse(&t, "f(a, b, c)", small, &breach), -1);
    assert_int_equal(breach.bound, SG_BOUND_NODES);
    small = b;
    small.parse_ms = 0;
    assert_int_equal(parse(&t, wide.data, small, &breach), -1);
    assert_int_equal(breach.bound, SG_BOUND_TIME);
    assert_int_equal(parse(&t, deep.data, b, &breach), 0);
    sg_tree_done(&t);
}

static void test_wanted(void **state)
{
    (void)state;
    static bool wanted[SG_KINDS_MAX];
    struct sg_language *l = language("python");
    struct sg_bounds b;
    struct sg_breach breach;
    struct sg_tree t;
    static const char text[] = "while x: pass\nwhile y: pass\n";
    sg_bounds_default(&b);
    wanted[ts_language_symbol_for_name(l->grammar(), "while_statement", 15, true)] = true;
    assert_int_equal(sg_tree_parse(&t, l, text, sizeof text - 1, &b, wanted, &breach), 0);
    assert_int_equal(t.nwanted, 2);
    assert_int_equal(ts_node_start_byte(t.wanted[1]), 14);
    sg_tree_done(&t);
}

/* Each bound lets pass what is as large as it says. */
static void test_bounds_at_their_edge(void **state)
{
    (void)state;
    static const char text[] = "f((a, (b, c)), 1)\n";
    struct sg_tree t;
    struct sg_bounds b;
    struct sg_breach breach;
    sg_bounds_default(&b);
    b.parse_ms = 60000;
    b.source_bytes = sizeof text - 1;
    assert_int_equal(parse(&t, text, b, &breach), 0);
    b.nodes = t.count;
    sg_tree_done(&t);
    assert_int_equal(parse(&t, text, b, &breach), 0);
    sg_tree_done(&t);
    b.nodes--;
    assert_int_equal(parse(&t, text, b, &breach), -1);
    assert_int_equal(breach.value, b.nodes + 1);
    assert_int_equal(breach.max, b.nodes);
    assert_null(t.nodes); /* nothing is left to be given back */
    b.nodes++;
    for (b.depth = 1; parse(&t, text, b, &breach) < 0; b.depth++) {
        assert_int_equal(breach.bound, SG_BOUND_DEPTH);
        assert_int_equal(breach.value, b.depth);
        assert_int_equal(breach.max, b.depth);
    }
    sg_tree_done(&t);
    assert_int_equal(b.depth, 7); /* module, statement, call, arguments, tuple, tuple, c */
}

/* Every node that is kept is found by tree-sitter's own; one that is not kept is not. */
static void test_find(void **state)
{
    (void)state;
    static bool wanted[SG_KINDS_MAX];
    static const char text[] = "x = f(a.b, ((1)), 'c' 'd')\nif x: f()\n";
    struct sg_language *l = language("python");
    struct sg_bounds b;
    struct sg_breach breach;
    struct sg_tree t;
    sg_bounds_default(&b);
    memset(wanted, true, sizeof wanted);
    assert_int_equal(sg_tree_parse(&t, l, text, sizeof text - 1, &b, wanted, &breach), 0);
    assert_int_equal(t.nwanted, t.count);
    for (uint32_t i = 0; i < t.nwanted; i++)
        assert_int_equal(sg_tree_find(&t, t.wanted[i]), i);
    TSNode bracket = ts_node_descendant_for_byte_range(ts_tree_root_node(t.ts), 5, 6);
    assert_string_equal(ts_node_type(bracket), "(");
    assert_int_equal(sg_tree_find(&t, bracket), SG_NO_NODE);
    uint32_t call = SG_NO_NODE;
    for (uint32_t i = 0; i < t.count && call == SG_NO_NODE; i++)
        if (sg_tree_is(&t, i, "call"))
            call = i;
    uint32_t function = sg_tree_field(&t, call, l->field_of[SG_FIELD_FUNCTION]);
    assert_true(sg_tree_is(&t, function, "identifier"));
    assert_int_equal(sg_tree_field(&t, call, l->field_of[SG_FIELD_KEY]), SG_NO_NODE);
    assert_int_equal(sg_tree_field(&t, call, 0), SG_NO_NODE);
    assert_int_equal(sg_tree_field(&t, SG_NO_NODE, 1), SG_NO_NODE);
    assert_int_equal(sg_tree_child(&t, SG_NO_NODE, 0), SG_NO_NODE);
    assert_false(sg_tree_is(&t, SG_NO_NODE, "call"));
    sg_tree_done(&t);
}

/* To the byte, and beyond a block. */
static void test_arena_is_full(void **state)
{
    (void)state;
    struct sg_arena a = SG_ARENA_INIT(4 * sizeof(void *));
    assert_non_null(sg_arena_take(&a, sizeof(void *)));
    assert_non_null(sg_arena_take(&a, 1)); /* as much as it is aligned to */
    assert_null(sg_arena_take(&a, 2 * sizeof(void *) + 1));
    assert_non_null(sg_arena_take(&a, 2 * sizeof(void *)));
    assert_null(sg_arena_take(&a, 1));
    assert_null(sg_arena_copy(&a, "", 0));
    sg_arena_done(&a);
    assert_int_equal(a.used, 0);
    assert_string_equal(sg_arena_copy(&a, "", 0), "");
    sg_arena_done(&a);
}

static void test_arena(void **state)
{
    (void)state;
    struct sg_arena a = SG_ARENA_INIT(100000);
    char *one = sg_arena_take(&a, 1), *two = sg_arena_take(&a, 70000);
    assert_non_null(one);
    assert_non_null(two);
    for (int i = 0; i < 70000; i++)
        assert_int_equal(two[i], 0);
    assert_int_equal((uintptr_t)two % sizeof(void *), 0);
    assert_null(sg_arena_take(&a, 70000));
    assert_null(sg_arena_take(&a, SIZE_MAX));
    assert_string_equal(sg_arena_copy(&a, "abc", 2), "ab");
    sg_arena_done(&a);
}

static void test_languages(void **state)
{
    (void)state;
    assert_ptr_equal(sg_language_find("py"), sg_language_find("python"));
    assert_ptr_equal(sg_language_by_extension("mjs"), sg_language_find("node"));
    assert_null(sg_language_find("cobol"));
    assert_null(sg_language_by_extension("cob"));
    for (size_t i = 0; sg_languages[i]; i++)
        assert_true(sg_language_init(sg_languages[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_errors_are_noted),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_arena),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_bounds_at_their_edge),
        cmocka_unit_test(test_arena_is_full),
        cmocka_unit_test(test_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
