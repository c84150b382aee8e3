/* Namespaces and ids of pid 1 of a container, in children of our own: with user namespaces and
   without. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/docker/boot_place.h"

#define CANNOT 99

static void test_ids(void **state)
{
    (void)state;
    static const struct {
        const char *map;
        bool remapped;
        uint32_t outside;
    } rows[] = {
        {"         0          0 4294967295\n", false, 1000},
        {"         0     100000      65536\n", true, 101000}, /* userns-remap */
        {"0 1000 1\n1 100000 65536\n", true, 100999},         /* rootless */
        {"0 0 65536\n", true, 1000},
        {"0 100000 1000\n", false, 1000}, /* there it is nobody's */
        {"", false, 1000},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        uint32_t outside;
        if (sg_boot_is_remapped(rows[i].map, 1000, &outside) != rows[i].remapped ||
            outside != rows[i].outside)
            fail_msg("row %zu: %u", i, outside);
    }
}

static void refuse_unshare(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog prog = {SG_ARRAY_LEN(code), code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
        _exit(CANNOT);
}

static ino_t user_ns(void)
{
    struct stat st;
    return stat("/proc/self/ns/user", &st) < 0 ? 0 : st.st_ino;
}

/* Exit status: 0 or 1, whether it says that it has one of its own; 2 more where that is so. */
static int place(bool refused)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        bool own = false;
        ino_t before = user_ns();
        /* It makes directories in /tmp: not in that of the host. */
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("tmpfs", "/tmp", "tmpfs", 0, NULL) < 0)
            _exit(CANNOT);
        if (refused)
            refuse_unshare();
        (void)!sg_boot_place(&own);
        _exit(own + (before != user_ns() ? 2 : 0));
    }
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_own_namespace(void **state)
{
    (void)state;
    int without = place(true), with = place(false);
    if (without == CANNOT || with == 0)
        skip(); /* not root, or the host has no user namespace for us */
    assert_int_equal(without, 0);
    assert_int_equal(with, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_own_namespace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
