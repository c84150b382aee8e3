/* The loop over test cases: what comes of those that follow when one fails, is late, is refused, or
   the executor or the client leaves. A child plays the executor on the other end of a socket pair.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "fcgi/run_cases.h"

static struct sg_config cfg = {.native = {.socket = "/nonexistent/native.sock"}};

/* ---- the executor ---- */

static void send_result(int sock, const char *out, int exit_code, enum sg_reason reason, bool begun)
{
    struct sg_outcome o = {.reason = reason,
                           .exit_code = exit_code,
                           .signal = exit_code < 0 ? SIGKILL : 0,
                           .isolation = {.layers = begun},
                           .out = {strlen(out), strlen(out), strlen(out)}};
    sg_autofd int out_fd = sg_memfd_sealed("out", out, strlen(out));
    sg_autofd int err_fd = sg_memfd_sealed("err", "", 0);
    if (sg_msg_send(sock, SG_MSG_RESULT, &o, (int[]){out_fd, err_fd, -1}) < 0)
        _exit(1);
}

static void send_refused(int sock, enum sg_refusal refusal)
{
    struct sg_msg_refused m = {.refusal = refusal, .text = "no", .retry_after_s = 3};
    if (sg_msg_send(sock, SG_MSG_REFUSED, &m, NULL) < 0)
        _exit(1);
}

static void wait_message(int sock, enum sg_msg_type type, struct sg_msg *m)
{
    struct sg_error err = SG_ERROR_INIT;
    if (sg_msg_recv(sock, SG_SIDE_WORKER, m, 0, &err) != 1 || m->type != type)
        _exit(0);
    sg_msg_done(m);
}

/* What is done about a RUN, by letter; those in the second half wait until they are cancelled. */
static void act(int sock, char action, const struct sg_msg_run *run)
{
    struct sg_msg m;
    if (strchr("hqsd", action))
        wait_message(sock, SG_MSG_CANCEL, &m);
    switch (action) {
    case 'p':
        send_result(sock, "ok\n", 0, SG_REASON_EXITED, true);
        break;
    case 'w':
        send_result(sock, "wrong\n", 0, SG_REASON_EXITED, true);
        break;
    case 'f':
        send_result(sock, "ok\n", 1, SG_REASON_EXITED, true);
        break;
    case 'e':
        send_result(sock, run->plain ? "plain\n" : "not\n", 0, SG_REASON_EXITED, true);
        break;
    case 'b':
        send_refused(sock, SG_REFUSAL_BUSY);
        break;
    case 'h': /* it ran */
        send_result(sock, "", -1, SG_REASON_CANCELLED, true);
        break;
    case 'q': /* it waited for a slot */
        send_result(sock, "", -1, SG_REASON_CANCELLED, false);
        break;
    case 's': /* its box was being made */
        send_refused(sock, SG_REFUSAL_INTERNAL);
        break;
    case 'd': /* its end crossed the message */
        send_result(sock, "ok\n", 0, SG_REASON_EXITED, true);
        break;
    default: /* gone */
        _exit(0);
    }
}

/* sv[1] is its end, and closed here. */
static pid_t start_executor(const int sv[2], const char *script)
{
    int sock = sv[1];
    pid_t pid = fork();
    assert_true(pid >= 0);
    close(sv[pid > 0]);
    if (pid > 0)
        return pid;
    for (; *script; script++) {
        struct sg_msg m;
        struct sg_msg_run run;
        wait_message(sock, SG_MSG_RUN, &m);
        memcpy(&run, m.body, sizeof run);
        act(sock, *script, &run);
    }
    _exit(0);
}

/* ---- the client ---- */

struct client {
    struct sg_transport base;
    int fd;       /* always readable */
    size_t stays; /* until so many cases have been told of */
    char told[SG_CASES_MAX + 1];
};

static void client_watch(struct sg_transport *t, struct pollfd *ret)
{
    *ret = (struct pollfd){.fd = ((struct client *)t)->fd, .events = POLLIN};
}

static bool client_gone(struct sg_transport *t, const struct pollfd *seen)
{
    const struct client *c = (const struct client *)t;
    (void)seen;
    return strlen(c->told) >= c->stays;
}

static const struct sg_transport_ops ops = {
    .name = "test", .watch = client_watch, .gone = client_gone};

/* P passed, F failed, L late; skipped: S because of a failure, T because of the time. */
static void tell(void *arg, size_t index, const struct sg_case_result *r)
{
    struct client *c = arg;
    assert_int_equal(index, strlen(c->told));
    c->told[index] = r->end == SG_CASE_SKIPPED_FAILURE ? 'S'
                     : r->end == SG_CASE_SKIPPED_TIME  ? 'T'
                     : r->passed                       ? 'P'
                     : r->late                         ? 'L'
                                                       : 'F';
    assert_true((r->end == SG_CASE_RAN) == (r->outcome != NULL));
}

/* ---- the tests ---- */

#define STAYS   SIZE_MAX
#define LATE_MS 800 /* the case before is answered by then, however busy the machine */

static const struct row {
    const char *name, *script;
    size_t n, stays;
    bool stop;
    uint64_t wall_time_ms;
    int rc;
    enum sg_run_end end;
    const char *told;
    size_t at;
} rows[] = {
    {"all pass", "ppp", 3, STAYS, false, 60000, 0, SG_RUN_RESULT, "PPP", 2},
    {"some fail", "pwfp", 4, STAYS, false, 60000, 0, SG_RUN_RESULT, "PFFP", 3},
    {"stop at a wrong output", "pw", 4, STAYS, true, 60000, 0, SG_RUN_RESULT, "PFSS", 1},
    {"stop at an exit code", "f", 3, STAYS, true, 60000, 0, SG_RUN_RESULT, "FSS", 0},
    {"stop, and none fails", "pp", 2, STAYS, true, 60000, 0, SG_RUN_RESULT, "PP", 1},
    {"late while it runs", "ph", 4, STAYS, false, LATE_MS, 0, SG_RUN_RESULT, "PLTT", 1},
    {"late, and stop", "h", 3, STAYS, true, 100, 0, SG_RUN_RESULT, "LSS", 0},
    {"late in the queue", "pq", 3, STAYS, false, LATE_MS, 0, SG_RUN_RESULT, "PTT", 1},
    {"late, and stop, in the queue", "pq", 3, STAYS, true, LATE_MS, 0, SG_RUN_RESULT, "PTT", 1},
    {"late while its box is made", "ps", 3, STAYS, false, LATE_MS, 0, SG_RUN_RESULT, "PTT", 1},
    {"just in time", "d", 2, STAYS, false, 100, 0, SG_RUN_RESULT, "PT", 0},
    {"refused at once", "b", 3, STAYS, false, 60000, 0, SG_RUN_REFUSED, "", 0},
    {"refused in the middle", "ppb", 5, STAYS, false, 60000, 0, SG_RUN_REFUSED, "PP", 2},
    {"executor goes during a run", "px", 3, STAYS, false, 60000, SG_E_CANCELLED, SG_RUN_RESULT, "P",
     1},
    {"executor goes between two", "p", 3, STAYS, false, 60000, SG_E_CANCELLED, SG_RUN_RESULT, "P",
     1},
    {"client goes", "pph", 5, 2, false, 60000, 0, SG_RUN_GONE, "PP", 2},
};

/* Runs the job's cases with an executor that follows the script. */
static int run_cases(struct client *c, const struct sg_job *job, const struct sg_runtimes *rts,
                     const char *script, struct sg_run_result *ret, size_t *ret_at)
{
    struct sg_case_loop loop = {job, rts, &c->base, tell, c, NULL};
    struct sg_error err = SG_ERROR_INIT;
    struct sg_link l;
    int sv[2];
    c->base.ops = &ops;
    c->fd = eventfd(1, EFD_CLOEXEC);
    sg_link_init(&l, &cfg);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv), 0);
    l.client.sock = sv[0];
    pid_t pid = start_executor(sv, script);
    int rc = sg_cases_run(&l, &loop, ret, ret_at, &err);
    close(c->fd);
    sg_link_done(&l);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return rc;
}

static struct sg_job job_of(struct sg_cases *cases, const char *expected)
{
    struct sg_job job = {.id = "x",
                         .language = "python",
                         .limits = {.wall_time_ms = 30000, .output_bytes = 1 << 20},
                         .files = {{.path = (char *)"main.py"}},
                         .nfiles = 1,
                         .cases = cases};
    for (size_t i = 0; i < cases->n; i++)
        cases->v[i] =
            (struct sg_case){.compared = true, .expected = {(char *)expected, strlen(expected)}};
    return job;
}

static void run_row(const struct row *r)
{
    static const struct sg_runtimes none = {0};
    struct sg_cases cases = {
        .n = r->n, .stop_on_failure = r->stop, .wall_time_ms = r->wall_time_ms};
    struct sg_job job = job_of(&cases, "ok\n");
    struct client c = {.stays = r->stays};
    sg_auto(sg_run_result) struct sg_run_result result = SG_RUN_RESULT_INIT;
    size_t at;
    int rc = run_cases(&c, &job, &none, r->script, &result, &at);
    /* Lost while it ran, or found lost when the next was sent: which of them is chance. */
    if (rc == SG_E_UNAVAILABLE && at > 0)
        rc = SG_E_CANCELLED;
    if (rc != r->rc || strcmp(c.told, r->told) != 0)
        print_message("%s: %d, %s\n", r->name, rc, c.told);
    assert_int_equal(rc, r->rc);
    assert_string_equal(c.told, r->told);
    assert_int_equal(at, r->at);
    if (rc == 0)
        assert_int_equal(result.end, r->end);
    if (result.end == SG_RUN_REFUSED)
        assert_int_equal(result.refused.retry_after_s, 3);
}

static void test_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++)
        run_row(&rows[i]);
}

/* A program that waits may take each case that has no arguments, whatever the others have. */
static void test_hints(void **state)
{
    (void)state;
    static const struct sg_runtimes rts = {
        .n = 1, .v[0] = {.language = (char *)"python", .entry = (char *)"main.py"}};
    char *arg[] = {(char *)"x"};
    struct sg_cases cases = {.n = 3, .wall_time_ms = 60000};
    struct sg_job job = job_of(&cases, "plain\n");
    struct client c = {.stays = STAYS};
    sg_auto(sg_run_result) struct sg_run_result result = SG_RUN_RESULT_INIT;
    size_t at;
    job.args[job.nargs++] = arg[0];
    cases.v[1].own_args = true; /* none */
    cases.v[2].own_args = true;
    cases.v[2].args = arg;
    cases.v[2].nargs = 1;
    assert_int_equal(run_cases(&c, &job, &rts, "eee", &result, &at), 0);
    assert_string_equal(c.told, "FPF");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_hints),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
