/* Why a run ended: a table over what its container tells. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <string.h>

#include <cmocka.h>

#include "core/docker/internal.h"

#define EXIT(n) ((n) << 8)

static const struct sg_limits limits = {.wall_time_ms = 1000,
                                        .cpu_time_ms = 500,
                                        .memory_bytes = 1 << 20,
                                        .processes = 10,
                                        .output_bytes = 100,
                                        .file_bytes = 1000,
                                        .cpu_percent = 50};

struct row {
    const char *name;
    int status;
    bool ended, killed, cpu_time_up;
    enum sg_reason why; /* killed for */
    uint64_t oom, pids, cpu_us;
    enum sg_reason reason;
    int exit_code, signal;
};

static const struct row rows[] = {
    {"exit 0", EXIT(0), true, false, false, 0, 0, 0, 9, SG_REASON_EXITED, 0, 0},
    {"exit 137 is no signal", EXIT(137), true, false, false, 0, 0, 0, 9, SG_REASON_EXITED, 137, 0},
    {"killed by itself", SIGKILL, true, false, false, 0, 0, 0, 9, SG_REASON_SIGNALED, -1, SIGKILL},
    {"out of memory", SIGKILL, true, false, false, 0, 1, 0, 9, SG_REASON_MEMORY, -1, SIGKILL},
    {"a child out of memory", EXIT(1), true, false, false, 0, 1, 0, 9, SG_REASON_MEMORY, 1, 0},
    {"a child, and it went on", EXIT(0), true, false, false, 0, 1, 0, 9, SG_REASON_EXITED, 0, 0},
    {"wall", SIGKILL, false, true, false, SG_REASON_WALL_TIME, 0, 0, 9, SG_REASON_WALL_TIME, -1,
     SIGKILL},
    {"wall, and memory before", SIGKILL, false, true, false, SG_REASON_WALL_TIME, 2, 0, 9,
     SG_REASON_WALL_TIME, -1, SIGKILL},
    {"it was quicker than we", EXIT(0), true, true, false, SG_REASON_WALL_TIME, 0, 0, 9,
     SG_REASON_EXITED, 0, 0},
    {"flood, and it ended", EXIT(0), true, true, false, SG_REASON_OUTPUT, 0, 0, 9, SG_REASON_OUTPUT,
     0, 0},
    {"cancelled", SIGKILL, false, true, false, SG_REASON_CANCELLED, 0, 0, 9, SG_REASON_CANCELLED,
     -1, SIGKILL},
    {"cpu", SIGKILL, false, false, true, 0, 0, 0, 600000, SG_REASON_CPU_TIME, -1, SIGKILL},
    {"rlimit of cpu", SIGXCPU, true, false, false, 0, 0, 0, 600000, SG_REASON_CPU_TIME, -1,
     SIGXCPU},
    {"XCPU to itself", SIGXCPU, true, false, false, 0, 0, 0, 9, SG_REASON_SIGNALED, -1, SIGXCPU},
    {"file size", SIGXFSZ, true, false, false, 0, 0, 0, 9, SG_REASON_FILE_SIZE, -1, SIGXFSZ},
    {"seccomp", SIGSYS, true, false, false, 0, 0, 0, 9, SG_REASON_SECCOMP, -1, SIGSYS},
    {"processes", EXIT(1), true, false, false, 0, 0, 3, 9, SG_REASON_PROCESSES, 1, 0},
    {"processes, and it aborts", SIGABRT, true, false, false, 0, 0, 3, 9, SG_REASON_PROCESSES, -1,
     SIGABRT},
    {"it aborts", SIGABRT, true, false, false, 0, 0, 0, 9, SG_REASON_SIGNALED, -1, SIGABRT},
    {"processes, and a fault", SIGSEGV, true, false, false, 0, 0, 3, 9, SG_REASON_SIGNALED, -1,
     SIGSEGV},
    {"processes, and it went on", EXIT(0), true, false, false, 0, 0, 3, 9, SG_REASON_EXITED, 0, 0},
    {"nothing known", EXIT(1), true, false, false, 0, SG_UNKNOWN, SG_UNKNOWN, SG_UNKNOWN,
     SG_REASON_EXITED, 1, 0},
};

static void test_reasons(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        const struct row *r = &rows[i];
        const struct sg_boot_end end = {.status = r->status,
                                        .ended = r->ended,
                                        .cpu_time_up = r->cpu_time_up,
                                        .cpu_us = r->cpu_us,
                                        .oom_kills = r->oom,
                                        .memory_hits = r->oom,
                                        .pids_hits = r->pids};
        const struct sg_verdict_facts f = {
            .limits = &limits, .end = &end, .killed = r->killed, .reason = r->why};
        struct sg_outcome o = {.exit_code = -1};
        verdict_fill(&o, &f);
        if (o.reason != r->reason || o.exit_code != r->exit_code || o.signal != r->signal)
            fail_msg("%s: reason %u, exit %d, signal %d", r->name, o.reason, o.exit_code, o.signal);
    }
}

static void test_usage(void **state)
{
    (void)state;
    const struct sg_boot_end end = {.status = 0,
                                    .ended = 1,
                                    .wall_us = 70,
                                    .user_us = 30,
                                    .system_us = 10,
                                    .cpu_us = 80,
                                    .memory_peak = 4096,
                                    .pids_peak = 3,
                                    .throttled = 2};
    const struct sg_verdict_facts f = {.limits = &limits, .end = &end, .out_bytes = 101};
    struct sg_outcome o = {.exit_code = -1};
    verdict_fill(&o, &f);
    assert_int_equal(o.usage.cpu_user_us, 60); /* the cgroup's sum, as the processes divide it */
    assert_int_equal(o.usage.cpu_system_us, 20);
    assert_int_equal(o.usage.processes_peak, 1);
    assert_int_equal(o.usage.wall_time_us, 70);
    assert_int_equal(o.limits_hit, SG_HIT_CPU_PERCENT | SG_HIT_OUTPUT);
    assert_true(o.limit == SG_UNKNOWN && o.peak == SG_UNKNOWN);
}

static void test_nothing_of_a_stream_is_left_out(void **state)
{
    (void)state;
    const struct sg_boot_end end = {.ended = 1};
    const struct sg_verdict_facts f = {
        .limits = &limits, .end = &end, .out_bytes = 101, .streamed = true};
    struct sg_outcome o = {.exit_code = -1};
    verdict_fill(&o, &f);
    assert_int_equal(o.limits_hit, 0);
}

/* The kernel kills in a container also for what others have taken. */
static void test_memory_of_others(void **state)
{
    (void)state;
    struct sg_boot_end end = {.status = SIGKILL, .ended = 1, .oom_kills = 1, .memory_peak = 77};
    const struct sg_verdict_facts f = {.limits = &limits, .end = &end};
    struct sg_outcome o = {.exit_code = -1};
    verdict_fill(&o, &f);
    assert_int_equal(o.reason, SG_REASON_SIGNALED);
    assert_int_equal(o.limits_hit, 0);
    assert_false(verdict_out_of_memory(&limits, &end));
    end.memory_peak = limits.memory_bytes;
    verdict_fill(&o, &f);
    assert_int_equal(o.reason, SG_REASON_MEMORY);
    assert_int_equal(o.limits_hit, SG_HIT_MEMORY);
}

static void test_limit_of_the_reason(void **state)
{
    (void)state;
    const struct sg_boot_end end = {
        .status = SIGKILL, .ended = 1, .oom_kills = 1, .memory_hits = 1, .memory_peak = 77};
    const struct sg_verdict_facts f = {.limits = &limits, .end = &end};
    struct sg_outcome o = {.exit_code = -1};
    verdict_fill(&o, &f);
    assert_int_equal(o.limit, 1 << 20);
    assert_int_equal(o.peak, 77);
    assert_int_equal(o.limits_hit, SG_HIT_MEMORY);
}

/* A time limit may be a day. */
static void test_timings(void **state)
{
    (void)state;
    const int64_t day = 86400ll * 1000000;
    static const struct {
        int64_t begun, ended, answered;
        uint64_t wall;
        uint32_t setup, run, collect;
    } times[] = {
        {10, 100, 130, 60, 30, 60, 30},
        {10, 100, 100, 95, 0, 95, 0}, /* the clocks of two machines */
        {0, 4294967295, 4294967295, 4294967295, 0, UINT32_MAX, 0},
        {0, 4294967297, 4294967299, 4294967296, 1, UINT32_MAX, 2},
    };
    struct sg_timings t;
    for (size_t i = 0; i < SG_ARRAY_LEN(times); i++) {
        verdict_timings(&t, &(struct sg_verdict_times){times[i].begun, times[i].ended,
                                                       times[i].answered, times[i].wall});
        if (t.setup_us != times[i].setup || t.run_us != times[i].run ||
            t.collect_us != times[i].collect)
            fail_msg("row %zu: %u %u %u", i, t.setup_us, t.run_us, t.collect_us);
    }
    verdict_timings(&t, &(struct sg_verdict_times){1, 2 * day, 4 * day, (uint64_t)day});
    assert_true(t.setup_us == UINT32_MAX && t.run_us == UINT32_MAX && t.collect_us == UINT32_MAX);
    verdict_timings(&t, &(struct sg_verdict_times){0, 1, 1, SG_UNKNOWN}); /* a container's word */
    assert_true(t.setup_us == 0 && t.run_us == UINT32_MAX && t.collect_us == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_nothing_of_a_stream_is_left_out),
        cmocka_unit_test(test_memory_of_others),
        cmocka_unit_test(test_limit_of_the_reason),
        cmocka_unit_test(test_timings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
