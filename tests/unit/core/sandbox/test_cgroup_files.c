/* The text of cgroup and proc files, both versions. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/sandbox/cgroup_files.h"

static void test_parse(void **state)
{
    static const struct {
        const char *text, *key;
        int result;
        uint64_t value;
    } rows[] = {
        {"4096\n", NULL, 0, 4096},
        {"max\n", NULL, -EINVAL, 0},
        {"", NULL, -EINVAL, 0},
        {"low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\n", "oom_kill", 0, 1},
        {"low 0\nhigh 0\nmax 3\noom 2\noom_kill 1\n", "oom", 0, 2},
        {"oom_kill_disable 0\nunder_oom 0\noom_kill 7\n", "oom_kill", 0, 7},
        {"oom_kill_disable 9\n", "oom_kill", -EINVAL, 0},
        {"max x\n", "max", -EINVAL, 0},
        {"nr_periods 5\nnr_throttled 18446744073709551615\n", "nr_throttled", 0, UINT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        uint64_t value = 0;
        int r = sg_cgroup_parse(rows[i].text, rows[i].key, &value);
        if (r != rows[i].result || value != rows[i].value)
            fail_msg("row %zu: %d %lu", i, r, (unsigned long)value);
    }
}

static void test_lists(void **state)
{
    (void)state;
    assert_true(sg_cgroup_lists("12\n345\n", 345));
    assert_true(sg_cgroup_lists("12\n345\n", 12));
    assert_false(sg_cgroup_lists("12\n345\n", 34));
    assert_false(sg_cgroup_lists("", 1));
}

static const char v1_own[] =
    "9:name=systemd:/\n8:pids:/a\n4:cpu,cpuacct:/b\n3:memory:/deep/er\n0::/unified\n";
static const char v1_mounts[] =
    "30 25 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "32 30 0:28 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n"
    "33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

static void test_own_path(void **state)
{
    char path[64];
    (void)state;
    assert_int_equal(sg_cgroup_own_path(v1_own, "memory", path, sizeof path), 0);
    assert_string_equal(path, "/deep/er");
    assert_int_equal(sg_cgroup_own_path(v1_own, "cpuacct", path, sizeof path), 0);
    assert_string_equal(path, "/b");
    assert_int_equal(sg_cgroup_own_path(v1_own, NULL, path, sizeof path), 0);
    assert_string_equal(path, "/unified");
    assert_int_equal(sg_cgroup_own_path(v1_own, "cpuset", path, sizeof path), -ENOENT);
    assert_int_equal(sg_cgroup_own_path(v1_own, "memory", path, 4), -ENAMETOOLONG);
}

static void test_mount_point(void **state)
{
    char path[64];
    (void)state;
    assert_int_equal(sg_cgroup_mount_point(v1_mounts, "memory", path, sizeof path), 0);
    assert_string_equal(path, "/sys/fs/cgroup/memory");
    assert_int_equal(sg_cgroup_mount_point(v1_mounts, "cpuacct", path, sizeof path), 0);
    assert_string_equal(path, "/sys/fs/cgroup/cpu,cpuacct");
    assert_int_equal(sg_cgroup_mount_point(v1_mounts, NULL, path, sizeof path), 0);
    assert_string_equal(path, "/sys/fs/cgroup/unified");
    assert_int_equal(sg_cgroup_mount_point(v1_mounts, "pids", path, sizeof path), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_own_path),
        cmocka_unit_test(test_mount_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
