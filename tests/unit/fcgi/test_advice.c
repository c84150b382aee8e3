/* Hints: what is told about each end, and what about the complaints of programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "fcgi/advice.h"

static const char *advice(enum sg_reason reason, int exit_code, int number, uint32_t hit,
                          const char *err)
{
    const struct sg_outcome o = {
        .reason = reason, .exit_code = exit_code, .signal = number, .limits_hit = hit};
    const char *hint = sg_advice(&o, (struct sg_span){err, strlen(err)});
    return hint ? hint : "none";
}

static const struct {
    const char *err, *hint; /* words of it */
} complaints[] = {
    {"", "stderr tells"},
    {"Traceback (most recent call last):\nZeroDivisionError: division by zero\n", "stderr tells"},
    {"OpenBLAS blas_thread_init: pthread_create failed for thread 3 of 8\n",
     "OPENBLAS_NUM_THREADS"},
    {"RuntimeError: can't start new thread\n", "limits.processes"},
    {"bash: fork: retry: Resource temporarily unavailable\n", "limits.processes"},
    {"ModuleNotFoundError: No module named 'torch'\n", "/v1/runtimes"},
    {"Error: Cannot find module 'express'\n", "/v1/runtimes"},
    {"    n = int(input())\nEOFError: EOF when reading a line\n", "`stdin`"},
    {"socket.gaierror: [Errno -3] Temporary failure in name resolution\n", "no network"},
    {"Error: getaddrinfo ENOTFOUND example.org\n", "no network"},
    {"OSError: [Errno 97] Address family not supported by protocol\n", "no network"},
    {"OSError: [Errno 28] No space left on device\n", "room"},
    {"OSError: [Errno 27] File too large\n", "limits.file_bytes"},
    {"OSError: [Errno 30] Read-only file system: '/etc/x'\n", "/tmp"},
    {"MemoryError\n", "limits.memory_bytes"},
    {"terminate called after throwing an instance of 'std::bad_alloc'\n", "limits.memory_bytes"},
    {"PermissionError: [Errno 1] Operation not permitted\n", "refuses"},
};

static void test_complaints(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(complaints); i++) {
        assert_non_null(
            strstr(advice(SG_REASON_EXITED, 1, 0, 0, complaints[i].err), complaints[i].hint));
        /* Who succeeded needs none, and what a limit has ended has one of its own. */
        assert_string_equal(advice(SG_REASON_EXITED, 0, 0, 0, complaints[i].err), "none");
        assert_non_null(
            strstr(advice(SG_REASON_OUTPUT, -1, SIGKILL, 0, complaints[i].err), "print less"));
    }
}

static void test_the_end_of_stderr_counts(void **state)
{
    (void)state;
    enum { FAR = 10000 };
    sg_autofree char *err = malloc(FAR + 64);
    static const char complaint[] = "MemoryError\n";
    memset(err, '.', FAR);
    memcpy(err + FAR, complaint, sizeof complaint);
    assert_non_null(strstr(advice(SG_REASON_EXITED, 1, 0, 0, err), "memory_bytes"));
    memset(err + FAR, '.', sizeof complaint - 1);
    memcpy(err, complaint, sizeof complaint - 1);
    assert_non_null(strstr(advice(SG_REASON_EXITED, 1, 0, 0, err), "stderr tells"));
}

static void test_every_reason(void **state)
{
    (void)state;
    for (int reason = 0; reason < SG_REASON_COUNT; reason++) {
        bool silent = reason == SG_REASON_SIGNALED || reason == SG_REASON_CANCELLED;
        assert_int_equal(strcmp(advice(reason, 1, 0, 0, ""), "none") == 0, silent);
    }
    assert_string_equal(advice(SG_REASON_COUNT, 1, 0, 0, "MemoryError"), "none");
    assert_null(
        strstr(advice(SG_REASON_WALL_TIME, -1, SIGKILL, SG_HIT_WALL_TIME, ""), "cpu_percent"));
    assert_non_null(
        strstr(advice(SG_REASON_WALL_TIME, -1, SIGKILL, SG_HIT_WALL_TIME | SG_HIT_CPU_PERCENT, ""),
               "limits.cpu_percent"));
}

static void test_signals(void **state)
{
    (void)state;
    assert_non_null(strstr(advice(SG_REASON_SIGNALED, -1, SIGSEGV, 0, ""), "recursion"));
    assert_non_null(strstr(advice(SG_REASON_SIGNALED, -1, SIGABRT, 0, ""), "abort"));
    assert_non_null(strstr(advice(SG_REASON_SIGNALED, -1, SIGKILL, 0, ""), "no limit"));
    assert_string_equal(advice(SG_REASON_SIGNALED, -1, SIGUSR1, 0, ""), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_complaints),
        cmocka_unit_test(test_the_end_of_stderr_counts),
        cmocka_unit_test(test_every_reason),
        cmocka_unit_test(test_signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
