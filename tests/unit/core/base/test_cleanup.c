/* Clean-up attributes: what leaves a scope is released, what is taken is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "core/base/cleanup.h"

static int is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void test_autofd_closes_and_keeps_errno(void **state)
{
    (void)state;
    int seen;
    {
        sg_autofd int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        assert_true(fd >= 0);
        seen = fd;
        errno = EXDEV;
    }
    assert_int_equal(errno, EXDEV);
    assert_false(is_open(seen));
}

static void test_taken_descriptor_stays_open(void **state)
{
    (void)state;
    int taken;
    {
        sg_autofd int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        taken = SG_TAKE_FD(fd);
        assert_int_equal(fd, -1);
    }
    assert_true(is_open(taken));
    sg_fd_close(&taken);
    assert_int_equal(taken, -1);
    sg_fd_close(&taken); /* once more is fine */
}

static void test_taken_memory_is_not_freed(void **state)
{
    (void)state;
    char *taken;
    {
        sg_autofree char *text = strdup("x");
        taken = SG_TAKE(text);
        assert_null(text);
    }
    assert_string_equal(taken, "x");
    free(taken);
}

static void test_array_len(void **state)
{
    (void)state;
    int a[7];
    assert_int_equal(SG_ARRAY_LEN(a), 7);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_autofd_closes_and_keeps_errno),
        cmocka_unit_test(test_taken_descriptor_stays_open),
        cmocka_unit_test(test_taken_memory_is_not_freed),
        cmocka_unit_test(test_array_len),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
