/* Limits and figures on directories of our own, which behave like cgroups as far as files go. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/model/outcome.h"
#include "core/sandbox/cgroup.h"

struct place {
    char path[64];
    struct sg_cgroups all;
    struct sg_cgroup box;
};

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    snprintf(p->path, sizeof p->path, "/tmp/sandgate-cgroup-XXXXXX");
    assert_non_null(mkdtemp(p->path));
    p->all = (struct sg_cgroups)SG_CGROUPS_INIT;
    p->all.instance = 7;
    p->all.pid_ns = 5;
    p->all.n = 1;
    p->all.h[0].controllers = SG_CTL_MEMORY | SG_CTL_PIDS | SG_CTL_CPU | SG_CTL_CPUACCT;
    p->all.h[0].dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    p->box = (struct sg_cgroup)SG_CGROUP_INIT;
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    close(p->all.h[0].dir);
    int r = rmdir(p->path);
    free(p);
    return r;
}

static void put(const struct sg_cgroup *g, const char *name, const char *text)
{
    sg_autofd int fd = openat(g->dir[0], name, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(sg_fd_write_all(fd, text, strlen(text)), 0);
}

static void make_box(struct place *p, int version)
{
    p->all.version = version;
    snprintf(p->box.name, sizeof p->box.name, "box-7-1");
    assert_int_equal(mkdirat(p->all.h[0].dir, p->box.name, 0755), 0);
    p->box.dir[0] = openat(p->all.h[0].dir, p->box.name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void clear_box(struct place *p, const char *const *files)
{
    for (; *files; files++)
        unlinkat(p->box.dir[0], *files, 0);
    assert_int_equal(sg_cgroup_remove(&p->all, &p->box), 0);
    assert_string_equal(p->box.name, "");
}

static void test_limits_that_cannot_be_written(void **state)
{
    struct place *p = *state;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_limits limits;
    bool in_limits = false;
    sg_limits_default(&limits);
    p->all.version = 2;
    assert_int_equal(sg_cgroup_create(&p->all, &p->box, 3, &limits, &in_limits, &err), -ENOENT);
    assert_true(in_limits);
    assert_non_null(strstr(err.text, "memory.max"));
    assert_string_equal(p->box.name, "box-5-7-3");
    sg_error_clear(&err);
    struct sg_cgroup twin;
    assert_int_equal(sg_cgroup_create(&p->all, &twin, 3, &limits, &in_limits, &err), -EEXIST);
    assert_false(in_limits);
    assert_int_equal(sg_cgroup_remove(&p->all, &p->box), 0);
}

static bool is_there(const struct place *p, const char *name)
{
    return faccessat(p->all.h[0].dir, name, F_OK, 0) == 0;
}

/* What an executor that was killed has left: but of one that lives, and of another pid namespace,
   where its number would be somebody else's here, all stays. */
static void test_sweeping(void **state)
{
    struct place *p = *state;
    const struct {
        char name[64];
        bool stays;
    } rows[] = {{"box-5-7-1", false}, {"box-5-4194304-12", false},
                {"box-5-1-3", true},  {"box-6-4194304-1", true},
                {"box-6-7-1", true},  {"box-7-1", false},
                {"box-", false},      {"boxes", true},
                {"home", true}};
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        assert_int_equal(mkdirat(p->all.h[0].dir, rows[i].name, 0755), 0);
    sg_cgroups_sweep(&p->all);
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        if (is_there(p, rows[i].name) != rows[i].stays)
            fail_msg("%s", rows[i].name);
        unlinkat(p->all.h[0].dir, rows[i].name, AT_REMOVEDIR);
    }
}

static void test_figures_of_version_1(void **state)
{
    static const char *const files[] = {"memory.max_usage_in_bytes", "memory.oom_control",
                                        "cpuacct.usage_user", "pids.events", NULL};
    struct place *p = *state;
    make_box(p, 1);
    put(&p->box, files[0], "4096\n");
    put(&p->box, files[1], "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
    put(&p->box, files[2], "5000000\n");
    put(&p->box, files[3], "max 9\n");
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_MEMORY_PEAK), 4096);
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_OOM_KILLS), 2);
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_CPU_USER_US), 5000);
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_PIDS_HITS), 9);
    assert_true(sg_cgroup_stat(&p->all, &p->box, SG_STAT_PIDS_PEAK) ==
                SG_UNKNOWN); /* no file: not zero */
    clear_box(p, files);
}

static void test_figures_of_version_2(void **state)
{
    static const char *const files[] = {"memory.peak", "memory.events", "cpu.stat", NULL};
    struct place *p = *state;
    make_box(p, 2);
    put(&p->box, files[0], "8192\n");
    put(&p->box, files[1], "low 0\nhigh 0\nmax 5\noom 1\noom_kill 1\noom_group_kill 1\n");
    put(&p->box, files[2],
        "usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 4\nnr_throttled 3\n");
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_MEMORY_PEAK), 8192);
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_OOM_KILLS), 1);
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_MEMORY_HITS), 5);
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_CPU_USER_US), 20);
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_THROTTLED), 3);
    clear_box(p, files);
}

static void test_members(void **state)
{
    static const char *const files[] = {"cgroup.procs", NULL};
    struct place *p = *state;
    make_box(p, 2);
    assert_false(sg_cgroup_holds(&p->all, &p->box, 12));
    put(&p->box, files[0], "12\n345\n");
    assert_true(sg_cgroup_holds(&p->all, &p->box, 12));
    assert_false(sg_cgroup_holds(&p->all, &p->box, 34));
    clear_box(p, files);
}

static void test_without_cgroups(void **state)
{
    struct place *p = *state;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_limits limits;
    bool in_limits;
    sg_limits_default(&limits);
    p->all.version = 0;
    p->all.n = 0;
    assert_int_equal(sg_cgroup_create(&p->all, &p->box, 1, &limits, &in_limits, &err), 0);
    assert_true(sg_cgroup_stat(&p->all, &p->box, SG_STAT_MEMORY_PEAK) == SG_UNKNOWN);
    assert_int_equal(sg_cgroup_remove(&p->all, &p->box), 0);
}

/* ---- other limits for a box that is there ---- */

static const char *const limit_files[] = {
    "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "pids.max", "cpu.cfs_period_us",
    "cpu.cfs_quota_us",      "memory.swappiness",           NULL};

static void put_limits(struct place *p)
{
    for (const char *const *f = limit_files; *f; f++)
        put(&p->box, *f, "0\n");
}

static uint64_t value_of(struct place *p, const char *name)
{
    sg_auto(sg_buf) struct sg_buf text = {0};
    assert_int_equal(sg_file_read(p->box.dir[0], name, &text, 64), 0);
    return strtoull(text.data, NULL, 10);
}

static void assert_limits(struct place *p, const struct sg_limits *l)
{
    assert_int_equal(value_of(p, "memory.limit_in_bytes"), l->memory_bytes);
    assert_int_equal(value_of(p, "memory.memsw.limit_in_bytes"), l->memory_bytes);
    assert_int_equal(value_of(p, "pids.max"), l->processes + 1);
    assert_int_equal(value_of(p, "cpu.cfs_quota_us"), l->cpu_percent * 1000);
    assert_int_equal(value_of(p, "cpu.cfs_period_us"), 100000);
    assert_int_equal(value_of(p, "memory.swappiness"), 0);
}

static void test_limits_are_changed_both_ways(void **state)
{
    struct place *p = *state;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_limits limits;
    sg_limits_default(&limits);
    make_box(p, 1);
    put_limits(p);
    for (int step = 0; step < 4; step++) {
        limits.memory_bytes = step % 2 ? 64 << 20 : 900 << 20;
        limits.processes = step % 2 ? 3 : 200;
        limits.cpu_percent = step % 2 ? 20 : 150;
        for (const char *const *f = limit_files; *f; f++)
            put(&p->box, *f, ""); /* a real one holds what was written last, and nothing else */
        assert_int_equal(sg_cgroup_limit(&p->all, &p->box, &limits, &err), 0);
        assert_limits(p, &limits);
    }
    clear_box(p, limit_files);
}

/* The file that was asked for is named, also where the other order is tried. */
static void test_limits_that_cannot_be_changed(void **state)
{
    struct place *p = *state;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_limits limits;
    sg_limits_default(&limits);
    make_box(p, 1);
    put_limits(p);
    assert_int_equal(unlinkat(p->box.dir[0], "pids.max", 0), 0);
    assert_int_equal(sg_cgroup_limit(&p->all, &p->box, &limits, &err), -ENOENT);
    assert_non_null(strstr(err.text, "pids.max"));
    sg_error_clear(&err);
    /* Nor does it pass for one that has them. */
    put(&p->box, "memory.max_usage_in_bytes", "7");
    assert_false(sg_cgroup_renew(&p->all, &p->box, &limits));
    put(&p->box, "pids.max", "");
    assert_true(sg_cgroup_renew(&p->all, &p->box, &limits));
    assert_int_equal(value_of(p, "pids.max"), limits.processes + 1);
    assert_int_equal(unlinkat(p->box.dir[0], "memory.max_usage_in_bytes", 0), 0);
    assert_int_equal(unlinkat(p->box.dir[0], "memory.memsw.limit_in_bytes", 0), 0);
    assert_int_equal(sg_cgroup_limit(&p->all, &p->box, &limits, &err), 0); /* no swap accounting */
    assert_int_equal(value_of(p, "memory.limit_in_bytes"), limits.memory_bytes);
    clear_box(p, limit_files);
}

static void test_limits_without_cgroups_are_nobodys(void **state)
{
    struct place *p = *state;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_limits limits;
    sg_limits_default(&limits);
    p->all.version = 0;
    p->all.n = 0;
    assert_int_equal(sg_cgroup_limit(&p->all, &p->box, &limits, &err), 0);
    p->all.version = 1;
    assert_int_equal(sg_cgroup_limit(&p->all, &p->box, &limits, &err), 0); /* no name: none made */
}

/* Figures of what waits, and who is left: their files stay open, and tell what is true now. */
static void test_figures_that_are_read_again(void **state)
{
    static const char *const files[] = {"memory.usage_in_bytes", "pids.current", "cpuacct.usage",
                                        NULL};
    struct place *p = *state;
    make_box(p, 1);
    put(&p->box, files[0], "4096\n");
    put(&p->box, files[1], "2\n");
    put(&p->box, files[2], "7000\n");
    sg_cgroup_open_stats(&p->all, &p->box);
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_MEMORY_NOW), 4096);
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_PIDS_NOW), 2);
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_CPU_US), 7);
    put(&p->box, files[0], "9\n");
    put(&p->box, files[1], "13\n");
    put(&p->box, files[2], "1000000\n");
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_MEMORY_NOW), 9);
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_PIDS_NOW), 13);
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_CPU_US), 1000);
    assert_true(sg_cgroup_stat(&p->all, &p->box, SG_STAT_THROTTLED) == SG_UNKNOWN);
    clear_box(p, files);
}

/* Another box gets only what nobody can tell from a new one. */
static void test_what_the_next_box_may_have(void **state)
{
    static const char *const files[] = {
        "memory.max", "memory.current", "memory.peak", "memory.events", "pids.current",
        "pids.peak",  "pids.events",    "pids.max",    "cpu.max",       NULL};
    static const struct {
        const char *file, *clean, *not_clean;
    } rows[] = {{"memory.current", "700000\n", "1048577\n"},
                {"memory.events", "max 0\noom_kill 0\n", "max 1\noom_kill 0\n"},
                {"memory.peak", "700000\n", "999999999999\n"},
                {"memory.events", "max 0\noom_kill 0\n", "max 0\noom_kill 1\n"},
                {"pids.current", "0\n", "1\n"},
                {"pids.peak", "2\n", "3\n"},
                {"pids.events", "max 0\n", "max 1\n"}};
    struct place *p = *state;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_limits limits;
    sg_limits_default(&limits);
    assert_false(sg_cgroup_is_clean(&p->all, &p->box)); /* there is none */
    assert_false(sg_cgroup_renew(&p->all, &p->box, &limits));
    make_box(p, 2);
    for (size_t i = 0; files[i]; i++)
        put(&p->box, files[i], "0\n");
    assert_int_equal(sg_cgroup_limit(&p->all, &p->box, &limits, &err), 0);
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        put(&p->box, rows[i].file, rows[i].clean);
    assert_true(sg_cgroup_is_clean(&p->all, &p->box));
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        put(&p->box, rows[i].file, rows[i].not_clean);
        assert_false(sg_cgroup_is_clean(&p->all, &p->box));
        put(&p->box, rows[i].file, rows[i].clean);
    }
    assert_true(sg_cgroup_is_clean(&p->all, &p->box));
    put(&p->box, "cpu.max", "");
    put(&p->box, "memory.peak", "7");
    assert_true(sg_cgroup_renew(&p->all, &p->box, &limits));
    assert_int_equal(sg_cgroup_stat(&p->all, &p->box, SG_STAT_MEMORY_PEAK), 0);
    assert_true(sg_cgroup_renew(&p->all, &p->box, &limits));
    sg_auto(sg_buf) struct sg_buf text = {0};
    assert_true(sg_file_read(p->box.dir[0], "cpu.max", &text, 64) >= 0);
    assert_string_equal(text.data, "50000 100000");
    unlinkat(p->box.dir[0], "pids.peak", 0); /* as before Linux 6.11 */
    p->box.stat[SG_STAT_PIDS_PEAK] = 0;
    assert_false(sg_cgroup_is_clean(&p->all, &p->box));
    clear_box(p, files);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_limits_that_cannot_be_written),
        CASE(test_sweeping),
        CASE(test_figures_of_version_1),
        CASE(test_figures_of_version_2),
        CASE(test_members),
        CASE(test_without_cgroups),
        CASE(test_limits_are_changed_both_ways),
        CASE(test_limits_that_cannot_be_changed),
        CASE(test_limits_without_cgroups_are_nobodys),
        CASE(test_figures_that_are_read_again),
        CASE(test_what_the_next_box_may_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
