/* What a worker must not do, and what the server checks again. */
#include "tests/unit/core/exec/fake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* A peer that does not read its answers loses its connection, nobody waits for it. */
static void test_peer_does_not_read(void **state)
{
    (void)state;
    int flood = peer_connect(), other = peer_connect();
    peer_run(flood, "x", "");
    fcntl(flood, F_SETFL, O_NONBLOCK);
    int rc = 0, sent = 0;
    while (rc != -EPIPE && sent < 20000) {
        rc = sg_msg_send(flood, SG_MSG_STATUS, NULL, NULL);
        sent += rc == 0;
        if (rc == -EAGAIN)
            turn(1);
    }
    assert_int_equal(rc, -EPIPE);
    /* Its packets that are there already are read before its end is. */
    for (int i = 0; i < 1000 && engine.cancels == 0; i++)
        turn(1);
    assert_int_equal(engine.cancels, 1);
    engine_answer(0, SG_REASON_CANCELLED);
    engine_release(0);
    assert_int_equal(status_of(other).running, 0);
    close(flood);
    close(other);
}

/* An empty packet reads as the end. */
static void test_empty_packet(void **state)
{
    (void)state;
    int a = peer_connect();
    assert_int_equal(send(a, "", 0, 0), 0);
    turn(1);
    expect_end(a);
    close(a);
}

/* Each sends something that breaks the protocol; all are refused, all others go on. */
static void break_short(int sock)
{
    send(sock, "SDGT", 4, 0);
}
static void break_trickle(int sock)
{
    struct {
        struct sg_msg_header h;
    } p = {{SG_MSG_MAGIC, SG_MSG_VERSION, SG_MSG_STATUS, 0, 0}};
    for (size_t i = 0; i < sizeof(p); i++) /* packets of one byte are no message */
        send(sock, (char *)&p + i, 1, MSG_NOSIGNAL);
}
static void break_long(int sock)
{
    static char big[40000];
    send(sock, big, sizeof(big), 0);
}
static void break_side(int sock)
{
    sg_msg_send(sock, SG_MSG_STARTED, &(struct sg_msg_started){0}, NULL);
}
static void send_run_fds(int sock, int payload, int input)
{
    struct sg_msg_run m = peer_request("x", "");
    assert_int_equal(sg_msg_send(sock, SG_MSG_RUN, &m, (int[]){payload, input, -1}), 0);
}
static void break_fd_count(int sock)
{
    struct sg_msg_header h = {SG_MSG_MAGIC, SG_MSG_VERSION, SG_MSG_STATUS, 0, 0};
    sg_socket_send(sock, &h, sizeof(h), (int[]){0, 0, 0}, 3);
}
static void break_version(int sock)
{
    struct sg_msg_header h = {SG_MSG_MAGIC, SG_MSG_VERSION - 1, SG_MSG_STATUS, 0, 0};
    send(sock, &h, sizeof(h), 0);
}
static void break_unsealed(int sock)
{
    sg_autofd int open_one = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    sg_autofd int input = sg_memfd_sealed("i", "", 0);
    assert_int_equal(write(open_one, "x", 1), 1);
    send_run_fds(sock, open_one, input);
}
static void break_unsealed_stdin(int sock)
{
    sg_autofd int payload = sg_memfd_sealed("p", "payload", 7);
    sg_autofd int open_one = memfd_create("open", MFD_CLOEXEC);
    send_run_fds(sock, payload, open_one);
}
static void break_empty_payload(int sock)
{
    sg_autofd int none = sg_memfd_sealed("p", "", 0);
    send_run_fds(sock, none, none);
}
static void break_file(int sock)
{
    sg_autofd int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    sg_autofd int input = sg_memfd_sealed("i", "", 0);
    send_run_fds(sock, file, input);
}
static void break_large_stdin(int sock)
{
    char *big = calloc(1, SG_STDIN_BYTES_MAX + 1);
    sg_autofd int payload = sg_memfd_sealed("p", "payload", 7);
    sg_autofd int input = sg_memfd_sealed("i", big, SG_STDIN_BYTES_MAX + 1);
    free(big);
    send_run_fds(sock, payload, input);
}
static void break_second_run(int sock)
{
    struct sg_msg_run m = peer_request("second", "");
    peer_send_run(sock, &m);
    peer_send_run(sock, &m);
}
static void break_unterminated(int sock)
{
    struct sg_msg_run m = peer_request("x", "");
    memset(m.id, 'x', sizeof(m.id));
    peer_send_run(sock, &m);
}

static void test_protocol_errors(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*send)(int sock);
    } rows[] = {
        {"short", break_short},
        {"trickle", break_trickle},
        {"long", break_long},
        {"side", break_side},
        {"descriptor count", break_fd_count},
        {"version", break_version},
        {"unsealed payload", break_unsealed},
        {"unsealed stdin", break_unsealed_stdin},
        {"empty payload", break_empty_payload},
        {"a file", break_file},
        {"large stdin", break_large_stdin},
        {"unterminated", break_unterminated},
        {"second run", break_second_run},
    };
    int good = peer_connect();
    peer_run(good, "good", "");
    expect_started(good);
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        int bad = peer_connect();
        engine.end_in_cancel = true;
        rows[i].send(bad);
        turn(5);
        struct sg_msg m;
        struct sg_error err = SG_ERROR_INIT;
        int rc = sg_msg_recv(bad, SG_SIDE_EXECUTOR, &m, MSG_DONTWAIT, &err);
        if (rc == 1 && m.type == SG_MSG_STARTED)
            rc = sg_msg_recv(bad, SG_SIDE_EXECUTOR, &m, MSG_DONTWAIT, &err);
        const struct sg_msg_refused *r = (const void *)m.body;
        if (rc != 1 || m.type != SG_MSG_REFUSED || r->refusal != SG_REFUSAL_PROTOCOL)
            fail_msg("%s: not refused: %d", rows[i].name, rc);
        expect_end(bad);
        close(bad);
    }
    assert_int_equal(engine.cancels, 1); /* of "second run", whose first one had begun */
    expect_nothing(good);
    engine_finish(0);
    expect_result(good, SG_REASON_EXITED);
    close(good);
}

static void test_limits_are_checked_again(void **state)
{
    (void)state;
    int a = peer_connect();
    for (size_t i = 0; i < sg_limit_count; i++) {
        const struct sg_limit_info *info = &sg_limit_table[i];
        uint64_t bad[] = {sg_limit_get(&cfg.limits_max, info) + 1, info->min - 1, UINT64_MAX};
        for (size_t k = 0; k < SG_ARRAY_LEN(bad); k++) {
            struct sg_msg_run m = peer_request("x", "");
            *sg_limit_at(&m.limits, info) = bad[k];
            peer_send_run(a, &m);
            turn(1);
            expect_refused(a, SG_REFUSAL_LIMIT, info->name);
        }
    }
    assert_int_equal(engine.n, 0);
    close(a);
}

/* Whether refused calls may be counted is for the executor to say, too. */
static void test_tracing_is_checked_again(void **state)
{
    (void)state;
    int a = peer_connect();
    struct sg_msg_run m = peer_request("x", "");
    m.trace_denied_syscalls = 1;
    cfg.native.trace_denied_syscalls = false;
    peer_send_run(a, &m);
    turn(1);
    expect_refused(a, SG_REFUSAL_LIMIT, "not counted by the engine");
    assert_int_equal(engine.n, 0);
    cfg.native.trace_denied_syscalls = true;
    peer_send_run(a, &m);
    turn(1);
    assert_int_equal(engine.n, 1);
    engine_finish(0);
    expect_started(a);
    expect_result(a, SG_REASON_EXITED);
    close(a);
}

static void test_runtime_choice(void **state)
{
    (void)state;
    static const struct {
        const char *language, *version, *want; /* NULL: refused */
    } rows[] = {
        {"python", "", "3.11.2"},     {"py", "3", "3.11.2"}, {"py", "3.9", "3.9.1"},
        {"python", "3.9.1", "3.9.1"}, {"py", "3.1", NULL},   {"py", "2", NULL},
        {"cobol", "", NULL},          {"", "", NULL},
    };
    int a = peer_connect();
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_msg_run m = peer_request("hold", "");
        int before = engine.n;
        sg_str_copy(m.language, sizeof(m.language), rows[i].language);
        sg_str_copy(m.version, sizeof(m.version), rows[i].version);
        peer_send_run(a, &m);
        turn(1);
        if (!rows[i].want) {
            expect_refused(a, SG_REFUSAL_RUNTIME, "no ");
            assert_int_equal(engine.n, before);
            continue;
        }
        assert_string_equal(engine.run[before]->runtime->version, rows[i].want);
        engine_finish(before);
        struct sg_msg started = expect(a, SG_MSG_STARTED), result = expect(a, SG_MSG_RESULT);
        sg_msg_done(&started);
        sg_msg_done(&result);
        turn(1);
    }
    close(a);
}

static void test_runtime_that_was_left_out(void **state)
{
    (void)state;
    int a = peer_connect();
    struct sg_msg_run m = peer_request("x", "");
    runtimes.v[2] = (struct sg_runtime){.language = "javascript",
                                        .aliases = {.v = {"js"}, .n = 1},
                                        .command = {.v = {"/x"}, .n = 1}};
    runtimes.left_out = 1;
    sg_str_copy(m.language, sizeof(m.language), "js");
    peer_send_run(a, &m);
    turn(1);
    expect_refused(a, SG_REFUSAL_RUNTIME, "javascript is not installed here: there is no /x");
    close(a);
}

static void test_version_not_known_yet(void **state)
{
    (void)state;
    int a = peer_connect();
    runtimes.v[0].version[0] = runtimes.v[1].version[0] = 0;
    struct sg_msg_run m = peer_request("x", "");
    sg_str_copy(m.version, sizeof(m.version), "3.11");
    peer_send_run(a, &m);
    turn(1);
    expect_refused(a, SG_REFUSAL_BUSY, "not known yet");
    struct sg_server_runtime info = {.ready = false, .reason = "no such file"};
    sg_server_set_runtime(server, 0, &info);
    peer_send_run(a, &m);
    turn(1);
    expect_refused(a, SG_REFUSAL_RUNTIME, "unknown");
    close(a);
}

static void test_too_many_connections(void **state)
{
    (void)state;
    static int s[1024];
    int n = 0, sv[2] = {-1, -1}, rc = 0;
    struct rlimit r;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
    r.rlim_cur = r.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &r), 0);
    if (r.rlim_max < 2200)
        skip();
    while (n < 1024) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
        rc = sg_server_connection(server, sv[0], false);
        assert_int_equal(rc, 0);
        s[n++] = sv[1];
    }
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
    assert_int_equal(sg_server_connection(server, sv[0], false), -EUSERS);
    expect_refused(sv[1], SG_REFUSAL_BUSY, "connections");
    expect_end(sv[1]);
    close(sv[1]);
    peer_run(s[1023], "now", "");
    expect_started(s[1023]);
    expect_result(s[1023], SG_REASON_EXITED);
    while (n > 0)
        close(s[--n]);
    turn(20);
    int again = peer_connect();
    close(again);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, server_set_up, server_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_peer_does_not_read),        CASE(test_empty_packet),
        CASE(test_protocol_errors),           CASE(test_limits_are_checked_again),
        CASE(test_tracing_is_checked_again),  CASE(test_runtime_choice),
        CASE(test_runtime_that_was_left_out), CASE(test_version_not_known_yet),
        CASE(test_too_many_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
