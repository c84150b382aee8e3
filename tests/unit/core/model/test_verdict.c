/* Names of severities and decisions; the sentence about a refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/model/verdict.h"

static void test_names(void **state)
{
    (void)state;
    static const char *const severities[] = {"info", "low", "medium", "high", "critical"};
    static const char *const decisions[] = {"skipped", "allowed", "rejected"};
    assert_int_equal(SG_ARRAY_LEN(severities), SG_SEVERITY_COUNT);
    assert_int_equal(SG_ARRAY_LEN(decisions), SG_DECISION_COUNT);
    for (int i = 0; i < SG_SEVERITY_COUNT; i++) {
        assert_string_equal(sg_severity_name((enum sg_severity)i), severities[i]);
        assert_int_equal(sg_severity_from_name(severities[i]), i);
    }
    for (int i = 0; i < SG_DECISION_COUNT; i++)
        assert_string_equal(sg_decision_name((enum sg_decision)i), decisions[i]);
    assert_null(sg_severity_name(SG_SEVERITY_COUNT));
    assert_null(sg_severity_name((enum sg_severity) - 1));
    assert_null(sg_decision_name(SG_DECISION_COUNT));
    assert_int_equal(sg_severity_from_name("grave"), -ENOENT);
    assert_int_equal(sg_severity_from_name("High"), -ENOENT);
    assert_int_equal(sg_severity_from_name(""), -ENOENT);
}

static struct sg_finding findings[] = {
    {.rule = "a", .message = (char *)"does a", .score = 10, .line = 3},
    {.rule = "zero", .message = (char *)"is told", .score = 0, .line = 1},
    {.rule = "b", .message = (char *)"does b", .score = 40, .line = 7},
    {.rule = "b", .message = (char *)"does b", .score = 40, .line = 8},
    {.rule = "c", .message = (char *)"does c", .score = 40, .line = 9},
    {.rule = "d", .message = (char *)"does d", .score = 20, .line = 2},
};
#define BEGIN                                                                                      \
    "The code was refused before it ran: its risk score is 90, policy strict refuses from 30 on"

static void test_sentence(void **state)
{
    (void)state;
    static const struct {
        size_t n; /* findings */
        const char *sentence;
    } rows[] = {
        {0, BEGIN "."},
        {1, BEGIN ": does a (a, line 3)."},
        {2, BEGIN ": does a (a, line 3)."},
        {4, BEGIN ": does b (b, line 7); does a (a, line 3)."},
        /* the three worst, each rule once, the first of equals first */
        {6, BEGIN ": does b (b, line 7); does c (c, line 9); does d (d, line 2)."},
    };
    char text[512];
    struct sg_verdict v = {.decision = SG_DECISION_REJECTED,
                           .score = 90,
                           .threshold = 30,
                           .policy = "strict",
                           .findings = findings};
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        v.nfindings = rows[i].n;
        sg_verdict_sentence(&v, text, sizeof text);
        assert_string_equal(text, rows[i].sentence);
    }
}

static void test_sentence_of_others_and_cut(void **state)
{
    (void)state;
    char text[64] = "before";
    struct sg_verdict v = {.decision = SG_DECISION_ALLOWED, .findings = findings, .nfindings = 6};
    sg_verdict_sentence(&v, text, sizeof text);
    assert_string_equal(text, "");
    v.decision = SG_DECISION_SKIPPED;
    sg_verdict_sentence(&v, text, sizeof text);
    assert_string_equal(text, "");
    v.decision = SG_DECISION_REJECTED;
    sg_verdict_sentence(&v, text, 9);
    assert_string_equal(text, "The code");
    sg_verdict_sentence(&v, text, 1);
    assert_string_equal(text, "");
    text[0] = 'x';
    sg_verdict_sentence(&v, text, 0);
    assert_int_equal(text[0], 'x');
}

static void test_done(void **state)
{
    (void)state;
    static const struct sg_verdict none;
    struct sg_verdict v = {.score = 5, .nfindings = 2, .findings = calloc(2, sizeof *v.findings)};
    v.findings[0].message = strdup("m");
    v.findings[1].snippet = strdup("s");
    sg_verdict_done(&v);
    assert_memory_equal(&v, &none, sizeof v);
    sg_verdict_done(&v);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_sentence),
        cmocka_unit_test(test_sentence_of_others_and_cut),
        cmocka_unit_test(test_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
