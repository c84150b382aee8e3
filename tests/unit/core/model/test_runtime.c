/* Runtimes: names, versions, lists and their bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/model/runtime.h"
#include "tests/unit/core/failing_alloc.h"

static void test_list_is_bounded_and_terminated(void **state)
{
    (void)state;
    struct sg_strings s = {0};
    for (int i = 0; i < SG_RUNTIME_LIST_MAX; i++)
        assert_int_equal(sg_strings_add(&s, "word"), 0);
    assert_int_equal(sg_strings_add(&s, "word"), -E2BIG);
    assert_int_equal(s.n, SG_RUNTIME_LIST_MAX);
    assert_null(s.v[s.n]);
    sg_strings_done(&s);
    assert_int_equal(s.n, 0);
    assert_null(s.v[0]);
}

static void test_list_copies_and_finds(void **state)
{
    (void)state;
    struct sg_strings s = {0};
    char word[] = "py";
    sg_strings_add(&s, word);
    word[0] = 'x';
    assert_true(sg_strings_has(&s, "py"));
    assert_false(sg_strings_has(&s, "p"));
    assert_false(sg_strings_has(&s, ""));
    fail_alloc_at(0);
    assert_int_equal(sg_strings_add(&s, "more"), -ENOMEM);
    fail_alloc_never();
    assert_int_equal(s.n, 1);
    sg_strings_done(&s);
}

static void test_answers_to(void **state)
{
    (void)state;
    struct sg_runtime r = {.language = strdup("python"),
                           .entry = strdup("main.py"),
                           .profile = strdup("python"),
                           .probe = strdup("print()")};
    sg_strings_add(&r.aliases, "py");
    sg_strings_add(&r.extensions, "pyw");
    assert_true(sg_runtime_answers_to(&r, "python"));
    assert_true(sg_runtime_answers_to(&r, "py"));
    assert_false(sg_runtime_answers_to(&r, "pyw"));
    assert_false(sg_runtime_answers_to(&r, "Python"));
    assert_false(sg_runtime_answers_to(&r, ""));
    sg_runtime_done(&r);
    assert_null(r.language);
    assert_false(sg_runtime_answers_to(&r, "python"));
    sg_runtime_done(&r);
}

static void test_versions(void **state)
{
    (void)state;
    static const struct {
        const char *have, *want;
        bool matches;
    } rows[] = {
        {"3.11.2", "", true},
        {"3.11.2", "3", true},
        {"3.11.2", "3.11", true},
        {"3.11.2", "3.11.2", true},
        {"3.11.2", "3.1", false},
        {"3.11.2", "3.11.", false},
        {"3.11.2", "3.11.20", false},
        {"3.11.2", "3.11.2.1", false},
        {"3.11.2", "2", false},
        {"3.11.2", ".", false},
        {"", "", true},
        {"", "3", false},
        {"20", "2", false},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        if (sg_version_matches(rows[i].have, rows[i].want) != rows[i].matches)
            fail_msg("%s, %s", rows[i].have, rows[i].want);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_is_bounded_and_terminated),
        cmocka_unit_test(test_list_copies_and_finds),
        cmocka_unit_test(test_answers_to),
        cmocka_unit_test(test_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
