/* Policies: patterns with stars, which score holds, which modules may be imported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/model/policy.h"

static void test_globs(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool fits;
    } rows[] = {
        {"", "", true},
        {"", "a", false},
        {"a", "", false},
        {"a.b", "a.b", true},
        {"a.b", "a.bc", false},
        {"a.bc", "a.b", false},
        {"*", "", true},
        {"*", "a.b(c)", true},
        {"**", "a", true},
        {"a*", "a", true},
        {"*a", "banana", true},
        {"*a", "bananas", false},
        {"a*c", "abcbc", true},
        {"a*c", "abcb", false},
        {"*an*an*", "banana", true},
        {"*an*an*an*", "banana", false},
        {"a*b*c", "a.b.b.c", true},
        {"a?c", "abc", false}, /* nothing but the star is special */
        {"[a]", "a", false},
        {"a*", "ba", false},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        if (sg_policy_glob(rows[i].pattern, rows[i].text) != rows[i].fits)
            fail_msg("\"%s\" and \"%s\"", rows[i].pattern, rows[i].text);
}

/* Many stars in front of what does not fit: still done at once. */
static void test_globs_do_not_blow_up(void **state)
{
    (void)state;
    char pattern[201], text[2001];
    for (int i = 0; i < 200; i += 2)
        memcpy(pattern + i, "*a", 2);
    pattern[199] = 'b';
    pattern[200] = '\0';
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_false(sg_policy_glob(pattern, text));
    text[sizeof text - 2] = 'b';
    assert_true(sg_policy_glob(pattern, text));
}

static void test_scores(void **state)
{
    (void)state;
    struct sg_policy p = {0};
    static const char *const scores[] = {"a.*=7",    "a.b=9", "a.c*=0", "a.c.d=12",
                                         "nonsense", "a.e=x", "f=3",    "*.f=4"};
    static const struct {
        const char *rule;
        unsigned score;
    } rows[] = {
        {"z", 50},     {"a.x", 7},     {"a.b", 9},   {"a.bc", 7}, {"a.c", 0},
        {"a.c.d", 12}, {"a.e", 7},     {"f", 3},     {"x.f", 4},  {"nonsense", 50},
        {"off", 0},    {"x.off.y", 0}, {"offs", 50}, {"a.f", 4},
    };
    assert_int_equal(sg_policy_score(&p, "a.b", 50), 50);
    for (size_t i = 0; i < SG_ARRAY_LEN(scores); i++)
        assert_int_equal(sg_strings_add(&p.scores, scores[i]), 0);
    assert_int_equal(sg_strings_add(&p.scores, "off=99"), 0); /* off is off all the same */
    assert_int_equal(sg_strings_add(&p.off, "off"), 0);
    assert_int_equal(sg_strings_add(&p.off, "*.off.*"), 0);
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        if (sg_policy_score(&p, rows[i].rule, 50) != rows[i].score)
            fail_msg("%s: %u", rows[i].rule, sg_policy_score(&p, rows[i].rule, 50));
    sg_policy_done(&p);
}

/* A pattern that is too long to be one is passed over. */
static void test_long_patterns(void **state)
{
    (void)state;
    char text[160];
    struct sg_policy p = {0};
    memset(text, '*', sizeof text);
    memcpy(text + 127, "=5", 3);
    assert_int_equal(sg_strings_add(&p.scores, text), 0);
    assert_int_equal(sg_policy_score(&p, "a", 50), 5);
    memset(text, '*', sizeof text);
    memcpy(text + 128, "=6", 3);
    assert_int_equal(sg_strings_add(&p.scores, text), 0);
    assert_int_equal(sg_policy_score(&p, "a", 50), 5);
    sg_policy_done(&p);
}

static void test_modules(void **state)
{
    (void)state;
    struct sg_policy p = {0};
    static const struct {
        const char *module;
        bool allowed;
    } rows[] = {
        {"os", true},      {"os.path", true}, {"ossify", false},   {"o", false},  {"", false},
        {"xml.dom", true}, {"xml", false},    {"xml.domx", false}, {"OS", false}, {".os", false},
    };
    assert_false(sg_policy_allows_module(&p, "os"));
    assert_int_equal(sg_strings_add(&p.modules, "os"), 0);
    assert_int_equal(sg_strings_add(&p.modules, "xml.dom"), 0);
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        if (sg_policy_allows_module(&p, rows[i].module) != rows[i].allowed)
            fail_msg("%s", rows[i].module);
    sg_policy_done(&p);
}

static void test_done(void **state)
{
    (void)state;
    struct sg_policy p = {.name = "p", .description = strdup("d"), .threshold = 5, .refuse = true};
    static const struct sg_policy none;
    assert_int_equal(sg_strings_add(&p.off, "a"), 0);
    sg_policy_done(&p);
    assert_memory_equal(&p, &none, sizeof p);
    sg_policy_done(&p);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_globs),   cmocka_unit_test(test_globs_do_not_blow_up),
        cmocka_unit_test(test_scores),  cmocka_unit_test(test_long_patterns),
        cmocka_unit_test(test_modules), cmocka_unit_test(test_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
