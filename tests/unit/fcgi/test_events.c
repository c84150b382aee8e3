/* A streamed run as a client sees it, byte for byte. The test plays the executor, whose messages
   and packets lie there before the worker looks, and the client, whose room is that of a socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/base/time.h"
#include "fcgi/events.h"
#include "fcgi/link.h"
#include "fcgi/live.h"

static struct sg_config cfg = {.native = {.socket = "/nonexistent/native.sock"}};
static struct sg_service service = {.cfg = &cfg};
static char content[] = "print(1)";

struct client {
    struct sg_transport base;
    struct sg_buf written;
    int room; /* what is polled; -1: it takes everything */
    int writes_left;
};

static const char *no_param(struct sg_transport *t, const char *name)
{
    (void)t;
    (void)name;
    return NULL;
}

static int client_write(struct sg_transport *t, const void *data, size_t n)
{
    struct client *c = (struct client *)t;
    return c->writes_left-- > 0 ? sg_buf_append(&c->written, data, n) : -EPIPE;
}

static void client_watch(struct sg_transport *t, struct pollfd *ret)
{
    *ret = (struct pollfd){.fd = ((struct client *)t)->room, .events = POLLRDHUP};
}

static bool client_gone(struct sg_transport *t, const struct pollfd *seen)
{
    (void)t;
    return seen->revents & (POLLRDHUP | POLLHUP | POLLERR);
}

static const struct sg_transport_ops ops = {.name = "test",
                                            .param = no_param,
                                            .write = client_write,
                                            .watch = client_watch,
                                            .gone = client_gone};

struct scene {
    struct sg_link link;
    int executor, output; /* the executor's ends */
    uint64_t said[SG_OUTPUT_STREAMS];
    struct client client;
    struct sg_exchange x;
    struct sg_job job;
    struct sg_run_result result;
};

static void begin(struct scene *s)
{
    int sv[2], ends[2];
    *s = (struct scene){.client = {.base = {.ops = &ops}, .room = -1, .writes_left = 1000},
                        .result = SG_RUN_RESULT_INIT};
    s->job = (struct sg_job){
        .id = "job", .language = "python", .stream = true, .limits = {.wall_time_ms = 10}};
    s->job.files[0] = (struct sg_job_file){.path = "main.py", .content = {content, 8}};
    s->job.nfiles = 1;
    sg_link_init(&s->link, &cfg);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
    s->link.client.sock = sv[0];
    s->executor = sv[1];
    assert_int_equal(sg_output_pair(ends), 0);
    s->output = ends[0];
    assert_int_equal(sg_msg_send(s->executor, SG_MSG_STREAM, NULL, &ends[1]), 0);
    close(ends[1]);
    sg_exchange_begin(&s->x, &service, &s->client.base);
}

static void say_started(struct scene *s)
{
    struct sg_msg_started m = {.language = "python", .version = "3.11.2"};
    assert_int_equal(sg_msg_send(s->executor, SG_MSG_STARTED, &m, NULL), 0);
}

static void say(struct scene *s, enum sg_output_stream stream, const char *data, size_t n)
{
    assert_int_equal(sg_output_send(s->output, stream, data, n), 0);
    s->said[stream] += n;
}

static void say_result(struct scene *s, const char *rest)
{
    struct sg_outcome o = {
        .out = {.total_bytes = s->said[SG_OUTPUT_STDOUT] + strlen(rest)},
        .err = {.total_bytes = s->said[SG_OUTPUT_STDERR]},
    };
    sg_autofd int out = sg_memfd_sealed("out", rest, strlen(rest));
    sg_autofd int err = sg_memfd_sealed("err", "", 0);
    assert_int_equal(sg_msg_send(s->executor, SG_MSG_RESULT, &o, (int[]){out, err, -1}), 0);
    sg_fd_close(&s->output);
}

/* As execute.c does it. */
static int run(struct scene *s)
{
    struct sg_error err = SG_ERROR_INIT;
    struct sg_events events = SG_EVENTS_INIT(&s->x, &s->job);
    struct sg_live live = SG_LIVE_INIT(&sg_events_live_ops, &events, &s->client.base);
    int rc =
        sg_link_run_live(&s->link, &s->job, &s->client.base, &live, INT64_MAX, &s->result, &err);
    sg_live_done(&live);
    if (rc < 0)
        sg_problem_set(&s->x.problem, SG_PROBLEM_EXECUTOR_LOST, "lost");
    else if (s->result.end == SG_RUN_GONE)
        s->x.status = SG_CLIENT_CLOSED_REQUEST;
    else if (s->result.end == SG_RUN_REFUSED)
        sg_problem_from_refusal(&s->x.problem, &s->result.refused);
    else
        sg_buf_puts(&s->x.body, "{\"the\":\"result\"}");
    sg_events_end(&events);
    return rc;
}

static void end(struct scene *s)
{
    sg_run_result_done(&s->result);
    sg_exchange_done(&s->x);
    sg_buf_done(&s->client.written);
    sg_link_done(&s->link);
    sg_fd_close(&s->executor);
    sg_fd_close(&s->output);
    sg_fd_close(&s->client.room);
}

static void expect_body(struct scene *s, const char *want)
{
    const char *body = s->client.written.data ? strstr(s->client.written.data, "\r\n\r\n") : NULL;
    assert_non_null(body);
    assert_string_equal(body + 4, want);
}

#define START                                                                                      \
    "event: start\ndata: "                                                                         \
    "{\"id\":\"job\",\"runtime\":{\"language\":\"python\",\"version\":\"3.11.2\"}}\n\n"
#define RESULT "event: result\ndata: {\"the\":\"result\"}\n\n"

static void test_a_run(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    say_started(&s);
    say_started(&s); /* the box that it was in first could not take it */
    say(&s, SG_OUTPUT_STDOUT, "a\n", 2);
    say(&s, SG_OUTPUT_STDERR, "\xff", 1);
    say_result(&s, "rest");
    assert_int_equal(run(&s), 0);
    expect_body(&s,
                START "event: stdout\ndata: {\"data\":\"a\\n\",\"encoding\":\"utf8\"}\n\n"
                      "event: stderr\ndata: {\"data\":\"/w==\",\"encoding\":\"base64\"}\n\n"
                      "event: stdout\ndata: {\"data\":\"rest\",\"encoding\":\"utf8\"}\n\n" RESULT);
    const char *head = s.client.written.data;
    assert_true(sg_str_starts(head, "Status: 200 OK\r\nContent-Type: text/event-stream\r\n"));
    assert_non_null(strstr(head, "\r\nX-Accel-Buffering: no\r\n"));
    assert_non_null(strstr(head, "\r\nCache-Control: no-store\r\n"));
    assert_null(strstr(head, "Content-Length"));
    assert_true(s.x.begun);
    end(&s);
}

/* Each stream by itself: what comes of the other one does not tear a character either. */
static void test_characters_are_whole(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    say_started(&s);
    say(&s, SG_OUTPUT_STDOUT, "x\xe2\x82", 3);
    say(&s, SG_OUTPUT_STDERR, "y", 1);
    say(&s, SG_OUTPUT_STDOUT, "\xac\xf0", 2);
    say(&s, SG_OUTPUT_STDOUT, "\x9f", 1);
    say_result(&s, "");
    assert_int_equal(run(&s), 0);
    expect_body(&s, START
                "event: stdout\ndata: {\"data\":\"x\",\"encoding\":\"utf8\"}\n\n"
                "event: stderr\ndata: {\"data\":\"y\",\"encoding\":\"utf8\"}\n\n"
                "event: stdout\ndata: {\"data\":\"\xe2\x82\xac\",\"encoding\":\"utf8\"}\n\n"
                "event: stdout\ndata: {\"data\":\"8J8=\",\"encoding\":\"base64\"}\n\n" RESULT);
    end(&s);
}

static void test_refused_before_it_began(void **state)
{
    (void)state;
    struct scene s;
    struct sg_msg_refused busy = {.refusal = SG_REFUSAL_BUSY, .retry_after_s = 3};
    begin(&s);
    sg_msg_send(s.executor, SG_MSG_REFUSED, &busy, NULL);
    sg_fd_close(&s.output);
    assert_int_equal(run(&s), 0);
    assert_false(s.x.begun);
    assert_int_equal(s.client.written.len, 0);
    sg_exchange_send(&s.x);
    assert_true(sg_str_starts(s.client.written.data, "Status: 503 "));
    assert_non_null(strstr(s.client.written.data, "\r\nRetry-After: 3\r\n"));
    assert_non_null(strstr(s.client.written.data, "\"retry_after_s\":3,"));
    end(&s);
}

/* What it had written before comes before that. */
static void test_lost_after_it_began(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    say_started(&s);
    say(&s, SG_OUTPUT_STDOUT, "a", 1);
    sg_fd_close(&s.output);
    struct sg_msg_refused m = {.refusal = SG_REFUSAL_INTERNAL};
    sg_msg_send(s.executor, SG_MSG_REFUSED, &m, NULL);
    assert_int_equal(run(&s), 0);
    const char *told = strstr(s.client.written.data, "event: stdout\ndata: {\"data\":\"a\"");
    assert_non_null(told);
    assert_non_null(
        strstr(told, "\n\nevent: error\ndata: {\"type\":\"urn:sandgate:problem:internal\""));
    assert_null(strstr(told, "event: result"));
    size_t before = s.client.written.len;
    sg_exchange_send(&s.x); /* nothing is left to be sent */
    assert_int_equal(s.client.written.len, before);
    end(&s);
}

/* A part of it is not taken for the whole. */
static void test_some_of_it_is_missing(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct scene s;
        begin(&s);
        say_started(&s);
        say(&s, SG_OUTPUT_STDOUT, "a", 1);
        if (i == 0) { /* the figures of the result say that there was more */
            s.said[SG_OUTPUT_STDERR]++;
        } else { /* no packet of ours, behind which nothing is taken */
            assert_int_equal(send(s.output, "x", 1, 0), 1);
            say(&s, SG_OUTPUT_STDOUT, "b", 1);
        }
        say_result(&s, "");
        assert_int_equal(run(&s), SG_E_PROTOCOL);
        assert_non_null(strstr(s.client.written.data, "\n\nevent: error\ndata: "));
        end(&s);
    }
}

static void test_a_client_that_has_left(void **state)
{
    (void)state;
    for (int writes = 0; writes < 4; writes++) {
        struct scene s;
        begin(&s);
        s.client.writes_left = writes;
        say_started(&s);
        say(&s, SG_OUTPUT_STDOUT, "a", 1);
        say(&s, SG_OUTPUT_STDOUT, "b", 1);
        say_result(&s, "c");
        assert_int_equal(run(&s), 0);
        assert_int_equal(s.x.status, SG_CLIENT_CLOSED_REQUEST);
        end(&s);
    }
}

/* It is told by the connection, not only by a write that fails. */
static void test_a_client_that_hangs_up(void **state)
{
    (void)state;
    struct scene s;
    int sv[2];
    begin(&s);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv), 0);
    s.client.room = sv[0];
    close(sv[1]);
    say_result(&s, "rest");
    assert_int_equal(run(&s), 0);
    assert_int_equal(s.x.status, SG_CLIENT_CLOSED_REQUEST);
    assert_int_equal(s.client.written.len, 0);
    end(&s);
}

/* What comes behind the run goes out when there is room for it, until its deadline. */
static void test_write_when_there_is_room(void **state)
{
    (void)state;
    struct scene s;
    int sv[2];
    static char filler[4096], data[100000], taken[1 << 20];
    begin(&s);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv), 0);
    s.client.room = sv[0];
    assert_int_equal(sg_live_write(&s.client.base, data, sizeof data, sg_now_ms() + 10000), 0);
    assert_int_equal(s.client.written.len, sizeof data);
    while (write(sv[0], filler, sizeof filler) > 0)
        ;
    assert_int_equal(sg_live_write(&s.client.base, data, sizeof data, sg_now_ms() + 50),
                     -ETIMEDOUT);
    assert_int_equal(sg_live_write(&s.client.base, data, sizeof data, sg_now_ms() - 1), -ETIMEDOUT);
    assert_int_equal(s.client.written.len, sizeof data);
    while (read(sv[1], taken, sizeof taken) > 0)
        ;
    assert_int_equal(sg_live_write(&s.client.base, data, sizeof data, sg_now_ms() + 10000), 0);
    assert_int_equal(s.client.written.len, 2 * sizeof data);
    close(sv[1]);
    assert_int_equal(sg_live_write(&s.client.base, data, sizeof data, sg_now_ms() + 10000), -EPIPE);
    close(sv[0]);
    end(&s);
}

/* Nothing is read from the executor as long as the client takes nothing. */
static void test_no_room(void **state)
{
    (void)state;
    struct scene s;
    int sv[2];
    static char filler[4096], taken[1 << 20];
    begin(&s);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, sv), 0);
    while (write(sv[0], filler, sizeof filler) > 0)
        ;
    s.client.room = sv[0];
    struct sg_events events = SG_EVENTS_INIT(&s.x, &s.job);
    struct sg_live live = SG_LIVE_INIT(&sg_events_live_ops, &events, &s.client.base);
    struct sg_msg m;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_msg_recv(s.link.client.sock, SG_SIDE_EXECUTOR, &m, 0, &err), 1);
    assert_int_equal(sg_live_message(&live, &m), 0);
    sg_msg_done(&m);
    say(&s, SG_OUTPUT_STDOUT, "a", 1);
    for (int i = 0; i < 2; i++) {
        struct pollfd p[2] = {{.fd = -1}, {.fd = -1}};
        int64_t wait = 50;
        client_watch(&s.client.base, &p[0]);
        sg_live_prepare(&live, &p[0], &p[1], &wait);
        assert_int_equal(p[1].fd >= 0, i == 0); /* the second time it waits for room instead */
        poll(p, 2, (int)wait);
        assert_int_equal(sg_live_go_on(&live, &p[0], &p[1]), 0);
    }
    assert_int_equal(s.client.written.len, 0);
    while (read(sv[1], taken, sizeof taken) > 0)
        ;
    for (int i = 0; i < 3; i++) {
        struct pollfd p[2] = {{.fd = -1}, {.fd = -1}};
        int64_t wait = 50;
        client_watch(&s.client.base, &p[0]);
        sg_live_prepare(&live, &p[0], &p[1], &wait);
        poll(p, 2, (int)wait);
        assert_int_equal(sg_live_go_on(&live, &p[0], &p[1]), 0);
    }
    assert_non_null(strstr(s.client.written.data, "event: stdout"));
    sg_live_done(&live);
    close(sv[1]);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run),
        cmocka_unit_test(test_characters_are_whole),
        cmocka_unit_test(test_refused_before_it_began),
        cmocka_unit_test(test_lost_after_it_began),
        cmocka_unit_test(test_some_of_it_is_missing),
        cmocka_unit_test(test_a_client_that_has_left),
        cmocka_unit_test(test_a_client_that_hangs_up),
        cmocka_unit_test(test_write_when_there_is_room),
        cmocka_unit_test(test_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
