/* The socket of an executor's service: what it replaces, what it leaves alone, whom it takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "core/exec/listener.h"
#include "tests/unit/core/descriptors.h"

static char dir[64], path[128];
static struct sg_listener listener;

static int set_up(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/sandgate-test-listener.XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/sock", dir);
    listener = (struct sg_listener)SG_LISTENER_INIT;
    const struct sg_strings nobody = {0};
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_listener_peers(&listener, "native", &nobody, &err), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sg_listener_close(&listener);
    unlink(path);
    assert_int_equal(rmdir(dir), 0);
    return 0;
}

static void open_it(void)
{
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_listener_open(&listener, path, 0600, &err), 0);
}

static int try_connect(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    sg_str_copy(at.sun_path, sizeof at.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static void test_takes_what_comes(void **state)
{
    (void)state;
    struct stat st;
    open_it();
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(sg_listener_accept(&listener), -EAGAIN);
    sg_autofd int client = try_connect();
    assert_true(client >= 0);
    sg_autofd int taken = sg_listener_accept(&listener);
    assert_true(taken >= 0);
    assert_int_equal(fcntl(taken, F_GETFD), FD_CLOEXEC);
    assert_int_equal(sg_listener_accept(&listener), -EAGAIN);
    sg_listener_close(&listener);
    assert_int_equal(access(path, F_OK), -1);
}

/* The connection stays where it is, until a descriptor is free. */
static void test_without_descriptors(void **state)
{
    (void)state;
    struct rlimit before, none;
    open_it();
    sg_autofd int client = try_connect();
    assert_true(client >= 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    int fds = count_descriptors();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int first = sg_listener_accept(&listener), second = sg_listener_accept(&listener);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(first, -EMFILE);
    assert_int_equal(second, -EMFILE);
    assert_int_equal(count_descriptors(), fds);
    sg_autofd int taken = sg_listener_accept(&listener);
    assert_true(taken >= 0);
}

static void test_what_is_there(void **state)
{
    (void)state;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_listener second = SG_LISTENER_INIT;
    second.section = "native";
    open_it();
    assert_int_equal(sg_listener_open(&second, path, 0600, &err), -EADDRINUSE);
    assert_non_null(strstr(err.text, "another executor"));
    close(listener.fd); /* as a crash leaves it: the file without anybody behind it */
    listener.fd = -1;
    assert_int_equal(access(path, F_OK), 0);
    open_it();
    sg_listener_close(&listener);

    sg_autofd int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_int_equal(write(file, "mine", 4), 4);
    err = (struct sg_error)SG_ERROR_INIT;
    assert_true(sg_listener_open(&second, path, 0600, &err) < 0);
    assert_non_null(strstr(err.text, "no socket"));
    assert_int_equal(access(path, F_OK), 0);
}

static void test_a_long_path(void **state)
{
    (void)state;
    struct sg_error err = SG_ERROR_INIT;
    char longest[200];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_true(sg_listener_open(&listener, longest, 0600, &err) < 0);
    assert_non_null(strstr(err.text, "native.socket"));
    assert_non_null(strstr(err.text, "longer than 107"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_takes_what_comes),
        CASE(test_without_descriptors),
        CASE(test_what_is_there),
        CASE(test_a_long_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
