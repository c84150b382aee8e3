/* The table of problems is complete, and each refusal of an executor has its place in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "fcgi/problem.h"

static void test_table_is_complete(void **state)
{
    (void)state;
    for (int i = 1; i < SG_PROBLEM_COUNT; i++) {
        const struct sg_problem_info *p = &sg_problem_table[i];
        assert_non_null(p->code);
        assert_non_null(p->title);
        assert_true(p->status >= 400 && p->status < 600);
        for (const char *c = p->code; *c; c++)
            assert_true((*c >= 'a' && *c <= 'z') || *c == '_');
        for (int k = 0; k < i; k++)
            assert_string_not_equal(p->code, sg_problem_table[k].code);
    }
}

static json_t *write_and_read(const struct sg_problem *p)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    assert_int_equal(sg_problem_write(&b, p, "/v1/execute", "req-1"), 0);
    json_t *doc = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(doc);
    return doc;
}

static const char *text_of(const json_t *doc, const char *name)
{
    return json_string_value(json_object_get(doc, name));
}

static void test_each_can_be_written(void **state)
{
    (void)state;
    for (int i = 1; i < SG_PROBLEM_COUNT; i++) {
        sg_auto(sg_problem) struct sg_problem p = {0};
        sg_problem_set(&p, (enum sg_problem_id)i, "detail %d", i);
        json_t *doc = write_and_read(&p);
        assert_string_equal(text_of(doc, "code"), sg_problem_table[i].code);
        assert_true(sg_str_starts(text_of(doc, "type"), "urn:sandgate:problem:"));
        assert_string_equal(text_of(doc, "instance"), "/v1/execute");
        assert_string_equal(text_of(doc, "request_id"), "req-1");
        assert_int_equal(json_integer_value(json_object_get(doc, "status")),
                         sg_problem_table[i].status);
        assert_true(json_is_array(json_object_get(doc, "errors")));
        assert_true(json_is_boolean(json_object_get(doc, "retryable")));
        assert_true(strlen(text_of(doc, "detail")) > 0);
        json_decref(doc);
    }
}

static void test_first_problem_wins(void **state)
{
    (void)state;
    sg_auto(sg_problem) struct sg_problem p = {0};
    sg_problem_set(&p, SG_PROBLEM_BUSY, "first");
    sg_problem_set(&p, SG_PROBLEM_INTERNAL, "second");
    assert_int_equal(p.id, SG_PROBLEM_BUSY);
    assert_string_equal(p.detail, "first");
}

static void test_fields(void **state)
{
    (void)state;
    sg_auto(sg_problem) struct sg_problem p = {0};
    for (int i = 0; i < SG_PROBLEM_FIELDS_MAX + 10; i++)
        sg_problem_field(&p, "/a~1b", "is \"%d\"", i);
    json_t *doc = write_and_read(&p);
    const json_t *errors = json_object_get(doc, "errors");
    assert_string_equal(text_of(doc, "code"), "invalid_request");
    assert_int_equal(json_array_size(errors), SG_PROBLEM_FIELDS_MAX);
    assert_string_equal(text_of(json_array_get(errors, 3), "pointer"), "/a~1b");
    assert_string_equal(text_of(json_array_get(errors, 3), "detail"), "is \"3\"");
    assert_string_equal(text_of(doc, "detail"), "74 fields are invalid; the first 64 are listed");
    json_decref(doc);
}

static const struct {
    enum sg_refusal refusal;
    const char *code;
    int status;
    unsigned retry_after_s; /* of the answer, when the message says 0 */
} refusals[] = {
    {SG_REFUSAL_BUSY, "busy", 503, 1},
    {SG_REFUSAL_LAYER, "layer_unavailable", 503, 0},
    {SG_REFUSAL_LIMIT, "limit_refused", 422, 0},
    {SG_REFUSAL_RUNTIME, "unknown_runtime", 422, 0},
    {SG_REFUSAL_PROTOCOL, "internal", 500, 0},
    {SG_REFUSAL_STOPPING, "stopping", 503, 1},
    {SG_REFUSAL_PROGRAM, "program_refused", 422, 0},
    {SG_REFUSAL_INTERNAL, "internal", 500, 0},
    {SG_REFUSAL_LOST, "executor_lost", 502, 1},
};

static void test_refusals(void **state)
{
    (void)state;
    assert_int_equal(SG_ARRAY_LEN(refusals), SG_REFUSAL_END - 1);
    for (size_t i = 0; i < SG_ARRAY_LEN(refusals); i++) {
        sg_auto(sg_problem) struct sg_problem p = {0};
        struct sg_msg_refused m = {.refusal = refusals[i].refusal,
                                   .step = "mount_proc",
                                   .text = "secret internals",
                                   .fix = "do this"};
        sg_problem_from_refusal(&p, &m);
        assert_string_equal(sg_problem_table[p.id].code, refusals[i].code);
        assert_int_equal(sg_problem_table[p.id].status, refusals[i].status);
        assert_int_equal(p.retry_after_s, refusals[i].retry_after_s);
        if (refusals[i].status == 500) /* internals are not told */
            assert_null(strstr(p.detail, "secret"));
        else
            assert_string_equal(p.detail, "secret internals");
    }
}

static void test_layer_refusal_tells_step_and_fix(void **state)
{
    (void)state;
    sg_auto(sg_problem) struct sg_problem p = {0};
    struct sg_msg_refused m = {
        .refusal = SG_REFUSAL_LAYER, .step = "mount_proc", .text = "no proc", .fix = "mount one"};
    sg_problem_from_refusal(&p, &m);
    json_t *doc = write_and_read(&p);
    assert_string_equal(text_of(doc, "step"), "mount_proc");
    assert_string_equal(text_of(doc, "hint"), "mount one");
    assert_string_equal(text_of(doc, "detail"), "no proc");
    json_decref(doc);
}

static void test_busy_hands_on_retry_after(void **state)
{
    (void)state;
    sg_auto(sg_problem) struct sg_problem p = {0};
    struct sg_msg_refused m = {.refusal = SG_REFUSAL_BUSY, .retry_after_s = 17, .text = "full"};
    sg_problem_from_refusal(&p, &m);
    assert_int_equal(p.retry_after_s, 17);
}

static void test_unknown_refusal(void **state)
{
    (void)state;
    sg_auto(sg_problem) struct sg_problem p = {0};
    struct sg_msg_refused m = {.refusal = 999};
    sg_problem_from_refusal(&p, &m);
    assert_int_equal(p.id, SG_PROBLEM_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_complete),
        cmocka_unit_test(test_each_can_be_written),
        cmocka_unit_test(test_first_problem_wins),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_layer_refusal_tells_step_and_fix),
        cmocka_unit_test(test_busy_hands_on_retry_after),
        cmocka_unit_test(test_unknown_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
