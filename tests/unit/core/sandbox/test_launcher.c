/* Launchers that wait: started, counted, handed out, found dead. /bin/cat stands for sandgate-box:
   with nothing to read it ends at once, as a launcher does that cannot go on. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/sandbox/launcher.h"

static char *const empty[] = {NULL};

static void test_refill_up_to_a_number(void **state)
{
    sg_autofd int program = open("/bin/cat", O_PATH | O_CLOEXEC);
    struct sg_launchers l = {.program = program};
    (void)state;
    assert_int_equal(sg_launchers_refill(&l, 2), 1);
    assert_int_equal(sg_launchers_refill(&l, 2), 1);
    assert_int_equal(sg_launchers_refill(&l, 2), 0);
    assert_int_equal(l.n, 2);
    sg_launchers_done(&l);
    assert_int_equal(l.n, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* all have been reaped */
}

static void test_a_dead_one_is_forgotten(void **state)
{
    sg_autofd int program = open("/bin/cat", O_PATH | O_CLOEXEC);
    struct sg_launchers l = {.program = program};
    (void)state;
    assert_int_equal(sg_launchers_refill(&l, 2), 1);
    pid_t pid = l.spare[0].pid;
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_false(sg_launchers_reaped(&l, pid + 1));
    assert_true(sg_launchers_reaped(&l, pid));
    assert_int_equal(l.n, 0);
    assert_false(sg_launchers_reaped(&l, pid));
}

/* A spare one that is dead is passed over, and a new one started. */
static void test_get_when_the_spare_one_is_dead(void **state)
{
    sg_autofd int program = open("/bin/cat", O_PATH | O_CLOEXEC);
    struct sg_launchers l = {.program = program};
    struct sg_launcher got;
    int fd = STDERR_FILENO;
    (void)state;
    assert_int_equal(sg_launchers_refill(&l, 1), 1);
    pid_t dead = l.spare[0].pid;
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)dead, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(sg_launchers_get(&l, SG_LAUNCH_BOX, empty, &fd, 1, &got), 0);
    assert_int_equal(l.n, 0);
    assert_int_not_equal(got.pid, dead);
    sg_fd_close(&got.control);
    assert_int_equal(waitpid(dead, NULL, 0), dead);
    assert_int_equal(waitpid(got.pid, NULL, 0), got.pid);
}

static void test_a_program_that_cannot_be_executed(void **state)
{
    sg_autofd int program = open("/etc/passwd", O_PATH | O_CLOEXEC);
    struct sg_launchers l = {.program = program};
    struct sg_launcher got;
    int fd = STDERR_FILENO, status;
    (void)state;
    assert_int_equal(sg_launchers_get(&l, SG_LAUNCH_BOX, empty, &fd, 1, &got), 0);
    assert_int_equal(waitpid(got.pid, &status, 0), got.pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), SG_LAUNCH_FAILED);
    sg_fd_close(&got.control);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refill_up_to_a_number),
        cmocka_unit_test(test_a_dead_one_is_forgotten),
        cmocka_unit_test(test_get_when_the_spare_one_is_dead),
        cmocka_unit_test(test_a_program_that_cannot_be_executed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
