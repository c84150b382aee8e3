/* The clock goes forward, and both units are of one clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <time.h>

#include "core/base/time.h"

static void test_monotonic(void **state)
{
    (void)state;
    int64_t last = sg_now_us();
    assert_true(last > 0);
    for (int i = 0; i < 10000; i++) {
        int64_t now = sg_now_us();
        assert_true(now >= last);
        last = now;
    }
}

static void test_units(void **state)
{
    (void)state;
    int64_t ms = sg_now_ms(), us = sg_now_us();
    assert_true(us / 1000 >= ms && us / 1000 - ms < 1000);
    struct timespec t = {.tv_nsec = 20 * 1000 * 1000};
    nanosleep(&t, NULL);
    assert_true(sg_now_us() - us >= 20000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_monotonic),
        cmocka_unit_test(test_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
