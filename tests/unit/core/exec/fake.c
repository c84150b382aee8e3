/* fake.c: see fake.h */
#include "tests/unit/core/exec/fake.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/log.h"
#include "tests/unit/core/descriptors.h"

struct fake_engine engine;
struct sg_loop *loop;
struct sg_server *server;
struct sg_config cfg;
struct sg_runtimes runtimes;
bool stopped;
static int fds_before;

static struct sg_outcome ended(enum sg_reason reason)
{
    struct sg_outcome o = {.reason = reason, .exit_code = reason == SG_REASON_EXITED ? 0 : -1};
    return o;
}

void engine_answer(int i, enum sg_reason reason)
{
    struct sg_outcome o = ended(reason);
    sg_autofd int out = sg_memfd_sealed("out", "out", 3);
    sg_autofd int err = sg_memfd_sealed("err", "", 0);
    sg_run_finished(engine.run[i], &o, out, err);
}

void engine_release(int i)
{
    struct sg_run *run = engine.run[i];
    engine.run[i] = NULL;
    engine.busy--;
    sg_run_released(run);
}

void engine_finish(int i)
{
    engine_answer(i, SG_REASON_EXITED);
    engine_release(i);
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
        *err = engine.failure;
        return err->code;
    }
    engine.busy++;
    if (engine.busy > engine.most)
        engine.most = engine.busy;
    sg_run_started(run);
    if (sg_str_starts(run->request.id, "now"))
        engine_finish(i);
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
                engine_answer(i, SG_REASON_CANCELLED);
                engine_release(i);
            }
            return;
        }
    fail_msg("a run that is not the engine's was cancelled");
}

static void fake_count_boxes(void *arg, uint64_t ret[SG_BOX_USE_COUNT])
{
    (void)arg;
    ret[SG_BOX_RUNNING] += (uint64_t)engine.busy;
    ret[SG_BOX_PREPARED]++;
}

static const struct sg_engine_ops fake_ops = {"fake", fake_start, fake_cancel, fake_count_boxes};

int server_set_up(void **state)
{
    (void)state;
    sg_log_open("test", "stderr", SG_LOG_ERR);
    fds_before = count_descriptors();
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

int server_tear_down(void **state)
{
    (void)state;
    sg_server_free(server);
    sg_loop_free(loop);
    return count_descriptors() == fds_before ? 0 : -1;
}

static void on_turn_over(void *arg)
{
    *(bool *)arg = true;
    sg_loop_stop(loop);
}

void turn(int ms)
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

int peer_connect_only(void)
{
    return connect_as(true);
}

int peer_connect(void)
{
    return connect_as(false);
}

struct sg_msg_run peer_request(const char *id, const char *client)
{
    struct sg_msg_run m = {.language = "py", .tell_started = 1};
    sg_str_copy(m.id, sizeof(m.id), id);
    sg_str_copy(m.client, sizeof(m.client), client);
    m.limits = cfg.limits_default;
    return m;
}

void peer_send_run(int sock, const struct sg_msg_run *m)
{
    sg_autofd int payload = sg_memfd_sealed("p", "payload", 7);
    sg_autofd int input = sg_memfd_sealed("i", "", 0);
    assert_int_equal(sg_msg_send(sock, SG_MSG_RUN, m, (int[]){payload, input, -1}), 0);
}

void peer_run(int sock, const char *id, const char *client)
{
    struct sg_msg_run m = peer_request(id, client);
    peer_send_run(sock, &m);
    turn(1);
}

struct sg_msg expect(int sock, enum sg_msg_type type)
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

void expect_nothing(int sock)
{
    struct sg_msg m;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_msg_recv(sock, SG_SIDE_EXECUTOR, &m, MSG_DONTWAIT, &err), -EAGAIN);
}

void expect_end(int sock)
{
    struct sg_msg m;
    struct sg_error err = SG_ERROR_INIT;
    assert_int_equal(sg_msg_recv(sock, SG_SIDE_EXECUTOR, &m, MSG_DONTWAIT, &err), 0);
}

struct sg_msg_refused expect_refused(int sock, enum sg_refusal refusal, const char *phrase)
{
    struct sg_msg m = expect(sock, SG_MSG_REFUSED);
    struct sg_msg_refused r;
    memcpy(&r, m.body, sizeof(r));
    assert_int_equal(r.refusal, refusal);
    if (!strstr(r.text, phrase))
        fail_msg("expected '%s' in '%s'", phrase, r.text);
    return r;
}

void expect_result(int sock, enum sg_reason reason)
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

void expect_started(int sock)
{
    struct sg_msg m = expect(sock, SG_MSG_STARTED);
    const struct sg_msg_started *s = (const void *)m.body;
    assert_string_equal(s->language, "python");
    assert_string_equal(s->version, "3.11.2");
}

struct sg_msg_status_reply status_of(int sock)
{
    struct sg_msg_status_reply s;
    assert_int_equal(sg_msg_send(sock, SG_MSG_STATUS, NULL, NULL), 0);
    turn(1);
    struct sg_msg m = expect(sock, SG_MSG_STATUS_REPLY);
    memcpy(&s, m.body, sizeof(s));
    return s;
}
