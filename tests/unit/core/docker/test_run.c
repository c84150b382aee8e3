/* A run in a container: what its frames may say, and its end. The connection is a real one, to a
   child that takes it over as an Engine would. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/docker/internal.h"
#include "tests/unit/core/docker/server.h"

static void __attribute__((noreturn)) serve(int listener)
{
    static const char handed_over[] = "HTTP/1.1 101 UPGRADED\r\n\r\n";
    char bytes[4096];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0 && read(fd, bytes, sizeof bytes) > 0;)
        (void)!write(fd, handed_over, sizeof handed_over - 1);
    _exit(0);
}

static int start_server(void **state)
{
    (void)state;
    return server_start(serve);
}

struct bench {
    struct sg_config cfg;
    struct sg_docker docker;
    struct sg_run run;
    struct container c;
};

static void on_opened(void *arg)
{
    struct container *c = arg;
    sg_loop_stop(c->docker->loop);
}

static void on_bytes(void *arg, const char *data, size_t n)
{
    (void)arg, (void)data, (void)n;
}

static void on_closed(void *arg, const struct sg_error *err)
{
    container_fail(arg, err);
}

static void on_time(void *arg)
{
    struct sg_loop *loop = arg;
    sg_loop_stop(loop);
}

static void spin(struct bench *b, int64_t ms)
{
    struct sg_timer timer = SG_TIMER_INIT;
    sg_loop_timer(b->docker.loop, &timer, ms, on_time, b->docker.loop);
    assert_int_equal(sg_loop_run(b->docker.loop), 0);
    sg_loop_timer_stop(b->docker.loop, &timer);
}

/* A run whose program runs. It counts as answered: who would get the answer is not here. */
static struct bench *bench_new(void)
{
    static const struct sg_http_stream_ops ops = {on_opened, on_bytes, on_closed};
    struct sg_error err = SG_ERROR_INIT;
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    const struct sg_http_place place = {.socket = server_path, .url = ""};
    b->cfg.docker.call_ms = 1000;
    b->docker = (struct sg_docker){.loop = sg_loop_new(), .cfg = &b->cfg, .state = DOCKER_UP};
    b->docker.http = sg_http_new(b->docker.loop, &place, &err);
    assert_non_null(b->docker.http);
    b->c = (struct container){.docker = &b->docker,
                              .id = "abc",
                              .state = CONTAINER_RUNNING,
                              .files = -1,
                              .answered = true,
                              .limits = {.cpu_percent = 100},
                              .limits_of_run = {.wall_time_ms = 60000},
                              .run = &b->run,
                              .started_event = {.kind = SG_BOX_STARTED}};
    b->run = (struct sg_run){.engine_data = &b->c, .relay = SG_RELAY_INIT};
    b->c.stream = sg_http_stream_open(b->docker.http, "/attach", 2000, &ops, &b->c);
    assert_non_null(b->c.stream);
    spin(b, 3000);
    assert_non_null(b->c.stream);
    return b;
}

static void bench_free(struct bench *b)
{
    if (b->c.stream)
        sg_http_stream_close(b->c.stream);
    sg_loop_timer_stop(b->docker.loop, &b->c.wall);
    sg_loop_timer_stop(b->docker.loop, &b->c.deadline);
    sg_http_free(b->docker.http);
    sg_loop_free(b->docker.loop);
    free(b);
}

/* The connection's own end, by its peer's name. */
static int find_connection(void)
{
    for (int fd = 3; fd < 256; fd++) {
        struct sockaddr_un at;
        socklen_t n = sizeof at;
        if (getpeername(fd, (struct sockaddr *)&at, &n) == 0 && at.sun_family == AF_UNIX &&
            strcmp(at.sun_path, server_path) == 0)
            return fd;
    }
    return -1;
}

/* A streamed run whose reader is slow is cancelled, and its connection cannot be watched any more.
 */
static void test_a_paused_connection_that_breaks_when_it_is_ended(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    int fd = find_connection();
    assert_true(fd >= 0);
    sg_http_stream_pause(b->c.stream, true);
    sg_autofd int other = open("/dev/null", O_RDONLY | O_CLOEXEC); /* which epoll does not take */
    assert_true(other >= 0 && dup3(other, fd, O_CLOEXEC) == fd);
    run_cancel_container(&b->docker, &b->run);
    assert_int_equal(b->c.state, CONTAINER_REMOVING);
    assert_null(b->c.stream);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_paused_connection_that_breaks_when_it_is_ended),
    };
    return cmocka_run_group_tests(tests, start_server, server_stop);
}
