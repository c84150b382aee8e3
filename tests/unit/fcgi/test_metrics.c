/* What is counted where, and how it is written. promtool reads the real thing in
 * tests/integration/test_metrics.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fcgi/metrics.h"
#include "fcgi/metrics_internal.h"
#include "tests/unit/core/config/files.h"
#include "tests/unit/core/failing_alloc.h"
#include "tests/unit/fcgi/shipped_scoring.h"

static struct sg_config cfg;
static struct sg_runtimes runtimes;
static struct sg_scoring scoring;
static struct sg_metrics metrics;
static char path[700];

static int set_up(void **state)
{
    struct sg_error err = SG_ERROR_INIT;
    if (files_begin(state) < 0)
        return -1;
    snprintf(path, sizeof path, "%s", file_path("m"));
    cfg.worker.metrics = path;
    runtimes.v[0].language = (char *)"python";
    runtimes.v[1].language = (char *)"python"; /* of another version: one series */
    runtimes.v[2].language = (char *)"c++";
    runtimes.n = 3;
    return sg_metrics_open(&metrics, &cfg, &runtimes, &scoring, &err);
}

static int tear_down(void **state)
{
    sg_metrics_done(&metrics);
    return files_end(state);
}

/* The whole text; valid until the next call. */
static const char *text(void)
{
    static struct sg_buf b;
    sg_buf_clear(&b);
    assert_int_equal(sg_metrics_write(&b, &metrics), 0);
    return b.data;
}

static void expect_line(const char *line)
{
    char whole[512];
    snprintf(whole, sizeof whole, "\n%s\n", line);
    if (!strstr(text(), whole))
        fail_msg("no line '%s'", line);
}

/* Lines of series whose value is not 0, durations left out. */
static unsigned lines_that_count(void)
{
    unsigned n = 0;
    for (const char *at = text(); *at; at += strcspn(at, "\n") + 1) {
        size_t end = strcspn(at, "\n");
        n += *at != '#' && strncmp(at + end - 2, " 0", 2) != 0 &&
             !memmem(at, end, "_duration_", strlen("_duration_"));
    }
    return n;
}

static struct sg_outcome outcome_of(enum sg_reason reason, int exit_code)
{
    return (struct sg_outcome){
        .reason = reason,
        .exit_code = exit_code,
        .timings = {.start = SG_START_WARM, .queue_us = 500, .setup_us = 501, .run_us = 2500}};
}

static void test_all_series_are_there_at_once(void **state)
{
    (void)state;
    expect_line("sandgate_executions_total{language=\"c++\",engine=\"native\",status=\"failed\","
                "reason=\"memory\"} 0");
    expect_line("sandgate_execution_starts_total{language=\"python\",engine=\"docker\","
                "start=\"ahead\"} 0");
    expect_line("sandgate_validations_total{language=\"javascript\",policy=\"balanced\","
                "decision=\"allowed\"} 0");
    expect_line("sandgate_rule_refusals_total{rule=\"python.import.os\"} 0");
    expect_line("sandgate_http_requests_total{route=\"other\",status=\"499\"} 0");
    expect_line("sandgate_problems_total{code=\"busy\"} 0");
    expect_line("sandgate_worker_starts_total 1");
    expect_line("sandgate_counters_up 1");
    assert_null(strstr(text(), "status=\"success\",reason=\"memory\""));
    assert_null(strstr(text(), "code=\"none\""));
    assert_int_equal(lines_that_count(), 2);
}

static void test_runs(void **state)
{
    (void)state;
    static const struct {
        enum sg_reason reason;
        int exit_code;
        const char *labels;
    } rows[] = {
        {SG_REASON_EXITED, 0, "status=\"success\",reason=\"exited\""},
        {SG_REASON_EXITED, 1, "status=\"failed\",reason=\"exited\""},
        {SG_REASON_SIGNALED, -1, "status=\"failed\",reason=\"signaled\""},
        {SG_REASON_WALL_TIME, -1, "status=\"failed\",reason=\"wall_time\""},
        {SG_REASON_CANCELLED, -1, "status=\"failed\",reason=\"cancelled\""},
    };
    char line[256];
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_outcome o = outcome_of(rows[i].reason, rows[i].exit_code);
        struct sg_execution e = {.language = "python", .outcome = &o, .total_us = 4000};
        sg_metrics_execution(&metrics, &e);
        snprintf(line, sizeof line,
                 "sandgate_executions_total{language=\"python\",engine=\"native\",%s} 1",
                 rows[i].labels);
        expect_line(line);
    }
    expect_line("sandgate_execution_starts_total{language=\"python\",engine=\"native\","
                "start=\"warm\"} 5");
    struct sg_execution left = {.language = "python", .engine = SG_ENGINE_DOCKER};
    sg_metrics_execution(&metrics, &left);
    expect_line("sandgate_executions_total{language=\"python\",engine=\"docker\","
                "status=\"failed\",reason=\"cancelled\"} 1");
}

/* A bound belongs to its own bucket (le), and each holds what is below it. */
static void test_histogram(void **state)
{
    (void)state;
    static const int64_t totals[] = {-5, 0, 500, 501, 999, 120000000, 120000001, 4000000000000};
    for (size_t i = 0; i < SG_ARRAY_LEN(totals); i++) {
        struct sg_execution e = {.language = "python", .total_us = totals[i]};
        sg_metrics_execution(&metrics, &e);
    }
#define OF "{engine=\"native\",stage=\"total\""
    expect_line("sandgate_execution_stage_duration_seconds_bucket" OF ",le=\"0.0005\"} 3");
    expect_line("sandgate_execution_stage_duration_seconds_bucket" OF ",le=\"0.001\"} 5");
    expect_line("sandgate_execution_stage_duration_seconds_bucket" OF ",le=\"60\"} 5");
    expect_line("sandgate_execution_stage_duration_seconds_bucket" OF ",le=\"120\"} 6");
    expect_line("sandgate_execution_stage_duration_seconds_bucket" OF ",le=\"+Inf\"} 8");
    expect_line("sandgate_execution_stage_duration_seconds_count" OF "} 8");
    expect_line("sandgate_execution_stage_duration_seconds_sum" OF "} 4000240.002001");
    expect_line("sandgate_execution_stage_duration_seconds_count"
                "{engine=\"native\",stage=\"run\"} 0"); /* nothing ran */
    struct sg_outcome o = outcome_of(SG_REASON_EXITED, 0);
    struct sg_execution e = {.language = "python", .outcome = &o};
    sg_metrics_execution(&metrics, &e);
    expect_line("sandgate_execution_stage_duration_seconds_bucket"
                "{engine=\"native\",stage=\"setup\",le=\"0.0005\"} 0");
    expect_line("sandgate_execution_stage_duration_seconds_bucket"
                "{engine=\"native\",stage=\"setup\",le=\"0.001\"} 1");
    expect_line("sandgate_execution_stage_duration_seconds_sum"
                "{engine=\"native\",stage=\"run\"} 0.002500");
    for (size_t i = 0; i < SG_METRICS_BUCKETS; i++) { /* the text says what the number is */
        assert_true(strtod(sg_metrics_buckets[i].le, NULL) * 1e6 ==
                    (double)sg_metrics_buckets[i].us);
        assert_true(i == 0 || sg_metrics_buckets[i].us > sg_metrics_buckets[i - 1].us);
    }
}

/* Rules count once for an execution, and only where they added to the score. */
static void test_refusals_by_rule(void **state)
{
    (void)state;
    struct sg_finding findings[] = {{.rule = "python.import.os", .score = 30},
                                    {.rule = "python.import.os", .score = 30},
                                    {.rule = "python.eval", .score = 0},
                                    {.rule = "no.such.rule", .score = 50}};
    struct sg_verdict v = {.decision = SG_DECISION_REJECTED,
                           .policy = "strict",
                           .findings = findings,
                           .nfindings = SG_ARRAY_LEN(findings),
                           .took_us = 100};
    struct sg_execution e = {.language = "python", .verdict = &v, .total_us = 200};
    unsigned before = lines_that_count();
    sg_metrics_execution(&metrics, &e);
    sg_metrics_validation(&metrics, "python", &v);
    expect_line("sandgate_rule_refusals_total{rule=\"python.import.os\"} 1");
    expect_line("sandgate_executions_total{language=\"python\",engine=\"native\","
                "status=\"rejected\",reason=\"risk_score\"} 1");
    expect_line("sandgate_validations_total{language=\"python\",policy=\"strict\","
                "decision=\"rejected\"} 1");
    v.decision = SG_DECISION_ALLOWED; /* found, and let through: no refusal */
    struct sg_outcome o = outcome_of(SG_REASON_EXITED, 0);
    e.outcome = &o;
    sg_metrics_execution(&metrics, &e);
    expect_line("sandgate_rule_refusals_total{rule=\"python.import.os\"} 1");
    assert_true(lines_that_count() > before);
}

static void test_requests(void **state)
{
    (void)state;
    sg_metrics_request(&metrics, "/health", 200, SG_PROBLEM_NONE);
    sg_metrics_request(&metrics, "/v1/execute", 503, SG_PROBLEM_BUSY);
    sg_metrics_request(&metrics, "", 404, SG_PROBLEM_NOT_FOUND);
    sg_metrics_request(&metrics, "/v1/execute\",x=\"", 404, SG_PROBLEM_NOT_FOUND);
    expect_line("sandgate_http_requests_total{route=\"/health\",status=\"200\"} 1");
    expect_line("sandgate_http_requests_total{route=\"/v1/execute\",status=\"503\"} 1");
    expect_line("sandgate_http_requests_total{route=\"other\",status=\"404\"} 2");
    expect_line("sandgate_problems_total{code=\"busy\"} 1");
    expect_line("sandgate_problems_total{code=\"not_found\"} 2");
}

/* Nothing that is not in the table makes a series, or is counted under another's name. */
static void test_the_unknown_adds_nothing(void **state)
{
    (void)state;
    unsigned before = lines_that_count();
    struct sg_verdict v = {.decision = SG_DECISION_ALLOWED, .policy = "mine"};
    sg_metrics_validation(&metrics, "python", &v);
    sg_metrics_validation(&metrics, "cobol", &(struct sg_verdict){.policy = "strict"});
    sg_metrics_request(&metrics, "/health", 299, SG_PROBLEM_NONE);
    struct sg_outcome o = outcome_of(SG_REASON_EXITED, 0);
    o.timings.start = 77;
    o.reason = 99;
    sg_metrics_execution(&metrics, &(struct sg_execution){.language = "python", .outcome = &o});
    size_t n = metrics.n;
    assert_int_equal(lines_that_count(), before);
    sg_metrics_execution(&metrics, &(struct sg_execution){.language = "cobol"});
    assert_int_equal(metrics.n, n);
    assert_null(strstr(text(), "cobol"));
    assert_null(strstr(text(), "299"));
    sg_metrics_execution(NULL, &(struct sg_execution){.language = "python"}); /* no metrics */
    sg_metrics_request(NULL, "/health", 200, SG_PROBLEM_NONE);
    sg_metrics_validation(NULL, "python", &v);
}

static void test_labels_are_escaped(void **state)
{
    (void)state;
    struct sg_metrics m;
    struct sg_error err = SG_ERROR_INIT;
    sg_auto(sg_buf) struct sg_buf b = {0};
    runtimes.v[2].language = (char *)"a\"b\\c\nd";
    assert_int_equal(sg_metrics_open(&m, &cfg, &runtimes, &scoring, &err), 0);
    assert_int_equal(sg_metrics_write(&b, &m), 0);
    assert_non_null(strstr(b.data, "{language=\"a\\\"b\\\\c\\nd\",engine"));
    sg_metrics_done(&m);
}

static void test_another_configuration_is_another_layout(void **state)
{
    (void)state;
    struct sg_metrics m = {0};
    uint64_t before = sg_metrics_table_lay_out(&metrics);
    size_t n = metrics.n;
    assert_int_equal(sg_metrics_table_fill(&m, &cfg, &runtimes, &scoring), 0);
    assert_true(sg_metrics_table_lay_out(&m) == before);
    sg_metrics_table_done(&m);
    runtimes.v[2].language = (char *)"c";
    assert_int_equal(sg_metrics_table_fill(&m, &cfg, &runtimes, &scoring), 0);
    assert_true(sg_metrics_table_lay_out(&m) != before);
    assert_int_equal(m.n, n); /* as many, and they mean something else */
    sg_metrics_table_done(&m);
}

static void test_without_a_file(void **state)
{
    (void)state;
    struct sg_metrics m;
    struct sg_error err = SG_ERROR_INIT;
    sg_auto(sg_buf) struct sg_buf b = {0};
    cfg.worker.metrics = (char *)"";
    assert_int_equal(sg_metrics_open(&m, &cfg, &runtimes, &scoring, &err), SG_E_UNAVAILABLE);
    sg_metrics_request(&m, "/health", 200, SG_PROBLEM_NONE);
    assert_int_equal(sg_metrics_write(&b, &m), 0);
    assert_true(
        strncmp(b.data, "# nothing is counted for /metrics: worker.metrics is empty\n", 59) == 0);
    assert_non_null(strstr(b.data, "\nsandgate_counters_up 0\n"));
    assert_null(strstr(b.data, "_total"));
    sg_metrics_done(&m);
    cfg.worker.metrics = (char *)"/nonexistent/m";
    sg_error_clear(&err);
    assert_int_equal(sg_metrics_open(&m, &cfg, &runtimes, &scoring, &err), -ENOENT);
    assert_non_null(strstr(err.fix, "worker.metrics"));
    sg_metrics_done(&m);
}

static void test_no_memory(void **state)
{
    (void)state;
    int rc = -1;
    for (long n = 0; rc < 0 && n < 20000; n += n < 50 ? 1 : 97) {
        struct sg_metrics m;
        fail_alloc_at(n);
        struct sg_error err = SG_ERROR_INIT;
        rc = sg_metrics_open(&m, &cfg, &runtimes, &scoring, &err);
        bool failed = alloc_failed;
        fail_alloc_never();
        assert_true((rc < 0) == failed);
        sg_metrics_request(&m, "/health", 200, SG_PROBLEM_NONE);
        sg_metrics_done(&m);
    }
    assert_int_equal(rc, 0);
    for (long n = 0; n < 20; n++) {
        struct sg_buf b = {0};
        fail_alloc_at(n);
        rc = sg_metrics_write(&b, &metrics);
        bool failed = alloc_failed;
        fail_alloc_never();
        assert_true((rc == -ENOMEM) == failed);
        sg_buf_done(&b);
    }
}

static void test_gauges(void **state)
{
    (void)state;
    sg_auto(sg_buf) struct sg_buf b = {0};
    struct sg_gauges g = {.slots = 4, .ready = 1, .templates = {1, 2, 3}, .clones_total = 9};
    g.boxes[SG_BOX_ENDING] = 7;
    memset(&g.process, 0xff, sizeof g.process);
    g.process.cpu_us = 1000001;
    g.process.start_time_ms = 1700000000007;
    const struct sg_engine_gauges engines[] = {{SG_ENGINE_NATIVE, &g}, {SG_ENGINE_DOCKER, NULL}};
    assert_int_equal(sg_metrics_write_gauges(&b, engines, 2), 0);
    static const char *const lines[] = {
        "sandgate_engine_up{engine=\"native\"} 1",
        "sandgate_engine_up{engine=\"docker\"} 0",
        "sandgate_engine_ready{engine=\"native\"} 1",
        "sandgate_slots{engine=\"native\"} 4",
        "sandgate_templates{engine=\"native\",state=\"starting\"} 1",
        "sandgate_templates{engine=\"native\",state=\"failed\"} 3",
        "sandgate_boxes{engine=\"native\",state=\"ending\"} 7",
        "sandgate_template_clones_total{engine=\"native\"} 9",
        "process_cpu_seconds_total{engine=\"native\"} 1.000001",
        "process_start_time_seconds{engine=\"native\"} 1700000000.007",
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(lines); i++)
        if (!strstr(b.data, lines[i]))
            fail_msg("no line '%s'", lines[i]);
    assert_null(strstr(b.data, "sandgate_slots{engine=\"docker\"}")); /* not known, so not told */
    assert_null(strstr(b.data, "process_open_fds{"));
}

int main(void)
{
    int rc = shipped_scoring(&scoring, &cfg.validate.policies);
    sg_strings_add(&cfg.worker.engines, "native");
    sg_strings_add(&cfg.worker.engines, "docker");
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_all_series_are_there_at_once),
        CASE(test_runs),
        CASE(test_histogram),
        CASE(test_refusals_by_rule),
        CASE(test_requests),
        CASE(test_the_unknown_adds_nothing),
        CASE(test_labels_are_escaped),
        CASE(test_another_configuration_is_another_layout),
        CASE(test_without_a_file),
        CASE(test_no_memory),
        CASE(test_gauges),
    };
    if (rc == 0)
        rc = cmocka_run_group_tests(tests, NULL, NULL);
    sg_strings_done(&cfg.worker.engines);
    sg_strings_done(&cfg.validate.policies);
    sg_scoring_done(&scoring);
    return rc;
}
