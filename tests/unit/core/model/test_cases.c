/* Test cases of a job: what of an output counts as equal, and what each case takes over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/model/cases.h"

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(sg_compare_name(SG_COMPARE_EXACT), "exact");
    assert_string_equal(sg_compare_name(SG_COMPARE_TRIMMED), "trimmed");
    assert_null(sg_compare_name(SG_COMPARE_COUNT));
    for (int i = 0; i < SG_COMPARE_COUNT; i++)
        assert_int_equal(sg_compare_from_name(sg_compare_name((enum sg_compare)i)), i);
    assert_int_equal(sg_compare_from_name("Exact"), -ENOENT);
    assert_int_equal(sg_compare_from_name(""), -ENOENT);
}

#define TEXT(s) s, sizeof(s) - 1

static const struct row {
    const char *name, *expected;
    size_t expected_n;
    const char *output;
    size_t output_n, exact_line, trimmed_line; /* 0: equal */
} rows[] = {
    {"both empty", TEXT(""), TEXT(""), 0, 0},
    {"the same", TEXT("a\nb\n"), TEXT("a\nb\n"), 0, 0},
    {"no end of line", TEXT("a"), TEXT("a\n"), 1, 0},
    {"nor here", TEXT("a\n"), TEXT("a"), 1, 0},
    {"blanks at the end of a line", TEXT("a\nb\n"), TEXT("a  \t\nb\n"), 1, 0},
    {"carriage returns", TEXT("a\nb\n"), TEXT("a\r\nb\r\n"), 1, 0},
    {"form feed, vertical tab", TEXT("a\nb"), TEXT("a\f\nb\v\n"), 1, 0},
    {"empty lines at the end", TEXT("a\n"), TEXT("a\n\n \n\t"), 2, 0},
    {"nothing but white space", TEXT(""), TEXT(" \n\n\t"), 1, 0},
    {"blanks at the beginning count", TEXT("a"), TEXT(" a"), 1, 1},
    {"blanks within count", TEXT("a b"), TEXT("a  b"), 1, 1},
    {"empty lines at the beginning count", TEXT("a"), TEXT("\na"), 1, 1},
    {"empty lines within count", TEXT("a\nb"), TEXT("a\n\nb"), 2, 2},
    {"case counts", TEXT("a\nB\n"), TEXT("a\nb\n"), 2, 2},
    {"more than expected", TEXT("a\n"), TEXT("a\nb\n"), 2, 2},
    {"less than expected", TEXT("a\nb\n"), TEXT("a\n"), 2, 2},
    {"nothing at all", TEXT("a"), TEXT(""), 1, 1},
    {"something for nothing", TEXT(""), TEXT("a"), 1, 1},
    {"the beginning of a line", TEXT("abc"), TEXT("ab"), 1, 1},
    {"nul is a byte", TEXT("a\0b"), TEXT("a\0c"), 1, 1},
    {"and no end", TEXT("a\0b"), TEXT("a"), 1, 1},
    {"nor white space", TEXT("a"), TEXT("a\0"), 1, 1},
    {"bytes that are no text", TEXT("\xff\xfe"), TEXT("\xff\xfe"), 0, 0},
    {"a no-break space is no white space", TEXT("a"), TEXT("a\xc2\xa0"), 1, 1},
    {"0x85 neither, whatever the locale", TEXT("a"), TEXT("a\x85"), 1, 1},
    {"late", TEXT("1\n2\n3\n4\n"), TEXT("1\n2\n3\n5\n"), 4, 4},
};

/* What is compared stands at the end of a block of its own: a read past it is seen. */
static bool matches(enum sg_compare how, const struct row *r, size_t *ret_line)
{
    sg_autofree char *expected = r->expected_n ? malloc(r->expected_n) : NULL;
    sg_autofree char *output = r->output_n ? malloc(r->output_n) : NULL;
    if (expected)
        memcpy(expected, r->expected, r->expected_n);
    if (output)
        memcpy(output, r->output, r->output_n);
    struct sg_bytes e = {expected, r->expected_n};
    *ret_line = 0;
    return sg_case_matches(how, &e, output, r->output_n, ret_line);
}

static void test_compare(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        const struct row *r = &rows[i];
        const size_t lines[SG_COMPARE_COUNT] = {r->exact_line, r->trimmed_line};
        for (int how = 0; how < SG_COMPARE_COUNT; how++) {
            size_t line;
            bool same = matches((enum sg_compare)how, r, &line);
            if (same != (lines[how] == 0) || line != lines[how])
                print_message("%s, %s: %d, line %zu\n", r->name,
                              sg_compare_name((enum sg_compare)how), same, line);
            assert_int_equal(same, lines[how] == 0);
            assert_int_equal(line, lines[how]);
        }
    }
}

static void test_what_a_case_takes_over(void **state)
{
    (void)state;
    char *own[] = {(char *)"x"};
    struct sg_cases cases = {.n = 2};
    struct sg_job job = {.id = "job-1",
                         .nfiles = 1,
                         .args = {(char *)"a", (char *)"b"},
                         .nargs = 2,
                         .input = {(char *)"in", 2},
                         .cases = &cases};
    struct sg_case nothing = {0};
    struct sg_case all = {.own_input = true, .own_args = true, .args = own, .nargs = 1};
    struct sg_job one = sg_case_job(&job, &nothing);
    assert_string_equal(one.id, "job-1");
    assert_int_equal(one.nfiles, 1);
    assert_int_equal(one.nargs, 2);
    assert_string_equal(one.args[1], "b");
    assert_memory_equal(one.input.data, "in", 2);
    assert_null(one.cases);
    one = sg_case_job(&job, &all);
    assert_int_equal(one.nargs, 1);
    assert_string_equal(one.args[0], "x");
    assert_int_equal(one.input.n, 0); /* it said that there is none */
    assert_null(one.input.data);
    assert_int_equal(job.nargs, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_what_a_case_takes_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
