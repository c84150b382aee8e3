/* The rules of what a run gives back: made of a job, checked by who gets them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/model/output.h"

static struct sg_output_rules rules;

/* Strings are borrowed, hence no sg_job_done. */
static struct sg_job some_job(void)
{
    struct sg_job job = {.nfiles = 2};
    job.files[0].path = "main.py";
    job.files[0].content = (struct sg_bytes){"print(1)", 8};
    job.files[1].path = "d/empty";
    job.limits.file_bytes = 4096;
    return job;
}

static void test_default(void **state)
{
    struct sg_job job = some_job();
    (void)state;
    sg_output_fill(&rules, &job);
    assert_int_equal(sg_output_check(&rules), 0);
    assert_false(sg_output_is_none(&rules));
    assert_true(sg_output_selects(&rules, "anything/at/all"));
    assert_true(sg_output_reaches(&rules, "anything"));
    assert_null(sg_output_input(&rules, "other.py"));
    const struct sg_output_input *in = sg_output_input(&rules, "main.py");
    assert_non_null(in);
    assert_int_equal(in->size, 8);
    assert_true(in->content == sg_digest(SG_DIGEST_START, "print(1)", 8));
    assert_int_equal(sg_output_input(&rules, "d/empty")->size, 0);
    assert_int_equal(rules.file_bytes, 4096);
}

static void test_patterns(void **state)
{
    struct sg_job job = some_job();
    (void)state;
    job.output_chosen = true;
    job.output[job.noutput++] = "*.csv";
    job.output[job.noutput++] = "d/**";
    sg_output_fill(&rules, &job);
    assert_int_equal(sg_output_check(&rules), 0);
    assert_true(sg_output_selects(&rules, "a.csv") && sg_output_selects(&rules, "d/x/y"));
    assert_false(sg_output_selects(&rules, "a.txt") || sg_output_selects(&rules, "e/a.csv"));
    assert_true(sg_output_reaches(&rules, "d"));
    assert_false(sg_output_reaches(&rules, "e"));
}

static void test_none(void **state)
{
    struct sg_job job = some_job();
    (void)state;
    job.output_chosen = true;
    sg_output_fill(&rules, &job);
    assert_true(sg_output_is_none(&rules) && sg_output_check(&rules) == 0);
    sg_output_none(&rules);
    assert_true(sg_output_is_none(&rules) && sg_output_check(&rules) == 0);
    assert_false(sg_output_selects(&rules, "a"));
}

static void test_forged(void **state)
{
    (void)state;
    memset(&rules, 0xff, sizeof rules);
    assert_int_equal(sg_output_check(&rules), SG_E_INVALID);
    memset(&rules, 0, sizeof rules);
    rules.chosen = 1;
    rules.npatterns = 1; /* an empty one */
    assert_int_equal(sg_output_check(&rules), SG_E_INVALID);
    memset(rules.patterns, 'a', sizeof rules.patterns); /* without an end */
    assert_int_equal(sg_output_check(&rules), SG_E_INVALID);
    rules.patterns[200] = '\0';
    assert_int_equal(sg_output_check(&rules), 0);
    rules.npatterns = 2;
    assert_int_equal(sg_output_check(&rules), SG_E_INVALID);
    memcpy(rules.patterns + 201, "../x", 5);
    assert_int_equal(sg_output_check(&rules), SG_E_INVALID);
    rules.npatterns = 1;
    rules.ninputs = SG_FILES_MAX + 1;
    assert_int_equal(sg_output_check(&rules), SG_E_INVALID);
}

static void test_reasons_have_names(void **state)
{
    (void)state;
    for (int o = 0; o < SG_OMISSION_COUNT; o++)
        assert_non_null(sg_omission_name((enum sg_omission)o));
    assert_null(sg_omission_name(SG_OMISSION_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_forged),
        cmocka_unit_test(test_reasons_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
