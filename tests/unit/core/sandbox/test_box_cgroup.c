/* Into a cgroup: by cgroup.procs (v2), by tasks (v1), and not at all where clone3 has done it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/sandbox/box.h"

/* In place of box_tell.c: whoever fails ends there, with the step. */
void sg_box_fail(enum sg_step step, int errnum, const char *fmt, ...)
{
    (void)errnum;
    (void)fmt;
    _exit((int)step);
}

void sg_box_step(const struct sg_lab *lab, enum sg_step step)
{
    (void)lab;
    (void)step;
}

/* ---- a directory of our own, which behaves like a cgroup as far as files go ---- */

struct place {
    char path[64];
    int dir, tasks;
};

static int touch(int dir, const char *name)
{
    int fd = openat(dir, name, O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    return fd;
}

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    assert_non_null(p);
    snprintf(p->path, sizeof p->path, "/tmp/sandgate-join-XXXXXX");
    assert_non_null(mkdtemp(p->path));
    p->dir = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    p->tasks = touch(p->dir, "tasks");
    close(touch(p->dir, "cgroup.procs"));
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    unlinkat(p->dir, "tasks", 0);
    unlinkat(p->dir, "cgroup.procs", 0);
    close(p->tasks);
    close(p->dir);
    int r = rmdir(p->path);
    free(p);
    return r;
}

static void assert_holds(const struct place *p, const char *name, const char *text)
{
    sg_auto(sg_buf) struct sg_buf b = {0};
    assert_int_equal(sg_file_read(p->dir, name, &b, 64), 0);
    assert_string_equal(b.data ? b.data : "", text);
}

static void test_a_template_of_version_2(void **state)
{
    const struct place *p = *state;
    const struct sg_plan plan = {.cgroup_v2 = 1, .cgroup_fds = 1};
    sg_box_move_to_cgroup(&plan, &p->dir);
    assert_holds(p, "cgroup.procs", "0");
    assert_holds(p, "tasks", "");
}

static void test_a_template_of_version_1(void **state)
{
    const struct place *p = *state;
    const struct sg_plan plan = {.cgroup_fds = 1};
    sg_box_move_to_cgroup(&plan, &p->tasks);
    assert_holds(p, "cgroup.procs", "");
    assert_holds(p, "tasks", "0");
}

static void test_pid_1_of_version_2_is_there(void **state)
{
    const struct place *p = *state;
    const struct sg_plan plan = {.cgroup_v2 = 1, .cgroup_fds = 1};
    sg_box_join_cgroup(&plan, &p->dir);
    assert_holds(p, "cgroup.procs", "");
}

static void test_without_cgroups(void **state)
{
    const struct place *p = *state;
    const struct sg_plan plan = {.cgroup_fds = 0};
    sg_box_move_to_cgroup(&plan, NULL);
    assert_holds(p, "cgroup.procs", "");
}

static void test_what_cannot_be_joined_is_told(void **state)
{
    const struct place *p = *state;
    const struct sg_plan plan = {.cgroup_v2 = 1, .cgroup_fds = 1};
    int status = -1;
    assert_int_equal(unlinkat(p->dir, "cgroup.procs", 0), 0);
    pid_t pid = fork();
    if (pid == 0) {
        sg_box_move_to_cgroup(&plan, &p->dir);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), SG_STEP_CGROUP_JOIN);
}

/* ---- the kernel's own, where this host has one that we may write to: no controller is needed ----
 */

static int real_root(void)
{
    static const char *const places[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
    for (size_t i = 0; i < SG_ARRAY_LEN(places); i++) {
        struct statfs st;
        if (statfs(places[i], &st) == 0 && st.f_type == CGROUP2_SUPER_MAGIC)
            return open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    return -1;
}

static int join_and_look(int dir, const char *name)
{
    const struct sg_plan plan = {.cgroup_v2 = 1, .cgroup_fds = 1};
    sg_auto(sg_buf) struct sg_buf own = {0};
    sg_box_move_to_cgroup(&plan, &dir);
    return sg_file_read(AT_FDCWD, "/proc/self/cgroup", &own, 65536) < 0 || !own.data ||
           !strstr(own.data, name);
}

static void test_the_kernels_own(void **state)
{
    char name[64];
    int status = -1;
    (void)state;
    sg_autofd int root = real_root();
    snprintf(name, sizeof name, "sandgate-join-%d", getpid());
    if (root < 0 || mkdirat(root, name, 0755) < 0) {
        print_message("no cgroup v2 that we may write to: seen in tests/vm\n");
        return;
    }
    sg_autofd int dir = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    pid_t pid = fork();
    if (pid == 0)
        _exit(join_and_look(dir, name));
    waitpid(pid, &status, 0);
    assert_int_equal(unlinkat(root, name, AT_REMOVEDIR), 0);
    assert_int_equal(status, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_a_template_of_version_2),       CASE(test_a_template_of_version_1),
        CASE(test_pid_1_of_version_2_is_there),   CASE(test_without_cgroups),
        CASE(test_what_cannot_be_joined_is_told), cmocka_unit_test(test_the_kernels_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
