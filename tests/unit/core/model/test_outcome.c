/* No value of an enum lacks a name, and no name is used twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/model/limits.h"
#include "core/model/outcome.h"

static const char *reason(unsigned i)
{
    return sg_reason_name((enum sg_reason)i);
}

static const char *layer(unsigned i)
{
    return sg_layer_name((enum sg_layer)i);
}

static const char *start(unsigned i)
{
    return sg_start_name((enum sg_start)i);
}

static void test_names_are_whole(void **state)
{
    (void)state;
    static const struct {
        const char *(*name)(unsigned);
        unsigned count;
    } tables[] = {{reason, SG_REASON_COUNT},
                  {layer, SG_LAYER_COUNT},
                  {start, SG_START_COUNT},
                  {sg_hit_name, SG_HIT_COUNT}};
    for (size_t t = 0; t < SG_ARRAY_LEN(tables); t++) {
        for (unsigned i = 0; i < tables[t].count; i++) {
            const char *name = tables[t].name(i);
            if (!name || !*name || strspn(name, "abcdefghijklmnopqrstuvwxyz_") != strlen(name))
                fail_msg("table %zu, value %u: %s", t, i, name ? name : "NULL");
            for (unsigned k = 0; k < i; k++)
                assert_string_not_equal(name, tables[t].name(k));
        }
        assert_null(tables[t].name(tables[t].count));
        assert_null(tables[t].name(UINT32_MAX));
    }
}

static void test_reason_names(void **state)
{
    (void)state;
    static const struct {
        enum sg_reason reason;
        const char *name;
    } rows[] = {
        {SG_REASON_EXITED, "exited"},       {SG_REASON_SIGNALED, "signaled"},
        {SG_REASON_WALL_TIME, "wall_time"}, {SG_REASON_CPU_TIME, "cpu_time"},
        {SG_REASON_MEMORY, "memory"},       {SG_REASON_PROCESSES, "processes"},
        {SG_REASON_OUTPUT, "output"},       {SG_REASON_FILE_SIZE, "file_size"},
        {SG_REASON_SECCOMP, "seccomp"},     {SG_REASON_CANCELLED, "cancelled"},
    };
    assert_int_equal(SG_ARRAY_LEN(rows), SG_REASON_COUNT);
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        assert_string_equal(sg_reason_name(rows[i].reason), rows[i].name);
}

static void test_hits_are_limits(void **state)
{
    (void)state;
    static const struct {
        unsigned bit;
        const char *name;
    } rows[] = {
        {SG_HIT_MEMORY, "memory_bytes"},    {SG_HIT_PROCESSES, "processes"},
        {SG_HIT_OUTPUT, "output_bytes"},    {SG_HIT_CPU_PERCENT, "cpu_percent"},
        {SG_HIT_WALL_TIME, "wall_time_ms"}, {SG_HIT_CPU_TIME, "cpu_time_ms"},
        {SG_HIT_FILE_SIZE, "file_bytes"},
    };
    assert_int_equal(SG_ARRAY_LEN(rows), SG_HIT_COUNT);
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        assert_string_equal(sg_hit_name((unsigned)__builtin_ctz(rows[i].bit)), rows[i].name);
        assert_non_null(sg_limit_find(rows[i].name));
    }
}

static void test_layers_there_and_back(void **state)
{
    (void)state;
    for (int l = 0; l < SG_LAYER_COUNT; l++)
        assert_int_equal(sg_layer_from_name(sg_layer_name((enum sg_layer)l)), l);
    assert_int_equal(sg_layer_from_name("cgroup_memory"), SG_LAYER_CGROUP_MEMORY);
    assert_int_equal(sg_layer_from_name("private_uid"), SG_LAYER_PRIVATE_UID);
    assert_int_equal(sg_layer_from_name("none"), -ENOENT);
    assert_int_equal(sg_layer_from_name(""), -ENOENT);
    assert_true(SG_LAYER_COUNT <= 32); /* they are bits of a uint32_t */
}

static void test_signals(void **state)
{
    (void)state;
    for (int s = 1; s <= 64; s++) {
        const char *name = sg_signal_name(s);
        if (!name || strncmp(name, "SIG", 3) != 0)
            fail_msg("signal %d: %s", s, name ? name : "NULL");
        for (int k = 1; k < s; k++)
            assert_string_not_equal(name, sg_signal_name(k));
    }
    assert_string_equal(sg_signal_name(9), "SIGKILL");
    assert_string_equal(sg_signal_name(11), "SIGSEGV");
    assert_string_equal(sg_signal_name(31), "SIGSYS");
    assert_string_equal(sg_signal_name(35), "SIGRTMIN+1");
    assert_string_equal(sg_signal_name(64), "SIGRTMAX");
    assert_null(sg_signal_name(0));
    assert_null(sg_signal_name(-1));
    assert_null(sg_signal_name(65));
}

static void test_reason_of_a_signal(void **state)
{
    (void)state;
    assert_int_equal(sg_reason_of_signal(SIGXFSZ, false, true), SG_REASON_FILE_SIZE);
    assert_int_equal(sg_reason_of_signal(SIGSYS, true, true), SG_REASON_SECCOMP);
    assert_int_equal(sg_reason_of_signal(SIGXCPU, true, true), SG_REASON_CPU_TIME);
    assert_int_equal(sg_reason_of_signal(SIGKILL, true, true), SG_REASON_CPU_TIME);
    assert_int_equal(sg_reason_of_signal(SIGXCPU, false, true), SG_REASON_SIGNALED);
    assert_int_equal(sg_reason_of_signal(SIGKILL, false, true), SG_REASON_SIGNALED);
    assert_int_equal(sg_reason_of_signal(SIGSEGV, true, true), SG_REASON_SIGNALED);
    assert_int_equal(sg_reason_of_signal(SIGABRT, true, true), SG_REASON_PROCESSES);
    assert_int_equal(sg_reason_of_signal(SIGABRT, true, false), SG_REASON_SIGNALED);
}

/* wall_time_ms may be a day: what does not fit must not look short. */
static void test_timings_do_not_wrap(void **state)
{
    static const struct {
        int64_t us;
        uint32_t told;
    } rows[] = {{0, 0},
                {1, 1},
                {UINT32_MAX - 1, UINT32_MAX - 1},
                {UINT32_MAX, UINT32_MAX},
                {(int64_t)UINT32_MAX + 1, UINT32_MAX},
                {86400 * INT64_C(1000000), UINT32_MAX},
                {-1, 0}};
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        assert_int_equal(sg_timing_us(rows[i].us), rows[i].told);
    const struct sg_timings all = {0, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
    assert_true(sg_timings_total_us(&all) == 4 * (uint64_t)UINT32_MAX);
}

static void test_memory_limit(void **state)
{
    (void)state;
    static const struct {
        uint64_t hits, peak;
        bool met;
    } rows[] = {
        {0, 1 << 20, false},
        {1, 1 << 20, true},  /* it was, and reclaim has helped */
        {0, 64 << 20, true}, /* v1, where the other of two limits counts */
        {0, (64 << 20) - (64 << 12), true},
        {0, (64 << 20) - (65 << 12), false},
        {0, SG_UNKNOWN, false},
        {2, SG_UNKNOWN, true},
        {SG_UNKNOWN, 1 << 20, false},
        {SG_UNKNOWN, 64 << 20, true},
        {SG_UNKNOWN, SG_UNKNOWN, true},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        if (sg_memory_limit_met(64 << 20, rows[i].hits, rows[i].peak) != rows[i].met)
            fail_msg("row %zu", i);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_whole), cmocka_unit_test(test_reason_names),
        cmocka_unit_test(test_hits_are_limits), cmocka_unit_test(test_layers_there_and_back),
        cmocka_unit_test(test_signals),         cmocka_unit_test(test_reason_of_a_signal),
        cmocka_unit_test(test_memory_limit),    cmocka_unit_test(test_timings_do_not_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
