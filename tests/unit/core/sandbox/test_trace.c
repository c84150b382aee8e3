/* A traced profile: what becomes of its instructions, what is evaluated, what is counted. That it
   means the same as the profile is tested with the shipped ones, in test_profile.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/sandbox/trace.h"

#define ALLOW     BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define REFUSE(n) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (n))
#define NUMBER    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define IS(n)     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, n, 0, 1)

static const struct sock_filter profile[] = {NUMBER, IS(1), ALLOW,     IS(2),
                                             KILL,   IS(3), REFUSE(7), REFUSE(38)};
static const struct sock_filter last[] = {KILL, ALLOW};
enum { N = SG_ARRAY_LEN(profile), NLAST = SG_ARRAY_LEN(last) };

static void test_instructions(void **state)
{
    struct sock_filter both[N + NLAST];
    (void)state;
    assert_int_equal(sg_trace_filter(both, N + NLAST, profile, N, last, NLAST), N + NLAST);
    for (size_t i = 0; i < N; i++) {
        if (i == 2) { /* what is allowed is for the last part to decide */
            assert_int_equal(both[i].code, BPF_JMP | BPF_JA);
            assert_int_equal(i + 1 + both[i].k, N);
        } else if (i >= 6) {
            assert_int_equal(both[i].code, BPF_RET | BPF_K);
            assert_int_equal(both[i].k, SECCOMP_RET_USER_NOTIF);
        } else {
            assert_memory_equal(&both[i], &profile[i], sizeof both[i]);
        }
    }
    assert_memory_equal(both + N, last, sizeof last);
    assert_int_equal(sg_trace_filter(both, N + NLAST - 1, profile, N, last, NLAST), -E2BIG);
    assert_int_equal(sg_trace_filter(both, N - 1, profile, N, last, NLAST), -E2BIG);
}

/* What cannot be evaluated is not loaded. */
static void test_unknown_instructions(void **state)
{
    static const struct sock_filter strange[] = {
        BPF_STMT(BPF_RET | BPF_A, 0),
        BPF_STMT(BPF_LD | BPF_IMM, 1),
        BPF_STMT(BPF_ST, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_LOG),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    };
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(strange); i++) {
        const struct sock_filter one[] = {strange[i], KILL};
        struct sock_filter both[8];
        assert_int_equal(sg_trace_filter(both, SG_ARRAY_LEN(both), one, 2, last, NLAST), -EINVAL);
    }
}

static void test_errno(void **state)
{
    static const struct {
        int number, expected;
    } rows[] = {{1, ENOSYS}, {2, ENOSYS}, {3, 7}, {4, 38}, {-1, 38}};
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        const struct seccomp_data call = {.nr = rows[i].number};
        assert_int_equal(sg_trace_errno(profile, N, &call), rows[i].expected);
    }
}

/* Broken programs end in a refusal. */
static void test_no_end(void **state)
{
    static const struct sock_filter broken[][2] = {
        {NUMBER, NUMBER},
        {BPF_STMT(BPF_JMP | BPF_JA, UINT32_MAX), ALLOW},
        {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof(struct seccomp_data) - 3), ALLOW},
        {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, UINT32_MAX), ALLOW},
        {BPF_STMT(BPF_ST, 0), ALLOW},
        {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO), ALLOW}, /* errno 0 would pass for success */
    };
    const struct seccomp_data call = {.nr = 1};
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(broken); i++)
        assert_int_equal(sg_trace_errno(broken[i], 2, &call), ENOSYS);
}

static void test_counting(void **state)
{
    static const struct {
        int number, at;
    } rows[] = {{0, 0},
                {41, 41},
                {SG_DENIED_NUMBERS - 1, SG_DENIED_NUMBERS - 1},
                {SG_DENIED_NUMBERS, SG_DENIED_NUMBERS},
                {INT32_MAX, SG_DENIED_NUMBERS},
                {-1, SG_DENIED_NUMBERS},
                {INT32_MIN, SG_DENIED_NUMBERS}};
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_denied d = {0};
        sg_trace_count(&d, rows[i].number);
        sg_trace_count(&d, rows[i].number);
        assert_int_equal(d.count[rows[i].at], 2);
        d.count[rows[i].at] = UINT32_MAX;
        sg_trace_count(&d, rows[i].number);
        assert_int_equal(d.count[rows[i].at], UINT32_MAX);
        d.count[rows[i].at] = 0;
        assert_memory_equal(&d, &(struct sg_denied){0}, sizeof d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_instructions), cmocka_unit_test(test_unknown_instructions),
        cmocka_unit_test(test_errno),        cmocka_unit_test(test_no_end),
        cmocka_unit_test(test_counting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
