/* The figures of this very process, against what it does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/exec/process.h"
#include "tests/unit/core/descriptors.h"

#define MUCH ((size_t)64 << 20)

static void test_memory(void **state)
{
    (void)state;
    struct sg_process_figures before, now;
    sg_process_figures(&before);
    char *much = malloc(MUCH);
    assert_non_null(much);
    memset(much, 1, MUCH);
    sg_process_figures(&now);
    assert_true(now.resident_bytes >= before.resident_bytes + MUCH / 2);
    assert_true(now.virtual_bytes >= before.virtual_bytes + MUCH / 2);
    assert_true(now.virtual_bytes >= now.resident_bytes && now.virtual_bytes != UINT64_MAX);
    free(much);
}

static void test_descriptors(void **state)
{
    (void)state;
    struct sg_process_figures a, b;
    struct rlimit l;
    sg_process_figures(&a);
    assert_int_equal(a.open_fds, count_descriptors() - 3); /* ".", "..", the directory */
    int pair[2];
    assert_int_equal(pipe(pair), 0);
    sg_process_figures(&b);
    assert_int_equal(b.open_fds, a.open_fds + 2);
    close(pair[0]);
    close(pair[1]);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &l), 0);
    assert_true(b.max_fds == l.rlim_cur);
}

static void test_time(void **state)
{
    (void)state;
    struct sg_process_figures a, b;
    struct timespec now;
    sg_process_figures(&a);
    do
        sg_process_figures(&b);
    while (b.cpu_us < a.cpu_us + 20000);
    clock_gettime(CLOCK_REALTIME, &now);
    assert_true(b.start_time_ms == a.start_time_ms);
    /* It began before now, and not long ago; the kernel counts in hundredths of a second. */
    assert_true(a.start_time_ms / 1000 <= (uint64_t)now.tv_sec + 1);
    assert_true(a.start_time_ms / 1000 + 3600 > (uint64_t)now.tv_sec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory),
                                       cmocka_unit_test(test_descriptors),
                                       cmocka_unit_test(test_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
