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
    const char *hint = sg_advice(&o, (struct sg_span){err, strlen(err)}, false);
    return hint ? hint : "none";
}

#define TRACEBACK "Traceback (most recent call last):\n  File \"a.py\", line 1\n    EROFS\n"
static const struct {
    const char *err, *hint; /* words of it */
} complaints[] = {
    {"", "wrote nothing to stderr"},
    {"Traceback (most recent call last):\nZeroDivisionError: division by zero\n", "stderr tells"},
    {"OpenBLAS blas_thread_init: pthread_create failed for thread 3 of 8\n",
     "OPENBLAS_NUM_THREADS"},
    {"RuntimeError: can't start new thread\n", "limits.processes"},
    {"bash: fork: retry: Resource temporarily unavailable\n", "limits.processes"},
    {"ModuleNotFoundError: No module named 'torch'\n", "/v1/runtimes"},
    {"Error: Cannot find module 'express'\n", "/v1/runtimes"},
    {"main.rb:1:in `require': cannot load such file -- nokogiri (LoadError)\n", "/v1/runtimes"},
    {"Can't locate A/B.pm in @INC (you may need to install the A::B module) (@INC contains: "
     "/etc)\n",
     "/v1/runtimes"},
    {"Can't locate object method \"x\" via package \"A\" at main.pl line 1.\n", "stderr tells"},
    {"lua: main.lua:1: module 'socket' not found:\n\tno field package.preload['socket']\n",
     "/v1/runtimes"},
    {"main.sh: line 1: jq: command not found\n", "commands that are installed"},
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
    /* The last counts, wherever it stands in the table. */
    {"ModuleNotFoundError: x\nRead-only file system\n", "/tmp"},
    {"Read-only file system\nModuleNotFoundError: x\n", "/v1/runtimes"},
    {"MemoryError\nEROFS\nMemoryError\n", "limits.memory_bytes"},
    {"File too large\n" TRACEBACK "ZeroDivisionError: division by zero\n", "stderr tells"},
    {TRACEBACK "ModuleNotFoundError: x\n\nDuring handling\n\n" TRACEBACK "OSError: Read-only file "
               "system\n",
     "/tmp"},
    {TRACEBACK "ModuleNotFoundError: x\n\nDuring handling\n\n" TRACEBACK "KeyError\n",
     "stderr tells"},
    {TRACEBACK "ValueError: of two lines\nMemoryError\n", "limits.memory_bytes"},
    {"MemoryError\nTraceback (most recent call last):\n", "limits.memory_bytes"},
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
    for (int reason = 0; reason < SG_REASON_COUNT; reason++)
        assert_string_not_equal(advice(reason, 1, 0, 0, ""), "none");
    assert_string_equal(advice(SG_REASON_COUNT, 1, 0, 0, "MemoryError"), "none");
    assert_null(
        strstr(advice(SG_REASON_WALL_TIME, -1, SIGKILL, SG_HIT_WALL_TIME, ""), "cpu_percent"));
    assert_non_null(
        strstr(advice(SG_REASON_WALL_TIME, -1, SIGKILL, SG_HIT_WALL_TIME | SG_HIT_CPU_PERCENT, ""),
               "limits.cpu_percent"));
    assert_non_null(
        strstr(advice(SG_REASON_WALL_TIME, -1, SIGKILL, SG_HIT_WALL_TIME | SG_HIT_PROCESSES, ""),
               "raise limits.processes"));
}

/* Who asked which calls were refused has them. */
static void test_refused_calls(void **state)
{
    struct sg_outcome o = {.reason = SG_REASON_EXITED, .exit_code = 1};
    static const char err[] = "PermissionError: [Errno 1] Operation not permitted\n";
    const struct sg_span said = {err, sizeof err - 1};
    (void)state;
    assert_non_null(strstr(sg_advice(&o, said, false), "`trace_denied_syscalls`"));
    o.denied.traced = 1;
    assert_non_null(strstr(sg_advice(&o, said, false), "`denied_syscalls`"));
}

static void test_merged(void **state)
{
    (void)state;
    for (int abort = 0; abort < 2; abort++) {
        const struct sg_outcome o = {.reason = abort ? SG_REASON_SIGNALED : SG_REASON_EXITED,
                                     .exit_code = abort ? -1 : 1,
                                     .signal = abort ? SIGABRT : 0};
        assert_null(strstr(sg_advice(&o, (struct sg_span){NULL, 0}, true), "stderr"));
        assert_non_null(strstr(sg_advice(&o, (struct sg_span){"oh", 2}, true), "stdout"));
    }
}

static void test_a_full_file(void **state)
{
    static const char hint[] = "a file reached limits.file_bytes";
    (void)state;
    assert_non_null(strstr(advice(SG_REASON_EXITED, 0, 0, SG_HIT_FILE_SIZE, ""), hint));
    assert_non_null(strstr(advice(SG_REASON_EXITED, 1, 0, SG_HIT_FILE_SIZE, "oh\n"), hint));
    assert_non_null(
        strstr(advice(SG_REASON_SIGNALED, -1, SIGABRT, SG_HIT_FILE_SIZE, "oh\n"), hint));
    assert_null(strstr(advice(SG_REASON_EXITED, 1, 0, SG_HIT_FILE_SIZE, "MemoryError: x\n"), hint));
    assert_null(strstr(advice(SG_REASON_WALL_TIME, -1, SIGKILL, SG_HIT_FILE_SIZE, ""), hint));
}

static void test_signals(void **state)
{
    (void)state;
    assert_non_null(strstr(advice(SG_REASON_SIGNALED, -1, SIGSEGV, 0, ""), "recursion"));
    assert_non_null(strstr(advice(SG_REASON_SIGNALED, -1, SIGABRT, 0, ""), "abort"));
    assert_non_null(
        strstr(advice(SG_REASON_SIGNALED, -1, SIGABRT, 0, "what(): std::bad_alloc\n"), "memory"));
    assert_non_null(strstr(advice(SG_REASON_SIGNALED, -1, SIGABRT, 0, "oh\n"), "stderr may"));
    assert_non_null(strstr(advice(SG_REASON_SIGNALED, -1, SIGABRT, 0, ""), "nothing to stderr"));
    assert_null(strstr(advice(SG_REASON_SIGNALED, -1, SIGSEGV, 0, "MemoryError\n"), "memory"));
    assert_non_null(strstr(advice(SG_REASON_SIGNALED, -1, SIGKILL, 0, ""), "no limit"));
    assert_non_null(
        strstr(advice(SG_REASON_SIGNALED, -1, SIGUSR1, 0, ""), "nothing of the sandbox"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_complaints),   cmocka_unit_test(test_the_end_of_stderr_counts),
        cmocka_unit_test(test_every_reason), cmocka_unit_test(test_refused_calls),
        cmocka_unit_test(test_signals),      cmocka_unit_test(test_merged),
        cmocka_unit_test(test_a_full_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
