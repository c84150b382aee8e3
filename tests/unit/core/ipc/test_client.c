/* The client against an executor that this program itself plays: as a service, and as a private
 * child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/time.h"
#include "core/ipc/client.h"
#include "core/ipc/payload.h"

static char self[PATH_MAX];
static char dir[] = "/tmp/sg-test-client-XXXXXX";
static char path[64];
static int listener = -1;

static int start_service(void **state)
{
    (void)state;
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
    if (!mkdtemp(dir))
        return -1;
    snprintf(path, sizeof(path), "%s/native.sock", dir);
    snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
    listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    return bind(listener, (struct sockaddr *)&sa, sizeof(sa)) == 0 ? listen(listener, 4) : -1;
}

static int stop_service(void **state)
{
    (void)state;
    close(listener);
    unlink(path);
    return rmdir(dir);
}

static int connect_both(struct sg_client *c)
{
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_client_connect(c, "native", path, &err), 0);
    int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(peer >= 0);
    return peer;
}

static struct sg_msg recv_from_worker(int peer)
{
    struct sg_msg m;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_msg_recv(peer, SG_SIDE_WORKER, &m, 0, &err), 1);
    return m;
}

static void test_run_arrives_sealed(void **state)
{
    (void)state;
    struct sg_client c = SG_CLIENT_INIT;
    struct sg_error err = SG_ERROR_INIT;
    int peer = connect_both(&c);
    struct sg_job job = {.id = "id-1",
                         .language = "py",
                         .client = "ann",
                         .merge_stderr = true,
                         .plain = true,
                         .trace_denied_syscalls = true,
                         .imports = "numpy pandas",
                         .nfiles = 1}; /* strings are borrowed */
    sg_limits_default(&job.limits);
    job.files[0].path = "main.py";
    job.input = (struct sg_bytes){"in\0put", 6};
    assert_int_equal(sg_client_run(&c, &job, &err), 0);

    struct sg_msg m = recv_from_worker(peer);
    const struct sg_msg_run *run = (const void *)m.body;
    assert_int_equal(m.type, SG_MSG_RUN);
    assert_string_equal(run->id, "id-1");
    assert_string_equal(run->language, "py");
    assert_string_equal(run->client, "ann");
    assert_int_equal(run->merge_stderr, 1);
    assert_int_equal(run->plain, 1);
    assert_int_equal(run->trace_denied_syscalls, 1);
    assert_string_equal(run->imports, "numpy pandas");
    assert_memory_equal(&run->limits, &job.limits, sizeof(job.limits));
    const char *data;
    size_t n;
    struct sg_payload p;
    assert_int_equal(sg_memfd_map(m.fds[0], SG_PAYLOAD_BYTES_MAX, &data, &n), 0);
    assert_int_equal(sg_payload_open(&p, data, n, &err), 0);
    munmap((void *)data, n);
    assert_int_equal(sg_memfd_map(m.fds[1], SG_STDIN_BYTES_MAX, &data, &n), 0);
    assert_int_equal(n, 6);
    assert_memory_equal(data, "in\0put", 6);
    munmap((void *)data, n);
    sg_msg_done(&m);

    assert_int_equal(sg_client_cancel(&c, &err), 0);
    m = recv_from_worker(peer);
    assert_int_equal(m.type, SG_MSG_CANCEL);
    sg_client_close(&c);
    close(peer);
}

static void test_next_waits_and_ends(void **state)
{
    (void)state;
    struct sg_client c = SG_CLIENT_INIT;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_msg m;
    int peer = connect_both(&c);
    int64_t before = sg_now_ms();
    assert_int_equal(sg_client_next(&c, &m, 60, &err), 0);
    assert_in_range(sg_now_ms() - before, 55, 2000);
    struct sg_msg_started started = {.queue_us = 7, .language = "python"};
    assert_int_equal(sg_msg_send(peer, SG_MSG_STARTED, &started, NULL), 0);
    assert_int_equal(sg_client_next(&c, &m, -1, &err), 1);
    assert_int_equal(m.type, SG_MSG_STARTED);
    assert_false(sg_client_lost(&c));
    close(peer);
    assert_true(sg_client_lost(&c));
    assert_int_equal(sg_client_next(&c, &m, -1, &err), SG_E_UNAVAILABLE);
    sg_error_clear(&err);
    assert_int_equal(sg_client_cancel(&c, &err), SG_E_UNAVAILABLE);
    sg_client_close(&c);
    assert_true(sg_client_lost(&c));
    sg_error_clear(&err);
    assert_int_equal(sg_client_next(&c, &m, 0, &err), SG_E_UNAVAILABLE);
}

static void test_executor_out_of_line(void **state)
{
    (void)state;
    struct sg_client c = SG_CLIENT_INIT;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_msg m;
    struct sg_msg_status_reply status;
    int peer = connect_both(&c);
    assert_int_equal(send(peer, "rubbish", 7, 0), 7);
    assert_int_equal(sg_client_next(&c, &m, -1, &err), SG_E_PROTOCOL);
    sg_error_clear(&err);
    assert_int_equal(sg_msg_send(peer, SG_MSG_RUN, &(struct sg_msg_run){0}, (int[]){0, 1, -1}), 0);
    assert_int_equal(sg_client_next(&c, &m, -1, &err), SG_E_PROTOCOL);
    sg_error_clear(&err);
    struct sg_msg_started started = {0};
    assert_int_equal(sg_msg_send(peer, SG_MSG_STARTED, &started, NULL), 0);
    assert_int_equal(sg_client_status(&c, &status, 1000, &err), SG_E_PROTOCOL);
    sg_error_clear(&err);
    assert_int_equal(sg_client_status(&c, &status, 20, &err), SG_E_UNAVAILABLE);
    sg_client_close(&c);
    close(peer);
}

static void test_connect_refused(void **state)
{
    (void)state;
    struct sg_client c = SG_CLIENT_INIT;
    struct sg_error err = SG_ERROR_INIT;
    char long_path[300];
    memset(long_path, 'x', sizeof(long_path) - 1);
    long_path[sizeof(long_path) - 1] = 0;
    assert_int_equal(sg_client_connect(&c, "native", long_path, &err), -ENAMETOOLONG);
    sg_error_clear(&err);
    assert_int_equal(sg_client_connect(&c, "native", "/nonexistent/native.sock", &err), -ENOENT);
    assert_non_null(strstr(err.text, "/nonexistent/native.sock"));
    assert_non_null(strstr(err.fix, "sandgate-native"));
    sg_error_clear(&err);
    assert_int_equal(sg_client_connect(&c, "docker", "/nonexistent/docker.sock", &err), -ENOENT);
    assert_non_null(strstr(err.fix, "start sandgate-docker"));
    assert_null(strstr(err.fix, "native"));
    assert_int_equal(c.sock, -1);
}

static void test_private_child(void **state)
{
    (void)state;
    struct sg_client c = SG_CLIENT_INIT;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_msg_status_reply status;
    struct sg_msg_runtime_reply rt;
    sg_autofd int leak = dup(0); /* not CLOEXEC: the child must not have it all the same */
    assert_true(leak >= 0);
    setenv("SG_SECRET", "x", 1);
    assert_int_equal(sg_client_spawn(&c, self, "/some/file.conf", true, &err), 0);
    assert_true(c.embedded);
    if (sg_client_status(&c, &status, 5000, &err) != 0)
        fail_msg("%s", err.text);
    assert_string_equal(status.reason, "");
    assert_int_equal(status.ready, 1);
    assert_int_equal(sg_client_runtime(&c, 3, &rt, 5000, &err), 0);
    assert_int_equal(rt.index, 3);
    pid_t pid = c.child;
    sg_client_close(&c);
    assert_int_equal(c.child, 0);
    assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void test_private_child_dies(void **state)
{
    (void)state;
    struct sg_client c = SG_CLIENT_INIT;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_msg m;
    assert_int_equal(sg_client_spawn(&c, self, NULL, false, &err), 0);
    kill(c.child, SIGKILL);
    assert_int_equal(sg_client_next(&c, &m, 5000, &err), SG_E_UNAVAILABLE);
    sg_client_close(&c);
    sg_error_clear(&err);
    assert_int_equal(sg_client_spawn(&c, "/nonexistent/program", NULL, false, &err), -ENOENT);
    assert_non_null(strstr(err.text, "/nonexistent/program"));
    assert_int_equal(c.sock, -1);
}

/* --- the private child --- */

static void complain(struct sg_msg_status_reply *m, const char *what)
{
    if (!m->reason[0])
        snprintf(m->reason, sizeof(m->reason), "%s", what);
}

static void look_around(struct sg_msg_status_reply *m, int argc, char **argv)
{
    struct stat st, null;
    sigset_t mask;
    if (argc != 5 || strcmp(argv[2], "--quiet") != 0 || strcmp(argv[3], "--config") != 0)
        complain(m, "arguments");
    if (!environ[0] || environ[1] || strncmp(environ[0], "PATH=", 5) != 0)
        complain(m, "environment");
    stat("/dev/null", &null);
    for (int fd = 0; fd < 2; fd++)
        if (fstat(fd, &st) < 0 || st.st_rdev != null.st_rdev)
            complain(m, "stdin or stdout");
    for (int fd = 4; fd < 64; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            complain(m, "another descriptor is open");
    sigprocmask(SIG_BLOCK, NULL, &mask);
    for (int s = 1; s < 32; s++)
        if (sigismember(&mask, s))
            complain(m, "signal mask");
    if (getpgrp() != getpid())
        complain(m, "process group");
    m->ready = 1;
}

static int play_executor(int argc, char **argv)
{
    struct sg_msg m;
    while (sg_msg_recv(3, SG_SIDE_WORKER, &m, 0, NULL) == 1) {
        struct sg_msg_status_reply status = {0};
        struct sg_msg_runtime_reply rt = {.index = ((struct sg_msg_index *)m.body)->index};
        if (m.type == SG_MSG_STATUS) {
            look_around(&status, argc, argv);
            sg_msg_send(3, SG_MSG_STATUS_REPLY, &status, NULL);
        } else {
            sg_msg_send(3, SG_MSG_RUNTIME_REPLY, &rt, NULL);
        }
        sg_msg_done(&m);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--embedded") == 0)
        return play_executor(argc, argv);
    if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
        return 99;
#define CASE(f) cmocka_unit_test_setup_teardown(f, start_service, stop_service)
    const struct CMUnitTest tests[] = {
        CASE(test_run_arrives_sealed),   CASE(test_next_waits_and_ends),
        CASE(test_executor_out_of_line), CASE(test_connect_refused),
        CASE(test_private_child),        CASE(test_private_child_dies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
