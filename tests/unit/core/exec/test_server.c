/* The life of a run, and of the server. */
#include "tests/unit/core/exec/fake.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/ipc/payload.h"

static void test_run_and_run_again(void **state)
{
    (void)state;
    int a = peer_connect();
    for (int i = 0; i < 3; i++) {
        peer_run(a, "one", "");
        assert_int_equal(engine.n, i + 1);
        assert_string_equal(engine.run[i]->runtime->version, "3.11.2"); /* the newest */
        expect_started(a);
        expect_nothing(a);
        engine_finish(i);
        expect_result(a, SG_REASON_EXITED);
    }
    peer_run(a, "now", "");
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
    static const struct {
        struct sg_error failure;
        enum sg_refusal refusal;
    } rows[] = {
        {{SG_E_LAYER, "cgroup", "no cgroup here", "delegate one"}, SG_REFUSAL_LAYER},
        {{SG_E_LAYER, "", "no Landlock", ""}, SG_REFUSAL_LAYER},
        {{SG_E_INVALID, "", "the payload is broken", ""}, SG_REFUSAL_PROGRAM},
        {{SG_E_INVALID, "plan", "the profile is too long", "shorten it"}, SG_REFUSAL_LAYER},
        {{SG_E_BUSY, "", "no box is free", ""}, SG_REFUSAL_BUSY},
        {{SG_E_BUSY, "ids", "no id is free", ""}, SG_REFUSAL_LAYER},
        {{-ENOMEM, "", "out of memory", ""}, SG_REFUSAL_INTERNAL},
        {{-ENOMEM, "memfd", "out of memory", ""}, SG_REFUSAL_LAYER},
    };
    int a = peer_connect();
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        const struct sg_error *f = &rows[i].failure;
        engine.failure = *f;
        print_message("# %s at \"%s\"\n", f->text, f->step);
        peer_run(a, "fail", "");
        struct sg_msg_refused r = expect_refused(a, rows[i].refusal, f->text);
        assert_string_equal(r.step, f->step);
        assert_string_equal(r.fix, f->fix);
        assert_int_equal(status_of(a).running, 0);
    }
    peer_run(a, "now", "");
    expect_started(a);
    expect_result(a, SG_REASON_EXITED);
    close(a);
}

/* Only of a run that has not begun may it be said that nothing was run. */
static void test_lost(void **state)
{
    (void)state;
    int a = peer_connect();
    for (int i = 0; i < 2; i++) {
        struct sg_error err = SG_ERROR_INIT;
        peer_run(a, "x", "");
        expect_started(a);
        sg_error_set(&err, SG_E_LAYER, "the container ended");
        if (i == 1) /* of the set-up, that an interpreter which waits is told to make */
            sg_str_copy(err.step, sizeof err.step, "files");
        sg_run_failed(engine.run[i], SG_REFUSAL_LAYER, &err);
        expect_refused(a, i == 0 ? SG_REFUSAL_LOST : SG_REFUSAL_LAYER, "the container ended");
        engine_release(i);
    }
    close(a);
}

static void test_fails_later(void **state)
{
    (void)state;
    int a = peer_connect();
    struct sg_error err = SG_ERROR_INIT;
    peer_run(a, "x", "");
    expect_started(a);
    sg_error_set(&err, SG_E_INVALID, "two files of one name");
    sg_run_failed(engine.run[0], SG_REFUSAL_PROGRAM, &err);
    expect_refused(a, SG_REFUSAL_PROGRAM, "two files");
    engine_release(0);
    peer_run(a, "y", ""); /* an engine that forgets to answer */
    expect_started(a);
    engine_release(1);
    expect_refused(a, SG_REFUSAL_INTERNAL, "no answer");
    turn(1);
    assert_int_equal(status_of(a).running, 0);
    close(a);
}

static void test_cancel_running(void **state)
{
    (void)state;
    int a = peer_connect();
    peer_run(a, "x", "");
    expect_started(a);
    for (int i = 0; i < 2; i++)
        sg_msg_send(a, SG_MSG_CANCEL, NULL, NULL);
    turn(1);
    assert_int_equal(engine.cancels, 1); /* once is enough */
    expect_nothing(a);
    engine_answer(0, SG_REASON_CANCELLED);
    expect_result(a, SG_REASON_CANCELLED);
    sg_msg_send(a, SG_MSG_CANCEL, NULL, NULL); /* crossed the result: no matter */
    turn(1);
    expect_nothing(a);
    engine_release(0);
    engine.end_in_cancel = true;
    peer_run(a, "y", "");
    expect_started(a);
    sg_msg_send(a, SG_MSG_CANCEL, NULL, NULL);
    turn(1);
    expect_result(a, SG_REASON_CANCELLED);
    assert_int_equal(status_of(a).running, 0);
    close(a);
}

/* An engine that has been told so while it set up fails by that word alone: nothing ran, and that
   is what was wanted. Another failure stays one. */
static void test_cancel_in_set_up(void **state)
{
    (void)state;
    int a = peer_connect();
    for (int i = 0; i < 2; i++) {
        struct sg_error err = SG_ERROR_INIT;
        peer_run(a, "x", "");
        expect_started(a);
        sg_msg_send(a, SG_MSG_CANCEL, NULL, NULL);
        turn(1);
        sg_error_set(&err, i == 0 ? SG_E_CANCELLED : SG_E_BUSY, "in the middle of it");
        sg_run_failed(engine.run[i], SG_REFUSAL_INTERNAL, &err);
        if (i == 0)
            expect_result(a, SG_REASON_CANCELLED);
        else
            expect_refused(a, SG_REFUSAL_INTERNAL, "in the middle");
        engine_release(i);
        turn(1);
    }
    close(a);
}

static void test_close_cancels(void **state)
{
    (void)state;
    int s[4];
    for (int i = 0; i < 4; i++) {
        s[i] = peer_connect();
        peer_run(s[i], "x", "");
    }
    close(s[2]); /* queued */
    close(s[0]); /* running */
    turn(1);
    assert_int_equal(engine.cancels, 1);
    assert_int_equal(engine.cancelled[0], 1);
    assert_int_equal(status_of(s[1 + 2]).queued, 1);
    engine_answer(0, SG_REASON_CANCELLED); /* nobody is there to hear it */
    engine_release(0);
    turn(1);
    assert_int_equal(engine.n, 3); /* s[3] has moved up */
    engine.end_in_cancel = true;
    close(s[1]);
    close(s[3]);
    turn(1);
    assert_int_equal(engine.cancels, 3);
    assert_int_equal(engine.busy, 0);
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
    int a = peer_connect();
    questions = 0;
    sg_server_on_question(server, on_question, &questions);
    peer_run(a, "now", "");
    expect_started(a);
    expect_result(a, SG_REASON_EXITED);
    assert_int_equal(questions, 0); /* a run alone needs no trial runs */
    status_of(a);
    status_of(a);
    assert_int_equal(questions, 1);
    runtimes.v[0].version[0] = runtimes.v[1].version[0] = 0;
    sg_server_on_question(server, on_question, &questions);
    struct sg_msg_run m = peer_request("x", "");
    sg_str_copy(m.version, sizeof(m.version), "3.11");
    peer_send_run(a, &m);
    turn(1);
    expect_refused(a, SG_REFUSAL_BUSY, "not known yet");
    assert_int_equal(questions, 2);
    close(a);
}

static void test_status_and_runtimes(void **state)
{
    (void)state;
    int a = peer_connect();
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

static struct sg_gauges gauges_of(int sock)
{
    struct sg_gauges g;
    assert_int_equal(sg_msg_send(sock, SG_MSG_METRICS, NULL, NULL), 0);
    turn(1);
    struct sg_msg m = expect(sock, SG_MSG_METRICS_REPLY);
    memcpy(&g, m.body, sizeof(g));
    return g;
}

/* What the engine knows of its templates is asked for, of each runtime. */
static void report_templates(void *arg, size_t index)
{
    struct sg_template_info infos[2] = {{.state = SG_TEMPLATE_READY, .clones = 5},
                                        {.state = SG_TEMPLATE_FAILED, .clones = 2}};
    (void)arg;
    sg_server_set_templates(server, index, infos, index == 0 ? 2 : 1);
}

static void test_gauges(void **state)
{
    (void)state;
    int a = peer_connect(), b = peer_connect(), c = peer_connect(), d = peer_connect();
    struct sg_gauges g = gauges_of(a);
    assert_int_equal(g.slots, 2);
    assert_int_equal(g.queue_max, 3);
    assert_int_equal(g.running + g.queued + g.runs_total + g.ready, 0);
    assert_int_equal(g.connections, 4);
    assert_int_equal(g.boxes[SG_BOX_PREPARED], 1);
    assert_int_equal(g.templates[SG_TEMPLATE_READY], 0);
    assert_true(g.process.open_fds > 5 && g.process.open_fds != UINT64_MAX);

    sg_server_on_templates(server, report_templates, NULL);
    for (size_t i = 0; i < 2; i++)
        sg_server_set_runtime(server, i, &(struct sg_server_runtime){.ready = true});
    peer_run(b, "one", "x");
    peer_run(c, "two", "x");
    peer_run(d, "three", "x");
    g = gauges_of(a);
    assert_int_equal(g.running, 2);
    assert_int_equal(g.queued, 1);
    assert_int_equal(g.runs_total, 2);
    assert_int_equal(g.ready, 1);
    assert_int_equal(g.boxes[SG_BOX_RUNNING], 2);
    assert_int_equal(g.boxes[SG_BOX_PREPARED], 1); /* counted anew each time */
    assert_int_equal(g.templates[SG_TEMPLATE_READY], 2);
    assert_int_equal(g.templates[SG_TEMPLATE_FAILED], 1);
    assert_int_equal(g.templates[SG_TEMPLATE_STARTING], 0);
    assert_int_equal(g.clones_total, 12);
    engine_finish(0);
    engine_finish(1);
    turn(1);
    engine_finish(2);
    g = gauges_of(a);
    assert_int_equal(g.running + g.queued, 0);
    assert_int_equal(g.runs_total, 3);
    close(a);
    close(b);
    close(c);
    close(d);
}

static void test_drain(void **state)
{
    (void)state;
    int s[4];
    for (int i = 0; i < 4; i++) {
        s[i] = peer_connect();
        if (i < 3)
            peer_run(s[i], "x", "");
    }
    sg_server_drain(server);
    turn(1);
    struct sg_msg_refused r = expect_refused(s[2], SG_REFUSAL_STOPPING, "stopping");
    assert_in_range(r.retry_after_s, 1, 60);
    peer_run(s[3], "late", "");
    expect_refused(s[3], SG_REFUSAL_STOPPING, "stopping");
    assert_int_equal(status_of(s[3]).ready, 0);
    assert_int_equal(engine.cancels, 0); /* what runs may end */
    engine_finish(0);
    turn(1);
    assert_false(stopped);
    engine_answer(1, SG_REASON_EXITED);
    turn(1);
    assert_false(stopped); /* the teardown is waited for */
    engine_release(1);
    turn(1);
    assert_true(stopped);
    for (int i = 0; i < 4; i++)
        close(s[i]);
}

static void test_only_connection(void **state)
{
    (void)state;
    int a = peer_connect_only();
    peer_run(a, "x", "");
    close(a);
    turn(1);
    assert_int_equal(engine.cancels, 1);
    assert_false(stopped);
    engine_answer(0, SG_REASON_CANCELLED);
    engine_release(0);
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

static void on_trial(void *arg, const struct sg_outcome *o, int out, int err_fd, int product,
                     const struct sg_error *err)
{
    assert_int_equal(product, -1);
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
            sg_server_trial(server, &runtimes.v[0], "print(1)", -1, on_trial, &trial, &err), 0);
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
    engine_finish(0);
    assert_int_equal(trial.calls, 1);
    assert_string_equal(trial.out, "out");
    sg_error_set(&err, SG_E_LAYER, "no such interpreter");
    sg_run_failed(engine.run[1], SG_REFUSAL_LAYER, &err);
    engine_release(1);
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
    int a = peer_connect();
    peer_run(a, "x", "");
    sg_autofd int mine = SG_TAKE_FD(engine.run[0]->payload_fd);
    engine_finish(0);
    assert_true(fcntl(mine, F_GETFD) >= 0);
    close(a);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, server_set_up, server_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_run_and_run_again),
        CASE(test_start_fails),
        CASE(test_lost),
        CASE(test_fails_later),
        CASE(test_cancel_running),
        CASE(test_cancel_in_set_up),
        CASE(test_close_cancels),
        CASE(test_question),
        CASE(test_status_and_runtimes),
        CASE(test_gauges),
        CASE(test_drain),
        CASE(test_only_connection),
        CASE(test_trial),
        CASE(test_engine_takes_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
