/* `tests` and `test_options`: each mistake is told at its place, and whatever comes nothing is
 * left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/config/runtimes.h"
#include "core/ipc/payload.h"
#include "core/model/cases.h"
#include "fcgi/request.h"
#include "tests/unit/core/failing_alloc.h"
#include "tests/unit/fcgi/shipped_scoring.h"

static struct sg_runtimes runtimes;
static struct sg_location location;
static struct sg_scoring scoring;

static int set_up(void **state)
{
    (void)state;
    runtimes.v[0].language = strdup("python");
    runtimes.v[0].entry = strdup("main.py");
    runtimes.v[0].rules = strdup("python");
    runtimes.n = 1;
    sg_limits_default(&location.dflt);
    sg_limits_max(&location.max);
    location.max.wall_time_ms = 20000;
    return shipped_scoring(&scoring, &location.policies);
}

static int tear_down(void **state)
{
    (void)state;
    sg_runtimes_done(&runtimes);
    sg_location_done(&location);
    sg_scoring_done(&scoring);
    return 0;
}

#define GOOD "\"language\":\"python\",\"code\":\"\",\"validate\":false"

static int parse(const char *text, struct sg_job *job, struct sg_problem *problem)
{
    struct sg_request_rules rules = {
        .runtimes = &runtimes, .location = &location, .scoring = &scoring};
    struct sg_screen screen;
    return sg_request_parse(text, strlen(text), &rules, job, &screen, problem);
}

/* As they stand in the body behind the good part. */
static const struct {
    const char *fields, *pointer, *text;
} bad[] = {
    {"\"tests\":{}", "/tests", "is an object; allowed: an array"},
    {"\"tests\":null", "/tests", "is null; allowed: an array"},
    {"\"tests\":[]", "/tests", "has 0 items; allowed: 1 to 100"},
    {"\"tests\":[1]", "/tests/0", "is a number; allowed: an object"},
    {"\"tests\":[{},null]", "/tests/1", "is null; allowed: an object"},
    {"\"tests\":[{\"input\":\"\"}]", "/tests/0/input",
     "is not a known field; allowed: name, stdin, args, expected_stdout"},
    {"\"tests\":[{\"name\":1}]", "/tests/0/name", "is a number; allowed: a string"},
    {"\"tests\":[{\"name\":\"a\\u0000\"}]", "/tests/0/name", "NUL"},
    {"\"tests\":[{},{\"stdin\":1}]", "/tests/1/stdin", "is a number; allowed: a string, or"},
    {"\"tests\":[{\"stdin\":{}}]", "/tests/0/stdin/content", "is missing; allowed: a string"},
    {"\"tests\":[{\"stdin\":{\"content\":\"\",\"x\":1}}]", "/tests/0/stdin/x", "not a known field"},
    {"\"tests\":[{\"stdin\":{\"content\":\"!\",\"encoding\":\"base64\"}}]",
     "/tests/0/stdin/content", "is not base64"},
    {"\"tests\":[{\"stdin\":{\"content\":\"\",\"encoding\":\"utf16\"}}]", "/tests/0/stdin/encoding",
     "allowed: utf8, base64"},
    {"\"tests\":[{\"args\":\"a\"}]", "/tests/0/args", "is a string; allowed: an array of strings"},
    {"\"tests\":[{\"args\":[\"a\",1]}]", "/tests/0/args/1", "is a number; allowed: a string"},
    {"\"tests\":[{\"args\":[\"\\u0000\"]}]", "/tests/0/args/0", "NUL"},
    {"\"tests\":[{\"expected_stdout\":[]}]", "/tests/0/expected_stdout", "is an array"},
    {"\"tests\":[{\"expected_stdout\":null}]", "/tests/0/expected_stdout", "is null"},
    {"\"limits\":{\"output_bytes\":1024},\"tests\":[{\"expected_stdout\":{\"content\":\"%s\"}}]",
     "/tests/0/expected_stdout/content", "has 1025 bytes; allowed: at most 1024"},
    {"\"tests\":[{\"name\":\"%s\"}]", "/tests/0/name", "has 1025 bytes; allowed: at most 128"},
    {"\"test_options\":{}", "/test_options", "there are no `tests`"},
    {"\"tests\":[{}],\"test_options\":[]", "/test_options", "is an array; allowed: an object"},
    {"\"tests\":[{}],\"test_options\":{\"timeout\":1}", "/test_options/timeout",
     "is not a known field; allowed: compare, stop_on_failure, wall_time_ms"},
    {"\"tests\":[{}],\"test_options\":{\"compare\":\"fuzzy\"}", "/test_options/compare",
     "\"fuzzy\" is no way to compare; allowed: exact, trimmed"},
    {"\"tests\":[{}],\"test_options\":{\"compare\":true}", "/test_options/compare",
     "is a boolean; allowed: a string"},
    {"\"tests\":[{}],\"test_options\":{\"stop_on_failure\":1}", "/test_options/stop_on_failure",
     "is a number; allowed: true or false"},
    {"\"tests\":[{}],\"test_options\":{\"wall_time_ms\":9}", "/test_options/wall_time_ms",
     "is 9; allowed: 10 to 20000 (ms)"},
    {"\"tests\":[{}],\"test_options\":{\"wall_time_ms\":20001}", "/test_options/wall_time_ms",
     "is 20001; allowed: 10 to 20000 (ms)"},
    {"\"tests\":[{}],\"test_options\":{\"wall_time_ms\":1.5}", "/test_options/wall_time_ms",
     "is not a whole number"},
    {"\"tests\":[{}],\"test_options\":{\"wall_time_ms\":\"1s\"}", "/test_options/wall_time_ms",
     "is a string; allowed: a whole number"},
};

static void test_bad_fields(void **state)
{
    (void)state;
    char x[1026] = "";
    memset(x, 'x', sizeof x - 1);
    for (size_t i = 0; i < SG_ARRAY_LEN(bad); i++) {
        sg_auto(sg_job) struct sg_job job = {0};
        sg_auto(sg_problem) struct sg_problem p = {0};
        sg_auto(sg_buf) struct sg_buf body = {0};
        const char *hole = strstr(bad[i].fields, "%s");
        size_t n = hole ? (size_t)(hole - bad[i].fields) : strlen(bad[i].fields);
        sg_buf_printf(&body, "{" GOOD ",%.*s%s%s}", (int)n, bad[i].fields, hole ? x : "",
                      hole ? hole + 2 : "");
        int rc = parse(body.data, &job, &p);
        if (rc == 0 || p.nfields != 1 || strcmp(p.fields[0].pointer, bad[i].pointer) != 0 ||
            !strstr(p.fields[0].detail, bad[i].text))
            print_message("%s: %zu, %s: %s\n", bad[i].fields, p.nfields,
                          p.nfields ? p.fields[0].pointer : "-",
                          p.nfields ? p.fields[0].detail : "-");
        assert_int_equal(rc, SG_E_INVALID);
        assert_int_equal(p.id, SG_PROBLEM_INVALID_REQUEST);
        assert_int_equal(p.nfields, 1);
        assert_string_equal(p.fields[0].pointer, bad[i].pointer);
        assert_non_null(strstr(p.fields[0].detail, bad[i].text));
    }
}

/* So many empty ones. */
static int parse_many(size_t n, struct sg_job *job, struct sg_problem *p)
{
    sg_auto(sg_buf) struct sg_buf body = {0};
    sg_buf_puts(&body, "{" GOOD ",\"tests\":[");
    for (size_t i = 0; i < n; i++)
        sg_buf_puts(&body, i ? ",{}" : "{}");
    sg_buf_puts(&body, "]}");
    return parse(body.data, job, p);
}

static void test_how_many(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        const char *wrong;
    } counts[] = {
        {1, NULL},
        {SG_CASES_MAX, NULL},
        {SG_CASES_MAX + 1, "has 101 items; allowed: 1 to 100"},
        {1000, "has 1000 items; allowed: 1 to 100"},
        {4000, "has 4000 items; allowed: 1 to 100"},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(counts); i++) {
        sg_auto(sg_job) struct sg_job job = {0};
        sg_auto(sg_problem) struct sg_problem p = {0};
        int rc = parse_many(counts[i].n, &job, &p);
        assert_int_equal(rc, counts[i].wrong ? SG_E_INVALID : 0);
        if (counts[i].wrong)
            assert_string_equal(p.fields[0].detail, counts[i].wrong);
        else
            assert_int_equal(job.cases->n, counts[i].n);
    }
}

/* What env has is gone from what the arguments of each case may have, and no other case's. */
static int parse_large_args(size_t args_n, struct sg_job *job, struct sg_problem *p)
{
    static char text[SG_REQUEST_STRING_BYTES_MAX];
    sg_auto(sg_buf) struct sg_buf body = {0};
    memset(text, 'x', sizeof text - 1);
    sg_buf_printf(&body,
                  "{" GOOD ",\"env\":{\"A\":\"%.65000s\"},\"args\":[\"%.65000s\"],\"tests\":[",
                  text, text);
    for (int i = 0; i < 2; i++) {
        sg_buf_puts(&body, i ? ",{\"args\":[" : "{\"args\":[");
        for (size_t k = 0; k < args_n; k++)
            sg_buf_printf(&body, "%s\"%.65000s\"", k ? "," : "", text);
        sg_buf_puts(&body, "]}");
    }
    sg_buf_puts(&body, "]}");
    return parse(body.data, job, p);
}

static void test_args_and_env_together(void **state)
{
    (void)state;
    sg_auto(sg_job) struct sg_job fits = {0};
    sg_auto(sg_job) struct sg_job over = {0};
    sg_auto(sg_problem) struct sg_problem p = {0};
    assert_int_equal(parse_large_args(3, &fits, &p), 0);
    assert_int_equal(parse_large_args(4, &over, &p), SG_E_INVALID);
    assert_int_equal(p.nfields, 2); /* one of each case */
    assert_string_equal(p.fields[0].pointer, "/tests/0/args/3");
    assert_string_equal(p.fields[1].pointer, "/tests/1/args/3");
    assert_non_null(strstr(p.fields[0].detail, "allowed: 262144 bytes"));
}

/* Files that just fit without the arguments of the second case. */
static void test_job_too_large_with_args(void **state)
{
    (void)state;
    static char text[SG_FILE_BYTES_MAX + 1];
    sg_auto(sg_job) struct sg_job job = {0};
    sg_auto(sg_problem) struct sg_problem p = {0};
    sg_auto(sg_buf) struct sg_buf body = {0};
    const size_t heads = 16 + 8 + strlen("main.py") + 4 * (8 + 1); /* see payload.h */
    const int last = (int)(SG_PAYLOAD_BYTES_MAX - 3 * SG_FILE_BYTES_MAX - heads);
    memset(text, 'x', sizeof text - 1);
    sg_buf_puts(&body, "{" GOOD ",\"files\":[");
    for (int i = 0; i < 4; i++)
        sg_buf_printf(&body, "%s{\"path\":\"%c\",\"content\":\"%.*s\"}", i ? "," : "", 'a' + i,
                      i < 3 ? (int)SG_FILE_BYTES_MAX : last, text);
    sg_buf_puts(&body, "],\"tests\":[{\"args\":[]},{\"args\":[\"x\"]}]}");
    assert_int_equal(parse(body.data, &job, &p), SG_E_INVALID);
    assert_int_equal(p.nfields, 1);
    assert_string_equal(p.fields[0].pointer, "/tests/1/args");
    assert_non_null(strstr(p.fields[0].detail, "make 8388613 bytes"));
}

static const char whole[] =
    "{" GOOD ",\"args\":[\"-v\"],\"stdin\":\"in\",\"timeout\":2,\"tests\":["
    "{\"name\":\"one\",\"stdin\":\"1\",\"expected_stdout\":\"2\\n\"},"
    "{\"args\":[],\"stdin\":{\"content\":\"AAE=\",\"encoding\":\"base64\"},"
    "\"expected_stdout\":{\"content\":\"/wA=\",\"encoding\":\"base64\"}},"
    "{\"args\":[\"a\",\"b\"],\"expected_stdout\":\"\"},{}],"
    "\"test_options\":{\"compare\":\"trimmed\",\"stop_on_failure\":true,\"wall_time_ms\":1500}}";

static void test_whole(void **state)
{
    (void)state;
    sg_auto(sg_job) struct sg_job job = {0};
    sg_auto(sg_problem) struct sg_problem p = {0};
    assert_int_equal(parse(whole, &job, &p), 0);
    const struct sg_case *c = job.cases->v;
    assert_int_equal(job.cases->n, 4);
    assert_int_equal(job.cases->compare, SG_COMPARE_TRIMMED);
    assert_true(job.cases->stop_on_failure);
    assert_int_equal(job.cases->wall_time_ms, 1500);
    assert_string_equal(c[0].name, "one");
    assert_true(c[0].own_input && !c[0].own_args && c[0].compared);
    assert_memory_equal(c[0].expected.data, "2\n", 2);
    assert_null(c[1].name);
    assert_true(c[1].own_args);
    assert_int_equal(c[1].nargs, 0);
    assert_int_equal(c[1].input.n, 2);
    assert_memory_equal(c[1].input.data, "\0\1", 2);
    assert_memory_equal(c[1].expected.data, "\xff\0", 2);
    assert_string_equal(c[2].args[1], "b");
    assert_true(c[2].compared && !c[2].own_input);
    assert_int_equal(c[2].expected.n, 0);
    assert_false(c[3].own_input || c[3].own_args || c[3].compared);
}

static void test_defaults(void **state)
{
    (void)state;
    sg_auto(sg_job) struct sg_job job = {0};
    sg_auto(sg_job) struct sg_job none = {0};
    sg_auto(sg_problem) struct sg_problem p = {0};
    assert_int_equal(parse("{" GOOD ",\"tests\":[{}],\"test_options\":{}}", &job, &p), 0);
    assert_int_equal(job.cases->compare, SG_COMPARE_EXACT);
    assert_false(job.cases->stop_on_failure);
    assert_int_equal(job.cases->wall_time_ms, 20000); /* the location's */
    assert_int_equal(parse("{" GOOD "}", &none, &p), 0);
    assert_null(none.cases);
}

static void test_without_memory(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 0; failed; n++) {
        sg_auto(sg_job) struct sg_job job = {0};
        sg_auto(sg_problem) struct sg_problem p = {0};
        fail_alloc_at(n);
        int rc = parse(whole, &job, &p);
        failed = alloc_failed;
        fail_alloc_never();
        assert_true(rc == 0 ? job.cases->n == 4 : sg_problem_is_set(&p));
        if (rc < 0)
            assert_true(failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_fields),
        cmocka_unit_test(test_how_many),
        cmocka_unit_test(test_args_and_env_together),
        cmocka_unit_test(test_job_too_large_with_args),
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
