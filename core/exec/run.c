/*
 * run.c: the life of a run: start, answer, end.
 *
 * Engines call into this file from their own callbacks, so nothing here starts another run or
 * closes a connection under their feet: the next run starts from a timer of 0 ms, and a connection
 * that cannot be written to is shut down and then found closed by the loop.
 */
#include "core/exec/internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/base/time.h"

struct run *run_new(struct sg_server *s, const struct sg_msg_run *request)
{
    struct run *r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    r->server = s;
    r->pub.request = *request;
    r->pub.payload_fd = r->pub.stdin_fd = r->pub.product_fd = r->pub.files_fd = -1;
    r->pub.relay = (struct sg_relay)SG_RELAY_INIT;
    r->arrived_us = sg_now_us();
    return r;
}

bool run_may_be_traced(const struct run *r, struct sg_error *err)
{
    if (!r->pub.request.trace_denied_syscalls || r->server->cfg->native.trace_denied_syscalls)
        return true;
    sg_error_set(err, SG_E_INVALID, "refused system calls are not counted by the engine %s here",
                 r->server->ops->name);
    return false;
}

void run_forget(struct run *r)
{
    struct sg_server *s = r->server;
    sg_loop_timer_stop(s->loop, &r->patience);
    run_list_remove(r);
    client_leave(s, r);
    if (r->conn)
        r->conn->run = NULL;
    sg_fd_close(&r->pub.payload_fd);
    sg_fd_close(&r->pub.stdin_fd);
    sg_relay_close(&r->pub.relay);
    sg_fd_close(&r->pub.product_fd);
    sg_fd_close(&r->pub.files_fd);
    free(r);
}

void server_end_if_idle(struct sg_server *s)
{
    if (!s->draining || s->ended || s->queue.n > 0 || s->active.n > 0)
        return;
    s->ended = true; /* once: an engine may go on to clear up */
    sg_loop_stop(s->loop);
}

static double ms_since(int64_t then_us)
{
    return (double)(sg_now_us() - then_us) / 1000;
}

static void log_result(const struct run *r, const struct sg_outcome *o)
{
    char id[SG_ID_MAX + 1], client[SG_CLIENT_MAX + 1];
    const char *reason = sg_reason_name(o->reason);
    bool success = o->reason == SG_REASON_EXITED && o->exit_code == 0;
    sg_log(SG_LOG_INFO,
           "run id=%s client=%s language=%s outcome=%s reason=%s exit=%d signal=%d ms=%.1f "
           "queue_ms=%.1f stdout_bytes=%" PRIu64 " stderr_bytes=%" PRIu64,
           sg_log_word(r->pub.request.id, id, sizeof(id)),
           sg_log_word(r->pub.request.client, client, sizeof(client)), r->pub.runtime->language,
           success ? "success" : "failed", reason ? reason : "-", o->exit_code, o->signal,
           ms_since(r->arrived_us), (double)r->pub.queue_us / 1000, o->out.total_bytes,
           o->err.total_bytes);
}

static const char *const refusal_names[SG_REFUSAL_END] = {
    [SG_REFUSAL_BUSY] = "busy",         [SG_REFUSAL_LAYER] = "layer",
    [SG_REFUSAL_LIMIT] = "limit",       [SG_REFUSAL_RUNTIME] = "runtime",
    [SG_REFUSAL_PROTOCOL] = "protocol", [SG_REFUSAL_STOPPING] = "stopping",
    [SG_REFUSAL_PROGRAM] = "program",   [SG_REFUSAL_INTERNAL] = "internal",
    [SG_REFUSAL_LOST] = "lost",
};

static void log_refusal(const struct run *r, enum sg_refusal refusal, const struct sg_error *err)
{
    char id[SG_ID_MAX + 1], client[SG_CLIENT_MAX + 1], language[SG_LANGUAGE_MAX + 1];
    bool ours =
        refusal == SG_REFUSAL_LAYER || refusal == SG_REFUSAL_INTERNAL || refusal == SG_REFUSAL_LOST;
    sg_log(ours ? SG_LOG_WARNING : SG_LOG_INFO,
           "run id=%s client=%s language=%s outcome=refused reason=%s step=%s ms=%.1f: %s",
           sg_log_word(r->pub.request.id, id, sizeof(id)),
           sg_log_word(r->pub.request.client, client, sizeof(client)),
           sg_log_word(r->pub.request.language, language, sizeof(language)), refusal_names[refusal],
           err->step[0] ? err->step : "-", ms_since(r->arrived_us), err->text);
}

/* Hands the answer to whoever waits for it; from then on nobody does. */
static void answer_result(struct run *r, const struct sg_outcome *o, int out_fd, int err_fd)
{
    int product = o->product == SG_PRODUCT_TAKEN ? r->pub.product_fd : -1;
    int made = r->pub.request.stage == SG_JOB_COMPILE ? product : r->pub.files_fd;
    sg_relay_close(&r->pub.relay);
    if (r->conn) {
        struct conn *c = r->conn;
        r->conn = NULL;
        c->run = NULL;
        conn_send(c, SG_MSG_RESULT, o, (int[]){out_fd, err_fd, made});
    }
    log_result(r, o); /* nobody waits for that */
    if (r->done)
        r->done(r->done_arg, o, out_fd, err_fd, product, NULL);
}

static void answer_refusal(struct run *r, enum sg_refusal refusal, const struct sg_error *err)
{
    bool later = refusal == SG_REFUSAL_BUSY || refusal == SG_REFUSAL_STOPPING;
    log_refusal(r, refusal, err);
    sg_relay_close(&r->pub.relay);
    if (r->done)
        r->done(r->done_arg, NULL, -1, -1, -1, err);
    if (r->conn) {
        struct conn *c = r->conn;
        r->conn = NULL;
        c->run = NULL;
        conn_refuse(c, refusal, later ? queue_retry_after_s(r->server) : 0, err);
    }
}

void run_refuse(struct run *r, enum sg_refusal refusal, const struct sg_error *err)
{
    struct sg_server *s = r->server;
    answer_refusal(r, refusal, err);
    run_forget(r);
    server_end_if_idle(s);
}

static void name_runtime(const struct run *r, char language[32], char version[32])
{
    sg_str_copy(language, 32, r->pub.runtime->language);
    sg_str_copy(version, 32, r->pub.runtime->version);
}

/* The outcome of a run that was cancelled before its program began: nothing ran, nothing was
   measured. */
static void answer_cancelled(struct run *r, int64_t queue_us)
{
    struct sg_outcome o;
    memset(&o, 0, sizeof(o));
    o.reason = SG_REASON_CANCELLED;
    o.exit_code = -1;
    o.limit = o.peak = SG_UNKNOWN;
    o.usage.cpu_user_us = o.usage.cpu_system_us = o.usage.memory_peak_bytes = SG_UNKNOWN;
    o.usage.processes_peak = o.usage.network_rx_bytes = o.usage.network_tx_bytes = SG_UNKNOWN;
    o.timings.queue_us = sg_timing_us(queue_us);
    name_runtime(r, o.language, o.version);
    sg_autofd int empty = sg_memfd_sealed("sandgate-empty", NULL, 0);
    if (empty >= 0) {
        answer_result(r, &o, empty, empty);
        return;
    }
    struct sg_error err = SG_ERROR_INIT;
    sg_error_errno(&err, -empty, "cannot make an empty output");
    answer_refusal(r, SG_REFUSAL_INTERNAL, &err);
}

void run_cancel(struct run *r)
{
    struct sg_server *s = r->server;
    if (r->state == RUN_QUEUED) {
        answer_cancelled(r, sg_now_us() - r->arrived_us);
        run_forget(r);
        server_end_if_idle(s);
    } else if (r->state == RUN_STARTED && !r->cancelled) {
        r->cancelled = true;
        s->ops->cancel(s->engine, &r->pub);
    }
}

/* What a failed start means to the client. */
static enum sg_refusal refusal_of(const struct sg_error *err)
{
    static const struct {
        int code;
        enum sg_refusal refusal;
    } table[] = {
        {SG_E_LAYER, SG_REFUSAL_LAYER},
        {SG_E_BUSY, SG_REFUSAL_BUSY},
        {SG_E_INVALID, SG_REFUSAL_PROGRAM},
    };
    /* A step of the set-up, whatever its code: a runtime or a profile that breaks a rule is the
       operator's, not the client's. */
    if (err->step[0])
        return SG_REFUSAL_LAYER;
    for (size_t i = 0; i < SG_ARRAY_LEN(table); i++)
        if (table[i].code == err->code)
            return table[i].refusal;
    return SG_REFUSAL_INTERNAL;
}

static void start(struct sg_server *s, struct run *r)
{
    struct sg_error err = SG_ERROR_INIT;
    sg_loop_timer_stop(s->loop, &r->patience);
    run_list_remove(r);
    client_start(r);
    r->state = RUN_STARTED;
    r->slot_us = sg_now_us();
    r->pub.queue_us = sg_timing_us(r->slot_us - r->arrived_us);
    run_list_add(&s->active, r);
    s->runs_total++;
    int rc = s->ops->start(s->engine, &r->pub, &err);
    if (rc >= 0)
        return; /* the run may be over and freed by now */
    sg_error_set(&err, rc, "the engine could not start the run");
    run_refuse(r, refusal_of(&err), &err);
}

void run_dispatch(struct sg_server *s)
{
    struct run *r;
    while ((r = queue_next(s)) != NULL)
        start(s, r);
}

static void on_kick(void *arg)
{
    run_dispatch(arg);
}

void run_dispatch_soon(struct sg_server *s)
{
    sg_loop_timer(s->loop, &s->kick, 0, on_kick, s);
}

/* Engines hold a pointer to the first member. */
static struct run *run_of(struct sg_run *run)
{
    return (struct run *)run;
}

void sg_run_capture(struct sg_run *run, struct sg_capture *out, struct sg_capture *err)
{
    sg_capture_init(out, run->request.limits.output_bytes);
    sg_capture_init(err, run->request.limits.output_bytes);
    if (run->request.stream) {
        sg_capture_relay(out, &run->relay, SG_OUTPUT_STDOUT);
        sg_capture_relay(err, &run->relay, SG_OUTPUT_STDERR);
    }
}

void sg_run_started(struct sg_run *run)
{
    struct run *r = run_of(run);
    struct sg_msg_started m;
    r->begun = true;
    if (r->conn && r->pub.request.tell_started && r->state == RUN_STARTED) {
        memset(&m, 0, sizeof(m));
        m.queue_us = r->pub.queue_us;
        name_runtime(r, m.language, m.version);
        conn_send(r->conn, SG_MSG_STARTED, &m, NULL);
    }
    sg_relay_begin(&run->relay); /* after STARTED, so that the worker knows of the start first */
}

static bool may_answer(struct run *r)
{
    bool may = r->state == RUN_STARTED;
    if (!may)
        sg_log(SG_LOG_ERR, "the engine answered a run twice");
    r->state = RUN_ANSWERED;
    return may;
}

void sg_run_finished(struct sg_run *run, const struct sg_outcome *outcome, int out_fd, int err_fd)
{
    struct run *r = run_of(run);
    if (!may_answer(r))
        return;
    struct sg_outcome o = *outcome;
    o.timings.queue_us = r->pub.queue_us;
    name_runtime(r, o.language, o.version);
    answer_result(r, &o, out_fd, err_fd);
}

void sg_run_failed(struct sg_run *run, enum sg_refusal refusal, const struct sg_error *err)
{
    struct run *r = run_of(run);
    if (r->begun && refusal == SG_REFUSAL_LAYER && !err->step[0])
        refusal = SG_REFUSAL_LOST; /* "nothing was run" would have another node run it again */
    if (!may_answer(r))
        return;
    if (r->cancelled && err->code == SG_E_CANCELLED)
        answer_cancelled(r, r->pub.queue_us);
    else
        answer_refusal(r, refusal, err);
}

void sg_run_released(struct sg_run *run)
{
    struct run *r = run_of(run);
    struct sg_server *s = r->server;
    if (r->state == RUN_STARTED) {
        struct sg_error err = SG_ERROR_INIT;
        sg_error_set(&err, SG_E_INTERNAL, "the engine gave no answer");
        sg_run_failed(run, SG_REFUSAL_INTERNAL, &err);
    }
    s->mean_us += (sg_now_us() - r->slot_us - s->mean_us) / 8;
    run_forget(r);
    run_dispatch_soon(s);
    server_end_if_idle(s);
}
