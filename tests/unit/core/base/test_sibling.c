/* Programs beside us when the mark of a build tree is there, else where they are installed. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/sibling.h"

static char dir[PATH_MAX], mark[PATH_MAX + 32];

static int find_own_directory(void **state)
{
    (void)state;
    ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
    if (n < 0)
        return -1;
    dir[n] = '\0';
    *strrchr(dir, '/') = '\0';
    snprintf(mark, sizeof(mark), "%s/.sandgate-build-tree", dir);
    return 0;
}

static int remove_mark(void **state)
{
    (void)state;
    unlink(mark);
    return 0;
}

static void test_installed(void **state)
{
    (void)state;
    char path[PATH_MAX];
    assert_int_equal(sg_sibling_path("prog", "/usr/sbin", path, sizeof(path)), 0);
    assert_string_equal(path, "/usr/sbin/prog");
}

static void test_build_tree(void **state)
{
    (void)state;
    char path[PATH_MAX], expected[PATH_MAX + 32];
    close(open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    assert_int_equal(sg_sibling_path("prog", "/usr/sbin", path, sizeof(path)), 0);
    snprintf(expected, sizeof(expected), "%s/prog", dir);
    assert_string_equal(path, expected);
    char small[8];
    assert_int_equal(sg_sibling_path("prog", "/usr/sbin", small, sizeof(small)), -ENAMETOOLONG);
}

static void test_too_long(void **state)
{
    (void)state;
    char path[15]; /* "/usr/sbin/prog" and its NUL just fit */
    assert_int_equal(sg_sibling_path("prog", "/usr/sbin", path, 15), 0);
    assert_int_equal(sg_sibling_path("prog", "/usr/sbin", path, 14), -ENAMETOOLONG);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_installed, remove_mark),
        cmocka_unit_test_teardown(test_build_tree, remove_mark),
        cmocka_unit_test_teardown(test_too_long, remove_mark),
    };
    return cmocka_run_group_tests(tests, find_own_directory, NULL);
}
