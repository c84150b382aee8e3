/* Calls and streams against a real small server on a unix socket, in a process of its own: answers
   that are whole, dripped, endless, cut off, absent. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/docker/http.h"
#include "tests/unit/core/docker/server.h"

static void put(int fd, const char *text)
{
    (void)!write(fd, text, strlen(text));
}

static void nap(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

static void answer(int fd, const char *request)
{
    static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    if (strncmp(request, "GET /drip", 9) == 0) {
        for (const char *c = ok; *c; c++) {
            (void)!write(fd, c, 1);
            nap(2);
        }
    } else if (strncmp(request, "GET /endless", 12) == 0) {
        put(fd, "HTTP/1.1 200 OK\r\n\r\n");
        for (int i = 0; i < 100000 && write(fd, ok, sizeof ok) > 0; i++)
            ;
        close(fd);
    } else if (strncmp(request, "GET /reset", 10) == 0) {
        put(fd, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhal");
        close(fd);
    } else if (strncmp(request, "GET /mute", 9) == 0) {
        nap(900);
    } else if (strncmp(request, "GET /garbage", 12) == 0) {
        put(fd, "what?\r\n\r\n");
        close(fd);
    } else if (strncmp(request, "POST /attach", 12) == 0) {
        char byte;
        put(fd, "HTTP/1.1 101 UPGRADED\r\nConnection: Upg");
        nap(5);
        put(fd, "rade\r\nUpgrade: tcp\r\n\r\nfirst");
        while (read(fd, &byte, 1) == 1 && byte != '.')
            (void)!write(fd, &byte, 1);
        close(fd);
    } else if (strncmp(request, "POST /refuse", 12) == 0) {
        put(fd, "HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n");
    } else if (strncmp(request, "POST /long", 10) == 0) {
        put(fd, "HTTP/1.1 101 UPGRADED\r\n");
        while (write(fd, "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n", 45) > 0)
            ;
        close(fd);
    } else {
        put(fd, ok);
    }
}

static void __attribute__((noreturn)) serve(int listener)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0 && fork() == 0) {
            char request[4096];
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (ssize_t n; (n = read(fd, request, sizeof request - 1)) > 0;) {
                request[n] = '\0';
                answer(fd, request);
            }
            _exit(0);
        }
        close(fd);
    }
}

static int start_server(void **state)
{
    (void)state;
    return server_start(serve);
}

struct got {
    struct sg_loop *loop;
    long status;
    struct sg_error err;
    struct sg_buf body;
    struct sg_http_stream *stream;
    struct sg_timer pause;
    int opened, closed, done;
};

static void on_done(void *arg, const struct sg_http_reply *r)
{
    struct got *g = arg;
    g->status = r->status;
    g->err = r->err;
    sg_buf_append(&g->body, r->body, r->n);
    g->done++;
    sg_loop_stop(g->loop);
}

static void get(struct got *g, const char *what, int64_t timeout_ms)
{
    struct sg_error err = SG_ERROR_INIT;
    *g = (struct got){.loop = sg_loop_new()};
    struct sg_http *http =
        sg_http_new(g->loop, &(struct sg_http_place){.socket = server_path}, &err);
    assert_non_null(http);
    const struct sg_http_call call = {.method = "GET",
                                      .path = what,
                                      .timeout_ms = timeout_ms,
                                      .most = 65536,
                                      .done = on_done,
                                      .arg = g};
    assert_non_null(sg_http_start(http, &call));
    assert_int_equal(sg_loop_run(g->loop), 0);
    assert_int_equal(g->done, 1);
    sg_http_free(http);
    sg_loop_free(g->loop);
}

static void test_answers(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        long status;
        int code;
    } rows[] = {
        {"/hello", 200, 0},
        {"/drip", 200, 0},
        {"/endless", 0, SG_E_PROTOCOL},
        {"/reset", 0, SG_E_UNAVAILABLE},
        {"/mute", 0, -ETIMEDOUT},
        {"/garbage", 0, SG_E_UNAVAILABLE},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct got g;
        get(&g, rows[i].path, rows[i].code == -ETIMEDOUT ? 400 : 20000);
        if (g.status != rows[i].status || g.err.code != rows[i].code)
            fail_msg("%s: status %ld, %d %s", rows[i].path, g.status, g.err.code, g.err.text);
        if (g.status == 200)
            assert_string_equal(g.body.data, "hello");
        sg_buf_done(&g.body);
    }
}

static void test_nobody_there(void **state)
{
    (void)state;
    struct got g;
    char real[64];
    memcpy(real, server_path, sizeof real);
    snprintf(server_path, sizeof server_path, "%s/nobody", server_dir);
    get(&g, "/hello", 400);
    memcpy(server_path, real, sizeof real);
    assert_int_equal(g.status, 0);
    assert_int_equal(g.err.code, SG_E_UNAVAILABLE);
    sg_buf_done(&g.body);
}

static void test_many_over_few_connections(void **state)
{
    (void)state;
    struct got g = {.loop = sg_loop_new()};
    struct sg_error err = SG_ERROR_INIT;
    struct sg_http *http =
        sg_http_new(g.loop, &(struct sg_http_place){.socket = server_path}, &err);
    for (int i = 0; i < 50; i++) {
        const struct sg_http_call call = {.method = "GET",
                                          .path = "/hello",
                                          .timeout_ms = 5000,
                                          .most = 100,
                                          .done = on_done,
                                          .arg = &g};
        assert_non_null(sg_http_start(http, &call));
    }
    while (g.done < 50)
        assert_int_equal(sg_loop_run(g.loop), 0);
    assert_int_equal(g.body.len, 250);
    /* One that is cancelled is never heard of; the others are forgotten with all of it. */
    struct sg_http_request *r = sg_http_start(http, &(struct sg_http_call){.method = "GET",
                                                                           .path = "/mute",
                                                                           .timeout_ms = 5000,
                                                                           .most = 1,
                                                                           .done = on_done,
                                                                           .arg = &g});
    sg_http_cancel(r);
    assert_non_null(sg_http_start(http, &(struct sg_http_call){.method = "GET",
                                                               .path = "/mute",
                                                               .timeout_ms = 5000,
                                                               .most = 1,
                                                               .done = on_done,
                                                               .arg = &g}));
    sg_http_free(http);
    sg_loop_free(g.loop);
    assert_int_equal(g.done, 50);
    sg_buf_done(&g.body);
}

static void on_opened(void *arg)
{
    struct got *g = arg;
    g->opened++;
    assert_int_equal(sg_http_stream_write(g->stream, "to and fro.", 11), 0);
}

static void on_bytes(void *arg, const char *data, size_t n)
{
    struct got *g = arg;
    sg_buf_append(&g->body, data, n);
}

static void on_closed(void *arg, const struct sg_error *err)
{
    struct got *g = arg;
    g->closed++;
    g->err = *err;
    sg_loop_stop(g->loop);
}

static void stream(struct got *g, const char *what, int64_t timeout_ms)
{
    static const struct sg_http_stream_ops ops = {on_opened, on_bytes, on_closed};
    struct sg_error err = SG_ERROR_INIT;
    *g = (struct got){.loop = sg_loop_new()};
    struct sg_http *http =
        sg_http_new(g->loop, &(struct sg_http_place){.socket = server_path}, &err);
    g->stream = sg_http_stream_open(http, what, timeout_ms, &ops, g);
    assert_non_null(g->stream);
    assert_int_equal(sg_loop_run(g->loop), 0);
    assert_int_equal(g->closed, 1);
    sg_http_stream_close(g->stream);
    sg_http_free(http);
    sg_loop_free(g->loop);
}

static void test_streams(void **state)
{
    (void)state;
    struct got g;
    stream(&g, "/attach", 20000);
    assert_int_equal(g.opened, 1);
    assert_int_equal(g.err.code, 0);
    assert_string_equal(g.body.data, "firstto and fro");
    sg_buf_done(&g.body);
    stream(&g, "/refuse", 20000);
    assert_int_equal(g.opened, 0);
    assert_int_equal(g.err.code, SG_E_UNAVAILABLE);
    assert_non_null(strstr(g.err.text, "409"));
    sg_buf_done(&g.body);
    stream(&g, "/long", 20000);
    assert_int_equal(g.err.code, SG_E_PROTOCOL);
    sg_buf_done(&g.body);
}

static void on_time_stop(void *arg)
{
    sg_loop_stop(arg);
}

static void on_opened_pause(void *arg)
{
    struct got *g = arg;
    on_opened(arg);
    sg_http_stream_pause(g->stream, true);
    sg_loop_timer(g->loop, &g->pause, 100, on_time_stop, g->loop);
}

/* A paused one is not read, not even its end; what is written to it goes out all the same. */
static void test_a_stream_that_is_paused(void **state)
{
    static const struct sg_http_stream_ops ops = {on_opened_pause, on_bytes, on_closed};
    struct sg_error err = SG_ERROR_INIT;
    struct got g = {.loop = sg_loop_new(), .pause = SG_TIMER_INIT};
    (void)state;
    struct sg_http *http =
        sg_http_new(g.loop, &(struct sg_http_place){.socket = server_path}, &err);
    g.stream = sg_http_stream_open(http, "/attach", 20000, &ops, &g);
    assert_non_null(g.stream);
    assert_int_equal(sg_loop_run(g.loop), 0);
    assert_int_equal(g.opened, 1);
    assert_int_equal(g.closed, 0);
    size_t before = g.body.len; /* what came together with the head */
    assert_true(before <= 5);
    sg_http_stream_pause(g.stream, false);
    assert_int_equal(g.body.len, before); /* not within the call */
    assert_int_equal(sg_loop_run(g.loop), 0);
    assert_int_equal(g.closed, 1);
    assert_string_equal(g.body.data, "firstto and fro");
    sg_http_stream_close(g.stream);
    sg_http_free(http);
    sg_loop_free(g.loop);
    sg_buf_done(&g.body);
}

enum { MANY = 20 }; /* more than connections are kept for calls */

static void on_one_opened(void *arg)
{
    struct got *g = arg;
    g->opened++;
    assert_int_equal(sg_http_stream_write(g->stream, "a", 1), 0);
}

static void on_one_byte(void *arg, const char *data, size_t n)
{
    struct got *g = arg;
    sg_buf_append(&g->body, data, n);
    if (data[n - 1] == 'a' || data[n - 1] == 'b')
        g->done++;
    if (g->done)
        sg_loop_stop(g->loop);
}

/* What calls do is nothing to streams, however many of them there are. */
static void test_streams_beside_calls(void **state)
{
    static const struct sg_http_stream_ops ops = {on_one_opened, on_one_byte, on_closed};
    static struct got g[MANY], call;
    struct sg_error err = SG_ERROR_INIT;
    struct sg_loop *loop = sg_loop_new();
    struct sg_http *http = sg_http_new(loop, &(struct sg_http_place){.socket = server_path}, &err);
    (void)state;
    for (int i = 0; i < MANY; i++) {
        g[i].loop = loop;
        g[i].stream = sg_http_stream_open(http, "/attach", 5000, &ops, &g[i]);
        assert_non_null(g[i].stream);
    }
    for (int i = 0; i < MANY; i++)
        while (!g[i].done)
            assert_int_equal(sg_loop_run(loop), 0);
    call.loop = loop;
    for (int i = 0; i < MANY; i++)
        assert_non_null(sg_http_start(http, &(struct sg_http_call){.method = "GET",
                                                                   .path = "/hello",
                                                                   .timeout_ms = 5000,
                                                                   .most = 100,
                                                                   .done = on_done,
                                                                   .arg = &call}));
    while (call.done < MANY)
        assert_int_equal(sg_loop_run(loop), 0);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(sg_http_stream_write(g[i].stream, "b", 1), 0);
    for (int i = 0; i < MANY; i++) {
        while (g[i].done < 2 && !g[i].closed)
            assert_int_equal(sg_loop_run(loop), 0);
        assert_int_equal(g[i].closed, 0);
        assert_string_equal(g[i].body.data, "firstab");
        sg_http_stream_close(g[i].stream);
        sg_buf_done(&g[i].body);
    }
    sg_buf_done(&call.body);
    sg_http_free(http);
    sg_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_nobody_there),
        cmocka_unit_test(test_many_over_few_connections),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_a_stream_that_is_paused),
        cmocka_unit_test(test_streams_beside_calls),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, start_server, server_stop);
}
