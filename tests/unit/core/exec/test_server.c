/* The server with a fake engine, and workers over real socket pairs that the test plays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/exec/server.h"
#include "core/ipc/client.h"
#include "core/ipc/payload.h"

#define RUNS_MAX 256

/* What the engine does with a run stands in the run's id: "fail…" is refused at once, "now…" ends
   within start(), all others wait until the test says finish(). */
static struct {
    struct sg_run *run[RUNS_MAX]; /* NULL once released */
    char id[RUNS_MAX][SG_ID_MAX + 1];
    int n;
    int cancelled[RUNS_MAX];
    int cancels;
    bool end_in_cancel;
    int busy; /* runs between start and release */
    int most;
} engine;

static struct sg_loop *loop;
static struct sg_server *server;
static struct sg_config cfg;
static struct sg_runtimes runtimes;
static bool stopped; /* the loop was stopped by the server */
static int fds_before;

static struct sg_outcome ended(enum sg_reason reason)
{
    struct sg_outcome o = {.reason = reason, .exit_code = reason == SG_REASON_EXITED ? 0 : -1};
    return o;
}

static void answer(int i, enum sg_reason reason)
{
    struct sg_outcome o = ended(reason);
    sg_autofd int out = sg_memfd_sealed("out", "out", 3);
    sg_autofd int err = sg_memfd_sealed("err", "", 0);
    sg_run_finished(engine.run[i], &o, out, err);
}

static void release(int i)
{
    struct sg_run *run = engine.run[i];
    engine.run[i] = NULL;
    engine.busy--;
    sg_run_released(run);
}

static void finish(int i)
{
    answer(i, SG_REASON_EXITED);
    release(i);
}

static int fake_start(void *arg, struct sg_run *run, struct sg_error *err)
{
    assert_ptr_equal(arg, &engine);
    assert_non_null(run->runtime);
    assert_true(run->payload_fd >= 0 && run->stdin_fd >= 0);
    int i = engine.n++;
    assert_true(i < RUNS_MAX);
    engine.run[i] = run;
    sg_str_copy(engine.id[i], sizeof(engine.id[i]), run->request.id);
    if (sg_str_starts(run->request.id, "fail")) {
        engine.run[i] = NULL;
        sg_error_set(err, SG_E_LAYER, "no cgroup here");
        sg_str_copy(err->step, sizeof(err->step), "cgroup");
        sg_error_fix(err, "delegate one");
        return err->code;
    }
    engine.busy++;
    if (engine.busy > engine.most)
        engine.most = engine.busy;
    sg_run_started(run);
    if (sg_str_starts(run->request.id, "now"))
        finish(i);
    return 0;
}

static void fake_cancel(void *arg, struct sg_run *run)
{
    (void)arg;
    for (int i = 0; i < engine.n; i++)
        if (engine.run[i] == run) {
            engine.cancelled[i]++;
            engine.cancels++;
            if (engine.end_in_cancel) {
                answer(i, SG_REASON_CANCELLED);
                release(i);
            }
            return;
        }
    fail_msg("a run that is not the engine's was cancelled");
}

static const struct sg_engine_ops fake_ops = {"fake", fake_start, fake_cancel};

static int count_fds(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static int set_up(void **state)
{
    (void)state;
    sg_log_open("test", "stderr", SG_LOG_ERR);
    fds_before = count_fds();
    memset(&engine, 0, sizeof(engine));
    memset(&runtimes, 0, sizeof(runtimes));
    stopped = false;
    cfg = (struct sg_config){.native = {.slots = 2, .queue = 3, .queue_wait_ms = 60000}};
    sg_limits_default(&cfg.limits_default);
    sg_limits_max(&cfg.limits_max);
    runtimes.n = 2; /* strings are borrowed, hence no sg_runtimes_done */
    runtimes.v[0] =
        (struct sg_runtime){.language = "python", .entry = "main.py", .version = "3.9.1"};
    runtimes.v[1] =
        (struct sg_runtime){.language = "python", .entry = "main.py", .version = "3.11.2"};
    runtimes.v[0].aliases = runtimes.v[1].aliases = (struct sg_strings){.v = {"py"}, .n = 1};
    loop = sg_loop_new();
    server = sg_server_new(loop, &cfg, &runtimes, &fake_ops, &engine);
    return loop && server ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    sg_server_free(server);
    sg_loop_free(loop);
    return count_fds() == fds_before ? 0 : -1;
}

static void on_turn_over(void *arg)
{
    *(bool *)arg = true;
    sg_loop_stop(loop);
}

/* Lets the server do all it can do now. */
static void turn(int ms)
{
    struct sg_timer t = SG_TIMER_INIT;
    bool over = false;
    sg_loop_timer(loop, &t, ms, on_turn_over, &over);
    assert_int_equal(sg_loop_run(loop), 0);
    if (!over)
        stopped = true;
    sg_loop_timer_stop(loop, &t);
}

static int connect_as(bool only)
{
    int sv[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
    assert_int_equal(sg_server_connection(server, sv[0], only), 0);
    return sv[1];
}

static int connect_one(void)
{
    return connect_as(false);
}

static struct sg_msg_run request(const char *id, const char *client)
{
    struct sg_msg_run m = {.language = "py"};
    sg_str_copy(m.id, sizeof(m.id), id);
    sg_str_copy(m.client, sizeof(m.client), client);
    m.limits = cfg.limits_default;
    return m;
}

static void send_run(int sock, const struct sg_msg_run *m)
{
    sg_autofd int payload = sg_memfd_sealed("p", "payload", 7);
    sg_autofd int input = sg_memfd_sealed("i", "", 0);
    assert_int_equal(sg_msg_send(sock, SG_MSG_RUN, m, (int[]){payload, input}), 0);
}

static void run(int sock, const char *id, const char *client)
{
    struct sg_msg_run m = request(id, client);
    send_run(sock, &m);
    turn(1);
}

/* The next message, which must be there and of this type. */
static struct sg_msg expect(int sock, enum sg_msg_type type)
{
    struct sg_msg m;
    struct sg_error err = SG_ERROR_INIT;
    int rc = sg_msg_recv(sock, SG_SIDE_EXECUTOR, &m, MSG_DONTWAIT, &err);
    if (rc != 1)
        fail_msg("no message %s: %d %s", sg_msg_type_name(type), rc, err.text);
    if (m.type != type)
        fail_msg("%s instead of %s", sg_msg_type_name(m.type), sg_msg_type_name(type));
    return m;
}

static void expect_nothing(int sock)
{
    struct sg_msg m;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_msg_recv(sock, SG_SIDE_EXECUTOR, &m, MSG_DONTWAIT, &err), -EAGAIN);
}

static void expect_end(int sock)
{
    struct sg_msg m;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_msg_recv(sock, SG_SIDE_EXECUTOR, &m, MSG_DONTWAIT, &err), 0);
}

static struct sg_msg_refused expect_refused(int sock, enum sg_refusal refusal, const char *phrase)
{
    struct sg_msg m = expect(sock, SG_MSG_REFUSED);
    struct sg_msg_refused r;
    memcpy(&r, m.body, sizeof(r));
    assert_int_equal(r.refusal, refusal);
    if (!strstr(r.text, phrase))
        fail_msg("expected '%s' in '%s'", phrase, r.text);
    return r;
}

static void expect_result(int sock, enum sg_reason reason)
{
    struct sg_msg m = expect(sock, SG_MSG_RESULT);
    const struct sg_outcome *o = (const void *)m.body;
    assert_int_equal(o->reason, reason);
    assert_string_equal(o->language, "python");
    assert_string_equal(o->version, "3.11.2");
    assert_int_equal(m.nfds, 2);
    assert_true(sg_memfd_check(m.fds[0], 1 << 20) >= 0);
    assert_true(sg_memfd_check(m.fds[1], 1 << 20) >= 0);
    sg_msg_done(&m);
}

static void expect_started(int sock)
{
    struct sg_msg m = expect(sock, SG_MSG_STARTED);
    const struct sg_msg_started *s = (const void *)m.body;
    assert_string_equal(s->language, "python");
    assert_string_equal(s->version, "3.11.2");
}

static struct sg_msg_status_reply status_of(int sock)
{
    struct sg_msg_status_reply s;
    assert_int_equal(sg_msg_send(sock, SG_MSG_STATUS, NULL, NULL), 0);
    turn(1);
    struct sg_msg m = expect(sock, SG_MSG_STATUS_REPLY);
    memcpy(&s, m.body, sizeof(s));
    return s;
}

static void test_run_and_run_again(void **state)
{
    (void)state;
    int a = connect_one();
    for (int i = 0; i < 3; i++) {
        run(a, "one", "");
        assert_int_equal(engine.n, i + 1);
        assert_string_equal(engine.run[i]->runtime->version, "3.11.2"); /* the newest */
        expect_started(a);
        expect_nothing(a);
        finish(i);
        expect_result(a, SG_REASON_EXITED);
    }
    run(a, "now", "");
    expect_started(a);
    expect_result(a, SG_REASON_EXITED);
    assert_int_equal(status_of(a).runs_total, 4);
    assert_int_equal(status_of(a).running, 0);
    close(a);
    turn(1);
    assert_int_equal(engine.cancels, 0);
}

static void test_start_fails(void **state)
{
    (void)state;
    int a = connect_one();
    run(a, "fail", "");
    struct sg_msg_refused r = expect_refused(a, SG_REFUSAL_LAYER, "no cgroup here");
    assert_string_equal(r.step, "cgroup");
    assert_string_equal(r.fix, "delegate one");
    assert_int_equal(status_of(a).running, 0);
    run(a, "now", "");
    expect_started(a);
    expect_result(a, SG_REASON_EXITED);
    close(a);
}

static void test_fails_later(void **state)
{
    (void)state;
    int a = connect_one();
    struct sg_error err = SG_ERROR_INIT;
    run(a, "x", "");
    expect_started(a);
    sg_error_set(&err, SG_E_INVALID, "two files of one name");
    sg_run_failed(engine.run[0], SG_REFUSAL_PROGRAM, &err);
    expect_refused(a, SG_REFUSAL_PROGRAM, "two files");
    release(0);
    run(a, "y", ""); /* an engine that forgets to answer */
    expect_started(a);
    release(1);
    expect_refused(a, SG_REFUSAL_INTERNAL, "no answer");
    turn(1);
    assert_int_equal(status_of(a).running, 0);
    close(a);
}

static void test_slot_is_held_until_released(void **state)
{
    (void)state;
    int s[3];
    for (int i = 0; i < 3; i++) {
        s[i] = connect_one();
        run(s[i], "x", "");
    }
    assert_int_equal(engine.n, 2);
    answer(0, SG_REASON_EXITED);
    turn(1);
    assert_int_equal(engine.n, 2);
    release(0);
    assert_int_equal(engine.n, 2); /* never from within the engine's call */
    turn(1);
    assert_int_equal(engine.n, 3);
    finish(1);
    finish(2);
    assert_int_equal(engine.most, 2);
    for (int i = 0; i < 3; i++)
        close(s[i]);
}

static void test_queue_full(void **state)
{
    (void)state;
    int s[6];
    for (int i = 0; i < 6; i++) {
        s[i] = connect_one();
        run(s[i], "x", "");
    }
    struct sg_msg_refused r = expect_refused(s[5], SG_REFUSAL_BUSY, "queue");
    assert_in_range(r.retry_after_s, 1, 60);
    struct sg_msg_status_reply st = status_of(s[5]);
    assert_int_equal(st.slots, 2);
    assert_int_equal(st.running, 2);
    assert_int_equal(st.queue_max, 3);
    assert_int_equal(st.queued, 3);
    for (int i = 0; i < 5; i++) {
        finish(i);
        turn(1);
    }
    for (int i = 0; i < 5; i++) {
        expect_started(s[i]);
        expect_result(s[i], SG_REASON_EXITED);
        close(s[i]);
    }
    close(s[5]);
}

static void test_no_queue(void **state)
{
    (void)state;
    cfg.native.queue = 0;
    int s[3];
    for (int i = 0; i < 3; i++) {
        s[i] = connect_one();
        run(s[i], "x", "");
    }
    expect_refused(s[2], SG_REFUSAL_BUSY, "taken");
    for (int i = 0; i < 2; i++)
        finish(i);
    for (int i = 0; i < 3; i++)
        close(s[i]);
}

/* ann has four waiting when bob comes; then each gets one of the two slots. */
static void test_fair_order(void **state)
{
    (void)state;
    cfg.native.queue = 16;
    int s[8];
    static const char *const ids[8] = {"a0", "a1", "a2", "a3", "a4", "a5", "b0", "b1"};
    for (int i = 0; i < 8; i++) {
        s[i] = connect_one();
        run(s[i], ids[i], ids[i][0] == 'a' ? "ann" : "bob");
    }
    assert_string_equal(engine.id[0], "a0");
    assert_string_equal(engine.id[1], "a1");
    static const char *const want[] = {"b0", "a2", "b1", "a3", "a4", "a5"};
    for (int i = 0; i < 6; i++) {
        finish(i);
        turn(1);
        assert_string_equal(engine.id[i + 2], want[i]);
    }
    finish(6);
    finish(7);
    for (int i = 0; i < 8; i++)
        close(s[i]);
}

static void test_full_queue_is_shared(void **state)
{
    (void)state;
    int s[7];
    static const char *const ids[7] = {"a0", "a1", "a2", "a3", "a4", "b0", "b1"};
    for (int i = 0; i < 6; i++) {
        s[i] = connect_one();
        run(s[i], ids[i], ids[i][0] == 'a' ? "ann" : "bob");
    }
    expect_refused(s[4], SG_REFUSAL_BUSY, "this client has most"); /* a4, the newest of ann's */
    expect_nothing(s[5]);
    s[6] = connect_one();
    run(s[6], ids[6], "bob"); /* ann has two waiting, bob would have two: no one is put out */
    expect_refused(s[6], SG_REFUSAL_BUSY, "queue");
    assert_int_equal(status_of(s[6]).queued, 3);
    for (int i = 0; i < 5; i++) {
        finish(i);
        turn(1);
    }
    for (int i = 0; i < 7; i++)
        close(s[i]);
}

static void test_queue_timeout(void **state)
{
    (void)state;
    cfg.native.queue_wait_ms = 20;
    int s[3];
    for (int i = 0; i < 3; i++) {
        s[i] = connect_one();
        run(s[i], "x", "");
    }
    expect_nothing(s[2]);
    turn(40);
    expect_refused(s[2], SG_REFUSAL_BUSY, "in time");
    finish(0);
    run(s[2], "now", "");
    expect_started(s[2]);
    expect_result(s[2], SG_REASON_EXITED);
    finish(1);
    for (int i = 0; i < 3; i++)
        close(s[i]);
}

static void test_cancel_running(void **state)
{
    (void)state;
    int a = connect_one();
    run(a, "x", "");
    expect_started(a);
    for (int i = 0; i < 2; i++)
        sg_msg_send(a, SG_MSG_CANCEL, NULL, NULL);
    turn(1);
    assert_int_equal(engine.cancels, 1); /* once is enough */
    expect_nothing(a);
    answer(0, SG_REASON_CANCELLED);
    expect_result(a, SG_REASON_CANCELLED);
    sg_msg_send(a, SG_MSG_CANCEL, NULL, NULL); /* crossed the result: no matter */
    turn(1);
    expect_nothing(a);
    release(0);
    engine.end_in_cancel = true;
    run(a, "y", "");
    expect_started(a);
    sg_msg_send(a, SG_MSG_CANCEL, NULL, NULL);
    turn(1);
    expect_result(a, SG_REASON_CANCELLED);
    assert_int_equal(status_of(a).running, 0);
    close(a);
}

static void test_cancel_queued(void **state)
{
    (void)state;
    int s[3];
    for (int i = 0; i < 3; i++) {
        s[i] = connect_one();
        run(s[i], "x", "");
    }
    sg_msg_send(s[2], SG_MSG_CANCEL, NULL, NULL);
    turn(1);
    expect_result(s[2], SG_REASON_CANCELLED);
    assert_int_equal(status_of(s[2]).queued, 0);
    assert_int_equal(engine.cancels, 0);
    finish(0);
    finish(1);
    for (int i = 0; i < 3; i++)
        close(s[i]);
}

static void test_close_cancels(void **state)
{
    (void)state;
    int s[4];
    for (int i = 0; i < 4; i++) {
        s[i] = connect_one();
        run(s[i], "x", "");
    }
    close(s[2]); /* queued */
    close(s[0]); /* running */
    turn(1);
    assert_int_equal(engine.cancels, 1);
    assert_int_equal(engine.cancelled[0], 1);
    assert_int_equal(status_of(s[1 + 2]).queued, 1);
    answer(0, SG_REASON_CANCELLED); /* nobody is there to hear it */
    release(0);
    turn(1);
    assert_int_equal(engine.n, 3); /* s[3] has moved up */
    engine.end_in_cancel = true;
    close(s[1]);
    close(s[3]);
    turn(1);
    assert_int_equal(engine.cancels, 3);
    assert_int_equal(engine.busy, 0);
}

/* A peer that does not read its answers loses its connection, nobody waits for it. */
static void test_peer_does_not_read(void **state)
{
    (void)state;
    int flood = connect_one(), other = connect_one();
    run(flood, "x", "");
    fcntl(flood, F_SETFL, O_NONBLOCK);
    int rc = 0, sent = 0;
    while (rc != -EPIPE && sent < 20000) {
        rc = sg_msg_send(flood, SG_MSG_STATUS, NULL, NULL);
        sent += rc == 0;
        if (rc == -EAGAIN)
            turn(1);
    }
    assert_int_equal(rc, -EPIPE);
    turn(1);
    assert_int_equal(engine.cancels, 1);
    answer(0, SG_REASON_CANCELLED);
    release(0);
    assert_int_equal(status_of(other).running, 0);
    close(flood);
    close(other);
}

/* An empty packet reads as the end. */
static void test_empty_packet(void **state)
{
    (void)state;
    int a = connect_one();
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
    struct sg_msg_run m = request("x", "");
    assert_int_equal(sg_msg_send(sock, SG_MSG_RUN, &m, (int[]){payload, input}), 0);
}
static void break_fd_count(int sock)
{
    struct sg_msg_header h = {SG_MSG_MAGIC, SG_MSG_VERSION, SG_MSG_STATUS, 0, 0};
    sg_socket_send(sock, &h, sizeof(h), (int[]){0, 0, 0}, 3);
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
    struct sg_msg_run m = request("second", "");
    send_run(sock, &m);
    send_run(sock, &m);
}
static void break_unterminated(int sock)
{
    struct sg_msg_run m = request("x", "");
    memset(m.id, 'x', sizeof(m.id));
    send_run(sock, &m);
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
        {"unsealed payload", break_unsealed},
        {"unsealed stdin", break_unsealed_stdin},
        {"empty payload", break_empty_payload},
        {"a file", break_file},
        {"large stdin", break_large_stdin},
        {"unterminated", break_unterminated},
        {"second run", break_second_run},
    };
    int good = connect_one();
    run(good, "good", "");
    expect_started(good);
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        int bad = connect_one();
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
    finish(0);
    expect_result(good, SG_REASON_EXITED);
    close(good);
}

static void test_limits_are_checked_again(void **state)
{
    (void)state;
    int a = connect_one();
    for (size_t i = 0; i < sg_limit_count; i++) {
        const struct sg_limit_info *info = &sg_limit_table[i];
        uint64_t bad[] = {sg_limit_get(&cfg.limits_max, info) + 1, info->min - 1, UINT64_MAX};
        for (size_t k = 0; k < SG_ARRAY_LEN(bad); k++) {
            struct sg_msg_run m = request("x", "");
            *sg_limit_at(&m.limits, info) = bad[k];
            send_run(a, &m);
            turn(1);
            expect_refused(a, SG_REFUSAL_LIMIT, info->name);
        }
    }
    assert_int_equal(engine.n, 0);
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
    int a = connect_one();
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        struct sg_msg_run m = request("hold", "");
        int before = engine.n;
        sg_str_copy(m.language, sizeof(m.language), rows[i].language);
        sg_str_copy(m.version, sizeof(m.version), rows[i].version);
        send_run(a, &m);
        turn(1);
        if (!rows[i].want) {
            expect_refused(a, SG_REFUSAL_RUNTIME, "no ");
            assert_int_equal(engine.n, before);
            continue;
        }
        assert_string_equal(engine.run[before]->runtime->version, rows[i].want);
        finish(before);
        struct sg_msg started = expect(a, SG_MSG_STARTED), result = expect(a, SG_MSG_RESULT);
        sg_msg_done(&started);
        sg_msg_done(&result);
        turn(1);
    }
    close(a);
}

static void test_version_not_known_yet(void **state)
{
    (void)state;
    int a = connect_one();
    runtimes.v[0].version[0] = runtimes.v[1].version[0] = 0;
    struct sg_msg_run m = request("x", "");
    sg_str_copy(m.version, sizeof(m.version), "3.11");
    send_run(a, &m);
    turn(1);
    expect_refused(a, SG_REFUSAL_BUSY, "not known yet");
    struct sg_server_runtime info = {.ready = false, .reason = "no such file"};
    sg_server_set_runtime(server, 0, &info);
    send_run(a, &m);
    turn(1);
    expect_refused(a, SG_REFUSAL_RUNTIME, "unknown");
    close(a);
}

static int questions;
static void on_question(void *arg)
{
    assert_ptr_equal(arg, &questions);
    questions++;
}

static void test_question(void **state)
{
    (void)state;
    int a = connect_one();
    questions = 0;
    sg_server_on_question(server, on_question, &questions);
    run(a, "now", "");
    expect_started(a);
    expect_result(a, SG_REASON_EXITED);
    assert_int_equal(questions, 0); /* a run alone needs no trial runs */
    status_of(a);
    status_of(a);
    assert_int_equal(questions, 1);
    runtimes.v[0].version[0] = runtimes.v[1].version[0] = 0;
    sg_server_on_question(server, on_question, &questions);
    struct sg_msg_run m = request("x", "");
    sg_str_copy(m.version, sizeof(m.version), "3.11");
    send_run(a, &m);
    turn(1);
    expect_refused(a, SG_REFUSAL_BUSY, "not known yet");
    assert_int_equal(questions, 2);
    close(a);
}

static void test_status_and_runtimes(void **state)
{
    (void)state;
    int a = connect_one();
    struct sg_msg_status_reply st = status_of(a);
    assert_int_equal(st.ready, 0);
    assert_non_null(strstr(st.reason, "python: its trial run has not ended"));
    assert_int_equal(st.pending, 1);
    struct sg_server_runtime info = {.ready = true, .packages = "numpy 1.24\n"};
    sg_server_set_runtime(server, 0, &info);
    info = (struct sg_server_runtime){.ready = false, .reason = "no interpreter"};
    sg_server_set_runtime(server, 1, &info);
    sg_server_set_runtime(server, 7, &info);
    st = status_of(a);
    assert_int_equal(st.ready, 0);
    assert_non_null(strstr(st.reason, "no interpreter"));
    assert_int_equal(st.pending, 0);
    info.ready = true;
    sg_server_set_runtime(server, 1, &info);
    st = status_of(a);
    assert_int_equal(st.ready, 1);
    assert_string_equal(st.reason, "");
    assert_int_equal(st.runtimes, 2);

    static const uint32_t indices[] = {0, 1, 2, UINT32_MAX};
    for (size_t i = 0; i < SG_ARRAY_LEN(indices); i++) {
        sg_msg_send(a, SG_MSG_RUNTIMES, &(struct sg_msg_index){indices[i]}, NULL);
        turn(1);
        struct sg_msg m = expect(a, SG_MSG_RUNTIME_REPLY);
        const struct sg_msg_runtime_reply *r = (const void *)m.body;
        assert_int_equal(r->index, indices[i]);
        assert_int_equal(r->count, 2);
        assert_string_equal(r->language, indices[i] < 2 ? "python" : "");
        assert_string_equal(r->packages, indices[i] == 0 ? "numpy 1.24\n" : "");
    }
    close(a);
}

static void test_drain(void **state)
{
    (void)state;
    int s[4];
    for (int i = 0; i < 4; i++) {
        s[i] = connect_one();
        if (i < 3)
            run(s[i], "x", "");
    }
    sg_server_drain(server);
    turn(1);
    struct sg_msg_refused r = expect_refused(s[2], SG_REFUSAL_STOPPING, "stopping");
    assert_in_range(r.retry_after_s, 1, 60);
    run(s[3], "late", "");
    expect_refused(s[3], SG_REFUSAL_STOPPING, "stopping");
    assert_int_equal(status_of(s[3]).ready, 0);
    assert_int_equal(engine.cancels, 0); /* what runs may end */
    finish(0);
    turn(1);
    assert_false(stopped);
    answer(1, SG_REASON_EXITED);
    turn(1);
    assert_false(stopped); /* the teardown is waited for */
    release(1);
    turn(1);
    assert_true(stopped);
    for (int i = 0; i < 4; i++)
        close(s[i]);
}

static void test_only_connection(void **state)
{
    (void)state;
    int a = connect_as(true);
    run(a, "x", "");
    close(a);
    turn(1);
    assert_int_equal(engine.cancels, 1);
    assert_false(stopped);
    answer(0, SG_REASON_CANCELLED);
    release(0);
    turn(1);
    assert_true(stopped);
}

static struct {
    int calls;
    bool refused;
    enum sg_reason reason;
    char out[8];
    char text[64];
} trial;

static void on_trial(void *arg, const struct sg_outcome *o, int out, int err_fd,
                     const struct sg_error *err)
{
    assert_ptr_equal(arg, &trial);
    trial.calls++;
    trial.refused = !o;
    if (o) {
        trial.reason = o->reason;
        assert_true(pread(out, trial.out, sizeof(trial.out) - 1, 0) >= 0);
        assert_true(err_fd >= 0);
    } else {
        sg_str_copy(trial.text, sizeof(trial.text), err->text);
    }
}

static void test_trial(void **state)
{
    (void)state;
    struct sg_error err = SG_ERROR_INIT;
    memset(&trial, 0, sizeof(trial));
    cfg.native.queue = 0; /* trial runs wait all the same */
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            sg_server_trial(server, &runtimes.v[0], "print(1)", on_trial, &trial, &err), 0);
    assert_int_equal(engine.n, 0); /* from the loop, not from here */
    turn(1);
    assert_int_equal(engine.n, 2);
    assert_ptr_equal(engine.run[0]->runtime, &runtimes.v[0]);
    const char *data;
    size_t n;
    struct sg_payload p;
    struct sg_payload_file f;
    assert_int_equal(sg_memfd_map(engine.run[0]->payload_fd, SG_PAYLOAD_BYTES_MAX, &data, &n), 0);
    assert_int_equal(sg_payload_open(&p, data, n, &err), 0);
    assert_int_equal(sg_payload_file(&p, &f), 1);
    assert_string_equal(f.path, "main.py");
    assert_memory_equal(f.content.data, "print(1)", 8);
    munmap((void *)data, n);
    finish(0);
    assert_int_equal(trial.calls, 1);
    assert_string_equal(trial.out, "out");
    sg_error_set(&err, SG_E_LAYER, "no such interpreter");
    sg_run_failed(engine.run[1], SG_REFUSAL_LAYER, &err);
    release(1);
    assert_true(trial.refused);
    assert_string_equal(trial.text, "no such interpreter");
    turn(1);
    assert_int_equal(engine.n, 3);
    engine.end_in_cancel = true;
    sg_server_drain(server); /* trial runs are nobody's loss */
    assert_int_equal(trial.calls, 3);
    assert_int_equal(trial.reason, SG_REASON_CANCELLED);
    turn(1);
    assert_true(stopped);
}

/* The engine takes the descriptors; the run must not close them again. */
static void test_engine_takes_descriptors(void **state)
{
    (void)state;
    int a = connect_one();
    run(a, "x", "");
    sg_autofd int mine = SG_TAKE_FD(engine.run[0]->payload_fd);
    finish(0);
    assert_true(fcntl(mine, F_GETFD) >= 0);
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
    assert_int_equal(sg_server_connection(server, sv[0], false), -EMFILE);
    expect_refused(sv[1], SG_REFUSAL_BUSY, "connections");
    expect_end(sv[1]);
    close(sv[1]);
    run(s[1023], "now", "");
    expect_started(s[1023]);
    expect_result(s[1023], SG_REASON_EXITED);
    while (n > 0)
        close(s[--n]);
    turn(20);
    int again = connect_one();
    close(again);
}

static void test_retry_after_grows(void **state)
{
    (void)state;
    cfg.native.queue = 64;
    int s[68];
    for (int i = 0; i < 66; i++) {
        s[i] = connect_one();
        run(s[i], "x", "");
    }
    int extra = connect_one();
    run(extra, "x", "");
    struct sg_msg_refused r = expect_refused(extra, SG_REFUSAL_BUSY, "queue");
    assert_in_range(r.retry_after_s, 30, 60); /* 66 ahead, a second each, two slots */
    for (int i = 0; i < 66; i++) {
        finish(i);
        turn(0);
    }
    for (int i = 0; i < 66; i++)
        close(s[i]);
    close(extra);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_run_and_run_again),
        CASE(test_start_fails),
        CASE(test_fails_later),
        CASE(test_slot_is_held_until_released),
        CASE(test_queue_full),
        CASE(test_no_queue),
        CASE(test_fair_order),
        CASE(test_full_queue_is_shared),
        CASE(test_queue_timeout),
        CASE(test_cancel_running),
        CASE(test_cancel_queued),
        CASE(test_close_cancels),
        CASE(test_peer_does_not_read),
        CASE(test_empty_packet),
        CASE(test_protocol_errors),
        CASE(test_limits_are_checked_again),
        CASE(test_runtime_choice),
        CASE(test_version_not_known_yet),
        CASE(test_question),
        CASE(test_status_and_runtimes),
        CASE(test_drain),
        CASE(test_only_connection),
        CASE(test_trial),
        CASE(test_engine_takes_descriptors),
        CASE(test_too_many_connections),
        CASE(test_retry_after_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
