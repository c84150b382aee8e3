/* What a box says, when pid 1 is somebody else's: it changes nothing but its own end. And how a run
 * is answered that was lost after it had begun. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/time.h"
#include "core/sandbox/native_box.h"
#include "core/sandbox/steps.h"
#include "tests/unit/core/exec/fake.h"

/* ---- a box with a run that has begun, as native.c makes it; the test is its pid 1 ---- */

static struct sg_cgroups no_cgroups;
static struct sg_native_setup given;
static struct sg_native native;
static struct sg_native_box *box;
static int worker, pid_1;

static void make_box(void)
{
    int ends[2];
    struct sg_cell *cell = calloc(1, sizeof *cell);
    box = calloc(1, sizeof *box);
    assert_true(cell && box);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    *cell = (struct sg_cell){.native = &native,
                             .box = box,
                             .ids = -1,
                             .control = -1,
                             .watch = SG_WATCH_INIT,
                             .cgroup = SG_CGROUP_INIT,
                             .ns = {-1, -1, -1},
                             .net_dev = -1,
                             .sockstat = -1,
                             .spoiled = true};
    *box = (struct sg_native_box){.native = &native,
                                  .state = SG_BOX_STATE_STARTED,
                                  .cell = cell,
                                  .cgroup = SG_CGROUP_INIT,
                                  .limits = cfg.limits_default,
                                  .program_pidfd = -1,
                                  .init_known = true,
                                  .init_pidfd = -1,
                                  .ready = true,
                                  .control = ends[0],
                                  .out = -1,
                                  .err = -1,
                                  .workdir = -1,
                                  .clone = -1,
                                  .exit = -1,
                                  .denied = -1,
                                  .control_watch = SG_WATCH_INIT,
                                  .out_watch = SG_WATCH_INIT,
                                  .err_watch = SG_WATCH_INIT,
                                  .clone_watch = SG_WATCH_INIT,
                                  .exit_watch = SG_WATCH_INIT};
    native.boxes = box;
    native.cells = cell;
    pid_1 = ends[1];
    box->run = engine.run[0];
    box->run->engine_data = box;
    box->begun_us = sg_now_us();
    sg_run_capture(box->run, &box->out_kept, &box->err_kept);
    assert_int_equal(sg_native_box_watch(box), 0);
}

static int setup(void **state)
{
    int r = server_set_up(state);
    no_cgroups = (struct sg_cgroups)SG_CGROUPS_INIT;
    given = (struct sg_native_setup){.cgroups = &no_cgroups};
    native = (struct sg_native){.loop = loop,
                                .cfg = &cfg,
                                .runtimes = &runtimes,
                                .setup = &given,
                                .child_signal = -1,
                                .child_watch = SG_WATCH_INIT};
    worker = peer_connect();
    peer_run(worker, "id", "client");
    expect_started(worker);
    make_box();
    return r;
}

/* Pid 1 has been reaped: the run is answered, box and cell are freed. */
static void end_box(void)
{
    box->init_ended = true;
    sg_native_box_settle(box);
    sg_loop_timer_stop(loop, &native.refill);
    box = NULL;
    engine.run[0] = NULL;
}

static int teardown(void **state)
{
    if (box) {
        if (!box->run)
            sg_run_released(engine.run[0]);
        end_box();
    }
    close(pid_1);
    close(worker);
    return native.boxes || native.cells ? -1 : server_tear_down(state);
}

static void say(const struct sg_box_event *e)
{
    assert_int_equal(send(pid_1, e, sizeof *e, MSG_NOSIGNAL | MSG_DONTWAIT), sizeof *e);
    turn(1);
}

static void say_started(void)
{
    say(&(struct sg_box_event){.kind = SG_BOX_STARTED, .at_us = sg_now_us()});
}

static void assert_misfit(void)
{
    assert_true(box->killed);
    assert_int_equal(box->failure.code, SG_E_PROTOCOL);
}

/* ---- STARTED ---- */

static void test_started_counts_once(void **state)
{
    (void)state;
    say_started();
    expect_started(worker);
    int64_t due = box->deadline.due_us;
    assert_true(due > sg_now_us());
    assert_false(box->killed);
    say_started();
    expect_nothing(worker);
    assert_int_equal(box->deadline.due_us, due);
    assert_misfit();
}

/* Killed just before that was read: no time of a run begins, but it may have done something. */
static void test_started_of_a_killed_box(void **state)
{
    (void)state;
    int64_t due = box->deadline.due_us;
    sg_native_box_kill(box, SG_REASON_CANCELLED);
    say_started();
    assert_int_equal(box->deadline.due_us, due);
    assert_int_equal(box->cpu_timer.due_us, 0);
    expect_started(worker);
    end_box();
    expect_result(worker, SG_REASON_CANCELLED);
}

/* As sg_native_start_again() leaves a box: its run is another's. It used to end the executor. */
static void test_started_without_a_run(void **state)
{
    (void)state;
    box->run = NULL;
    say_started();
    assert_misfit();
    expect_nothing(worker);
}

static void test_started_is_not_before_its_time(void **state)
{
    const int64_t times[] = {0, -1, INT64_MIN, INT64_MAX, box->begun_us - 1};
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(times); i++) {
        const struct sg_box_event e = {.kind = SG_BOX_STARTED, .at_us = times[i]};
        int64_t before = sg_now_us(), at = sg_native_event_time(&e, box->begun_us);
        assert_true(at >= before && at <= sg_now_us());
    }
    const struct sg_box_event true_one = {.kind = SG_BOX_STARTED, .at_us = box->begun_us};
    assert_int_equal(sg_native_event_time(&true_one, box->begun_us), box->begun_us);
}

/* ---- all others ---- */

static struct sg_shelf ahead = {.imports = NULL}, template = {.imports = ""};

static void test_what_fits(void **state)
{
    static const struct {
        const char *name;
        struct sg_box_event e;
        enum sg_box_state state;
        struct sg_shelf *shelf;
        bool started, fits;
    } rows[] = {
#define E(...) {__VA_ARGS__}
        {"another pid", E(.kind = SG_BOX_PID, .pid = 1), SG_BOX_STATE_STARTED, NULL, true, false},
        {"ready twice", E(.kind = SG_BOX_READY), SG_BOX_STATE_STARTED, NULL, true, false},
        {"started", E(.kind = SG_BOX_STARTED), SG_BOX_STATE_STARTED, NULL, false, true},
        {"started ahead", E(.kind = SG_BOX_STARTED), SG_BOX_STATE_JOINING, &ahead, false, true},
        {"started twice", E(.kind = SG_BOX_STARTED), SG_BOX_STATE_STARTED, NULL, true, false},
        {"started, a clone", E(.kind = SG_BOX_STARTED), SG_BOX_STATE_JOINING, &template, false,
         false},
        {"started, nothing ordered", E(.kind = SG_BOX_STARTED), SG_BOX_STATE_PREPARED, NULL, false,
         false},
        {"waits", E(.kind = SG_BOX_WAITING), SG_BOX_STATE_JOINING, &ahead, true, true},
        {"waits, not started", E(.kind = SG_BOX_WAITING), SG_BOX_STATE_JOINING, &ahead, false,
         false},
        {"waits, a clone", E(.kind = SG_BOX_WAITING), SG_BOX_STATE_JOINING, &template, true, false},
        {"waits, a run", E(.kind = SG_BOX_WAITING), SG_BOX_STATE_STARTED, &ahead, true, false},
        {"ended", E(.kind = SG_BOX_EXITED), SG_BOX_STATE_STARTED, NULL, true, true},
        {"ended by SIGKILL", E(.kind = SG_BOX_EXITED, .status = SIGKILL), SG_BOX_STATE_STARTED,
         NULL, true, true},
        {"ended, not started", E(.kind = SG_BOX_EXITED), SG_BOX_STATE_STARTED, NULL, false, false},
        {"a clone ended", E(.kind = SG_BOX_EXITED), SG_BOX_STATE_JOINING, &template, false, true},
        {"stopped", E(.kind = SG_BOX_EXITED, .status = 0x137f), SG_BOX_STATE_STARTED, NULL, true,
         false},
        {"signal 99", E(.kind = SG_BOX_EXITED, .status = 99), SG_BOX_STATE_STARTED, NULL, true,
         false},
        {"failed", E(.kind = SG_BOX_FAILED, .step = SG_STEP_EXEC, .errnum = ENOENT),
         SG_BOX_STATE_STARTED, NULL, true, true},
        {"an unknown step", E(.kind = SG_BOX_FAILED, .step = SG_STEP_COUNT), SG_BOX_STATE_STARTED,
         NULL, false, false},
        {"a negative errno", E(.kind = SG_BOX_FAILED, .step = SG_STEP_EXEC, .errnum = -1),
         SG_BOX_STATE_STARTED, NULL, false, false},
        {"a template's", E(.kind = SG_BOX_WATCH), SG_BOX_STATE_STARTED, NULL, true, false},
        {"none", E(.kind = 0), SG_BOX_STATE_STARTED, NULL, true, false},
        {"an unknown one", E(.kind = 77), SG_BOX_STATE_STARTED, NULL, true, false},
#undef E
    };
    struct sg_native_box b = *box;
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        b.state = rows[i].state;
        b.shelf = rows[i].shelf;
        b.started.kind = rows[i].started ? SG_BOX_STARTED : 0;
        if (sg_native_event_fits(&b, &rows[i].e) != rows[i].fits)
            fail_msg("%s", rows[i].name);
    }
}

/* With a second pid a box would have another box's pid 1 killed for its own. */
static void test_another_pid_is_not_taken(void **state)
{
    pid_t child = fork();
    (void)state;
    if (child == 0)
        for (;;)
            pause();
    say(&(struct sg_box_event){.kind = SG_BOX_PID, .pid = child});
    assert_int_equal(box->init, 0);
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0); /* it lives */
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_misfit();
}

static void test_ready_twice_brings_no_other_directory(void **state)
{
    const struct sg_box_event e = {.kind = SG_BOX_READY};
    int fd = STDERR_FILENO;
    (void)state;
    assert_int_equal(sg_socket_send(pid_1, &e, sizeof e, &fd, 1), 0);
    turn(1);
    assert_int_equal(box->workdir, -1);
    assert_misfit();
}

/* What comes after the end does not change it. */
static void test_the_first_end_counts(void **state)
{
    (void)state;
    say_started();
    expect_started(worker);
    say(&(struct sg_box_event){.kind = SG_BOX_EXITED, .at_us = INT64_MAX});
    assert_true(box->exited.at_us <= sg_now_us());
    say(&(struct sg_box_event){.kind = SG_BOX_EXITED, .status = SIGSEGV});
    say(&(struct sg_box_event){.kind = 77});
    end_box();
    expect_result(worker, SG_REASON_EXITED);
}

static void test_a_flood_holds_nobody_up(void **state)
{
    const struct sg_box_event e = {.kind = SG_BOX_FAILED, .step = SG_STEP_EXEC};
    struct sg_box_event left;
    int sent = 0, found = 0;
    (void)state;
    while (sent < 100 && send(pid_1, &e, sizeof e, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof e)
        sent++;
    assert_true(sent > 20);
    box->control_watch.on_event(box, EPOLLIN);
    while (recv(box->control, &left, sizeof left, MSG_DONTWAIT) == sizeof left)
        found++;
    assert_int_equal(found, sent - 16);
}

/* ---- what the worker is told ---- */

static void test_events_that_do_not_fit_lose_that_run(void **state)
{
    (void)state;
    say_started();
    expect_started(worker);
    say(&(struct sg_box_event){.kind = 77});
    assert_misfit();
    end_box();
    expect_refused(worker, SG_REFUSAL_LOST, "event 77");
}

static void test_a_killed_pid_1_loses_the_run(void **state)
{
    (void)state;
    say_started();
    expect_started(worker);
    end_box();
    expect_refused(worker, SG_REFUSAL_LOST, "its init process was killed");
}

/* As epoll does it when a run goes: sg_native_box_watch_streams_soon(). */
static void test_a_failure_of_ours_loses_the_run(void **state)
{
    struct sg_error err = SG_ERROR_INIT;
    (void)state;
    say_started();
    expect_started(worker);
    sg_error_errno(&err, ENOSPC, "watching the program's output");
    sg_native_box_fail(box, &err);
    end_box();
    expect_refused(worker, SG_REFUSAL_LOST, "watching the program's output");
}

/* The execve is the last step, and comes after STARTED. */
static void test_a_failed_step_has_run_nothing(void **state)
{
    (void)state;
    say_started();
    expect_started(worker);
    say(&(struct sg_box_event){
        .kind = SG_BOX_FAILED, .step = SG_STEP_EXEC, .errnum = ENOENT, .text = "python"});
    struct sg_error later = SG_ERROR_INIT;
    sg_error_errno(&later, ENOSPC, "watching the program's output");
    sg_native_box_fail(box, &later);
    end_box();
    struct sg_msg_refused m = expect_refused(worker, SG_REFUSAL_LAYER, "python");
    assert_string_equal(m.step, "exec");
}

/* The first failure is told as what it was: the client's stays the client's. */
static void test_the_first_failure_keeps_its_kind(void **state)
{
    struct sg_error later = SG_ERROR_INIT;
    (void)state;
    say(&(struct sg_box_event){
        .kind = SG_BOX_FAILED, .step = SG_STEP_FILES, .errnum = ENOSPC, .text = "a file"});
    sg_error_errno(&later, ENOSPC, "watching the program's output");
    sg_native_box_fail(box, &later);
    end_box();
    expect_refused(worker, SG_REFUSAL_PROGRAM, "a file");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_started_counts_once),
        CASE(test_started_of_a_killed_box),
        CASE(test_started_without_a_run),
        CASE(test_started_is_not_before_its_time),
        CASE(test_what_fits),
        CASE(test_another_pid_is_not_taken),
        CASE(test_ready_twice_brings_no_other_directory),
        CASE(test_the_first_end_counts),
        CASE(test_a_flood_holds_nobody_up),
        CASE(test_events_that_do_not_fit_lose_that_run),
        CASE(test_a_killed_pid_1_loses_the_run),
        CASE(test_a_failure_of_ours_loses_the_run),
        CASE(test_a_failed_step_has_run_nothing),
        CASE(test_the_first_failure_keeps_its_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
