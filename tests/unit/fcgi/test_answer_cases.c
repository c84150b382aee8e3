/* The answer of a job with test cases: what each tells, what all of them together do, and how much
   output is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "fcgi/answer_cases.h"

static struct sg_cases cases;
static struct sg_job job = {.id = "job-1", .language = "python", .cases = &cases};

static struct sg_outcome outcome_of(size_t kept, uint64_t total)
{
    struct sg_outcome o = {
        .limit = SG_UNKNOWN,
        .peak = SG_UNKNOWN,
        .usage = {.wall_time_us = 1000, .memory_peak_bytes = 1 << 20, .processes_peak = 1},
        .timings = {.start = SG_START_WARM, .queue_us = 10, .setup_us = 20, .run_us = 1000},
        .isolation = {.layers = 1},
        .out = {.total_bytes = total, .head_bytes = kept, .kept_bytes = kept},
        .version = "3.11.2",
    };
    if (total > kept)
        o.out.head_bytes = kept / 2;
    return o;
}

static json_t *finish(struct sg_cases_answer *a)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    json_error_t e;
    assert_int_equal(sg_cases_answer_write(&b, a, NULL), 0);
    sg_cases_answer_done(a);
    json_t *doc = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &e);
    assert_non_null(doc);
    return doc;
}

static const char *text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static json_int_t number(const json_t *object, const char *a, const char *b)
{
    return json_integer_value(json_object_get(json_object_get(object, a), b));
}

static void test_ends(void **state)
{
    (void)state;
    static const struct {
        struct sg_case_result r;
        int exit_code;
        const char *status, *error;
    } rows[] = {
        {{.passed = true}, 0, "success", NULL},
        {{.line = 3}, 0, "success", "stdout differs from expected_stdout at line 3."},
        {{.line = 3, .only_space = true},
         0,
         "success",
         "stdout differs from expected_stdout at line 3, by trailing white space only "
         "(test_options.compare)."},
        {{0},
         0,
         "success",
         "stdout is longer than what is kept of it (limits.output_bytes), so it is not "
         "expected_stdout."},
        {{0}, 7, "failed", "The program ended with exit code 7."},
        {{.late = true},
         -1,
         "failed",
         "It was ended when the time for all tests was over (test_options.wall_time_ms, 1.5 s)."},
        {{.end = SG_CASE_SKIPPED_FAILURE},
         0,
         "skipped",
         "It was not run: a test before it did not pass (test_options.stop_on_failure)."},
        {{.end = SG_CASE_SKIPPED_TIME},
         0,
         "skipped",
         "It was not run: the time for all tests was over (test_options.wall_time_ms, 1.5 s)."},
    };
    struct sg_cases_answer a;
    cases = (struct sg_cases){.n = SG_ARRAY_LEN(rows), .wall_time_ms = 1500};
    cases.v[1].name = (char *)"two";
    sg_cases_answer_begin(&a, &job);
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_case_result r = rows[i].r;
        struct sg_outcome o = outcome_of(0, 0);
        o.exit_code = rows[i].exit_code;
        o.reason = r.late ? SG_REASON_CANCELLED : SG_REASON_EXITED;
        if (r.end == SG_CASE_RAN)
            r.outcome = &o;
        sg_cases_answer_add(&a, i, &r);
    }
    json_t *doc = finish(&a);
    const json_t *items = json_object_get(doc, "tests");
    assert_int_equal(json_array_size(items), SG_ARRAY_LEN(rows));
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        const json_t *item = json_array_get(items, i), *passed = json_object_get(item, "passed");
        bool skipped = rows[i].r.end != SG_CASE_RAN;
        assert_string_equal(text(item, "status"), rows[i].status);
        assert_int_equal(json_is_null(passed), skipped);
        assert_int_equal(json_is_true(passed), rows[i].r.passed);
        assert_int_equal(json_is_null(json_object_get(item, "termination")), skipped);
        assert_int_equal(json_is_null(json_object_get(item, "isolation")), skipped);
        assert_int_equal(text(item, "error") == NULL, rows[i].error == NULL);
        if (rows[i].error)
            assert_string_equal(text(item, "error"), rows[i].error);
    }
    assert_string_equal(text(json_array_get(items, 1), "name"), "two");
    assert_string_equal(text(doc, "status"), "failed");
    assert_string_equal(text(doc, "error"),
                        "7 of 8 tests did not pass, 2 of them were not run; the first is test 2 "
                        "(\"two\"): stdout differs from expected_stdout at line 3.");
    assert_int_equal(number(doc, "test_summary", "total"), 8);
    assert_int_equal(number(doc, "test_summary", "passed"), 1);
    assert_int_equal(number(doc, "test_summary", "failed"), 5);
    assert_int_equal(number(doc, "test_summary", "skipped"), 2);
    json_decref(doc);
}

static json_t *answer_two(const struct sg_outcome *one, const struct sg_outcome *other)
{
    struct sg_cases_answer a;
    cases = (struct sg_cases){.n = 2};
    sg_cases_answer_begin(&a, &job);
    sg_cases_answer_add(&a, 0, &(struct sg_case_result){.passed = true, .outcome = one});
    sg_cases_answer_add(&a, 1, &(struct sg_case_result){.passed = true, .outcome = other});
    assert_true(sg_cases_answer_success(&a));
    return finish(&a);
}

/* Times are added up, peaks are not; what was not measured once is not known of all. */
static void test_sums(void **state)
{
    (void)state;
    struct sg_outcome one = outcome_of(0, 0), other = outcome_of(0, 0);
    other.usage.memory_peak_bytes = 3 << 20;
    other.usage.processes_peak = SG_UNKNOWN;
    one.usage.cpu_user_us = SG_UNKNOWN;
    one.usage.cpu_system_us = other.usage.cpu_system_us = 2000;
    json_t *doc = answer_two(&one, &other);
    const json_t *usage = json_object_get(doc, "resource_usage");
    assert_string_equal(text(doc, "status"), "success");
    assert_null(text(doc, "error"));
    assert_int_equal(number(doc, "resource_usage", "wall_time_ms"), 2);
    assert_int_equal(number(doc, "resource_usage", "cpu_system_ms"), 4);
    assert_int_equal(number(doc, "resource_usage", "memory_peak_bytes"), 3 << 20);
    assert_true(json_is_null(json_object_get(usage, "cpu_user_ms")));
    assert_true(json_is_null(json_object_get(usage, "processes_peak")));
    assert_int_equal(number(doc, "timings", "run_ms"), 2);
    assert_true(json_is_null(json_object_get(json_object_get(doc, "timings"), "start")));
    assert_string_equal(text(json_object_get(doc, "runtime"), "version"), "3.11.2");
    json_decref(doc);
}

/* More microseconds than fit their type: the most that fits, not little. */
static void test_long_sums(void **state)
{
    (void)state;
    struct sg_outcome one = outcome_of(0, 0), other = outcome_of(0, 0);
    one.timings.queue_us = other.timings.queue_us = UINT32_MAX - 1;
    json_t *doc = answer_two(&one, &other);
    const json_t *queue = json_object_get(json_object_get(doc, "timings"), "queue_ms");
    assert_true(json_number_value(queue) > 4294967);
    json_decref(doc);
}

static void test_nothing_ran(void **state)
{
    (void)state;
    struct sg_cases_answer a;
    cases = (struct sg_cases){.n = 1};
    sg_cases_answer_begin(&a, &job);
    sg_cases_answer_add(&a, 0, &(struct sg_case_result){.end = SG_CASE_SKIPPED_TIME});
    json_t *doc = finish(&a);
    assert_string_equal(text(doc, "status"), "failed");
    assert_true(json_is_null(json_object_get(doc, "resource_usage")));
    assert_true(json_is_null(json_object_get(json_object_get(doc, "timings"), "run_ms")));
    assert_true(json_is_null(json_object_get(json_object_get(doc, "runtime"), "version")));
    json_decref(doc);
}

/* Every case wrote `kept` bytes to each stream, of which the last is 'z', and more than that in all
   unless total is kept. Gives the bytes that are shown in all. */
static size_t shown(size_t n, size_t kept, uint64_t total, size_t *ret_least)
{
    struct sg_cases_answer a;
    sg_autofree char *output = malloc(kept);
    struct sg_outcome o = outcome_of(kept, total);
    size_t sum = 0;
    *ret_least = SIZE_MAX;
    memset(output, 'x', kept);
    output[kept - 1] = 'z';
    o.err = o.out;
    cases = (struct sg_cases){.n = n};
    sg_cases_answer_begin(&a, &job);
    for (size_t i = 0; i < n; i++) {
        struct sg_case_result r = {
            .passed = true, .outcome = &o, .out = {output, kept}, .err = {output, kept}};
        sg_cases_answer_add(&a, i, &r);
    }
    json_t *doc = finish(&a);
    for (size_t i = 0; i < 2 * n; i++) {
        const json_t *item = json_array_get(json_object_get(doc, "tests"), i / 2);
        const char *name = i % 2 ? "stderr" : "stdout";
        const char *stream = text(item, name);
        size_t len = strlen(stream);
        bool cut =
            json_is_true(json_object_get(item, i % 2 ? "stderr_truncated" : "stdout_truncated"));
        json_int_t at = json_integer_value(
            json_object_get(item, i % 2 ? "stderr_omitted_at" : "stdout_omitted_at"));
        assert_int_equal(cut, len < total);
        assert_int_equal(
            json_integer_value(json_object_get(item, i % 2 ? "stderr_bytes" : "stdout_bytes")),
            (json_int_t)total);
        assert_int_equal(stream[len - 1], 'z'); /* head and tail */
        if (cut)
            assert_true(at >= (json_int_t)len / 2 - 1 && at <= (json_int_t)len / 2 + 1);
        sum += len;
        *ret_least = len < *ret_least ? len : *ret_least;
    }
    json_decref(doc);
    return sum;
}

static void test_output_in_sum(void **state)
{
    (void)state;
    const size_t most = SG_CASES_OUTPUT_BYTES_MAX;
    size_t least;
    assert_int_equal(shown(2, 1000, 1000, &least), 4000); /* all of it */
    assert_int_equal(shown(2, 1000, 5000, &least), 4000);
    assert_int_equal(shown(1, most / 2, most / 2, &least), most);
    assert_int_equal(shown(1, most, most, &least), most);
    assert_int_equal(least, most / 2);
    size_t sum = shown(SG_CASES_MAX, 1 << 20, 1 << 20, &least);
    assert_true(sum <= most && sum > most - 4 * SG_CASES_MAX);
    assert_true(least >= most / (2 * SG_CASES_MAX)); /* nobody is left out */
    sum = shown(SG_CASES_MAX, 1 << 20, 64 << 20, &least);
    assert_true(sum <= most && sum > most - 4 * SG_CASES_MAX);
}

/* What was not used by the first is there for the last. */
static void test_output_left_over(void **state)
{
    (void)state;
    const size_t kept = 1 << 20;
    sg_autofree char *output = malloc(kept);
    struct sg_outcome little = outcome_of(1, 1), much = outcome_of(kept, kept);
    struct sg_cases_answer a;
    memset(output, 'x', kept);
    cases = (struct sg_cases){.n = SG_CASES_MAX};
    sg_cases_answer_begin(&a, &job);
    for (size_t i = 0; i < SG_CASES_MAX; i++) {
        bool last = i == SG_CASES_MAX - 1;
        sg_cases_answer_add(&a, i,
                            &(struct sg_case_result){.passed = true,
                                                     .outcome = last ? &much : &little,
                                                     .out = {output, last ? kept : 1}});
    }
    json_t *doc = finish(&a);
    const json_t *item = json_array_get(json_object_get(doc, "tests"), SG_CASES_MAX - 1);
    assert_int_equal(strlen(text(item, "stdout")), kept);
    assert_true(json_is_false(json_object_get(item, "stdout_truncated")));
    json_decref(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),          cmocka_unit_test(test_sums),
        cmocka_unit_test(test_long_sums),     cmocka_unit_test(test_nothing_ran),
        cmocka_unit_test(test_output_in_sum), cmocka_unit_test(test_output_left_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
