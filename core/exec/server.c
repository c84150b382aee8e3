/* server.c: connections and their messages. */
#include "core/exec/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"

#define CONNECTIONS_MAX 1024
#define FIRST_MEAN_US   1000000 /* of a run, as long as none has been seen */

struct sg_server *sg_server_new(struct sg_loop *loop, const struct sg_config *cfg,
                                struct sg_runtimes *runtimes, const struct sg_engine_ops *ops,
                                void *engine)
{
    struct sg_server *s = calloc(1, sizeof(*s));
    if (!s)
        return NULL;
    *s = (struct sg_server){.loop = loop,
                            .cfg = cfg,
                            .runtimes = runtimes,
                            .ops = ops,
                            .engine = engine,
                            .slots = sg_config_slots(cfg),
                            .mean_us = FIRST_MEAN_US};
    s->info = calloc(runtimes->n + 1, sizeof(*s->info));
    s->info_known = calloc(runtimes->n + 1, sizeof(*s->info_known));
    s->templates = calloc(runtimes->n + 1, sizeof(*s->templates));
    if (!s->info || !s->info_known || !s->templates) {
        sg_server_free(s);
        return NULL;
    }
    return s;
}

static void conn_free(struct conn *c)
{
    struct sg_server *s = c->server;
    sg_loop_unwatch(s->loop, &c->watch);
    if (c->prev)
        c->prev->next = c->next;
    else
        s->conns = c->next;
    if (c->next)
        c->next->prev = c->prev;
    s->nconns--;
    if (c->run)
        c->run->conn = NULL;
    sg_fd_close(&c->sock);
    free(c);
}

void sg_server_free(struct sg_server *s)
{
    if (!s)
        return;
    sg_loop_timer_stop(s->loop, &s->kick);
    while (s->conns)
        conn_free(s->conns);
    while (s->queue.first)
        run_forget(s->queue.first);
    while (s->active.first)
        run_forget(s->active.first);
    free(s->info);
    free(s->info_known);
    free(s->templates);
    free(s);
}

/* A peer that does not read is not waited for: its connection ends, which the loop then notices. */
void conn_send(struct conn *c, enum sg_msg_type type, const void *body, const int *fds)
{
    int rc = sg_msg_send(c->sock, type, body, fds);
    if (rc < 0)
        (void)shutdown(c->sock, SHUT_RDWR);
}

void conn_refuse(struct conn *c, enum sg_refusal refusal, uint32_t retry_after_s,
                 const struct sg_error *err)
{
    struct sg_msg_refused m;
    memset(&m, 0, sizeof(m));
    m.refusal = refusal;
    m.retry_after_s = retry_after_s;
    sg_str_copy(m.step, sizeof(m.step), err->step);
    sg_str_copy(m.text, sizeof(m.text), err->text);
    sg_str_copy(m.fix, sizeof(m.fix), err->fix);
    conn_send(c, SG_MSG_REFUSED, &m, NULL);
}

static void conn_close(struct conn *c)
{
    struct sg_server *s = c->server;
    struct run *r = c->run;
    bool only = c->only;
    conn_free(c);
    if (r)
        run_cancel(r);
    if (only)
        sg_server_drain(s);
}

/* Closing a unix socket with unread messages in it makes the peer's next recvmsg(2) fail with
   ECONNRESET, before it has seen what we sent last. */
static void discard_input(int sock)
{
    for (int i = 0; i < 64; i++) {
        char byte;
        int fds[SG_FDS_MAX];
        size_t nfds = 0;
        ssize_t n = sg_socket_recv(sock, &byte, 1, fds, &nfds, MSG_DONTWAIT);
        for (size_t k = 0; n >= 0 && k < nfds; k++)
            sg_fd_close(&fds[k]);
        if (n <= 0 && n != -EMSGSIZE)
            return;
    }
}

static void conn_protocol_error(struct conn *c, const struct sg_error *err)
{
    sg_log(SG_LOG_WARNING, "a worker broke the protocol: %s", err->text);
    discard_input(c->sock);
    conn_refuse(c, SG_REFUSAL_PROTOCOL, 0, err);
    conn_close(c);
}

/* The newest version that satisfies the request. */
static struct sg_runtime *find_runtime(struct sg_server *s, const struct sg_msg_run *m)
{
    struct sg_runtime *best = NULL;
    for (size_t i = 0; i < s->runtimes->n; i++) {
        struct sg_runtime *rt = &s->runtimes->v[i];
        if (sg_runtime_answers_to(rt, m->language) && sg_version_matches(rt->version, m->version) &&
            (!best || strverscmp(rt->version, best->version) > 0))
            best = rt;
    }
    return best;
}

static void question_asked(struct sg_server *s)
{
    void (*fn)(void *) = s->on_question;
    s->on_question = NULL;
    if (fn)
        fn(s->question_arg);
}

/* Why find_runtime found none. A version is known only after the runtime's trial run. */
static enum sg_refusal explain_no_runtime(struct sg_server *s, const struct sg_msg_run *m,
                                          struct sg_error *err)
{
    const struct sg_runtime *rt = sg_runtimes_find(s->runtimes, m->language);
    if (!rt) {
        rt = sg_runtimes_left_out(s->runtimes, m->language);
        if (rt && s->runtimes->for_images)
            sg_error_set(err, SG_E_INVALID,
                         "the engine %s has no image for %s: its file of runtimes.d names none",
                         s->ops->name, rt->language);
        else if (rt)
            sg_error_set(err, SG_E_INVALID, "%s is not installed here: there is no %s",
                         rt->language, sg_runtime_program(rt));
        else
            sg_error_set(err, SG_E_INVALID, "there is no runtime %s", m->language);
        return SG_REFUSAL_RUNTIME;
    }
    if (!rt->version[0] && !s->info_known[rt - s->runtimes->v]) {
        question_asked(s);
        sg_error_set(err, SG_E_BUSY, "the version of %s is not known yet: its trial run goes on",
                     rt->language);
        return SG_REFUSAL_BUSY;
    }
    sg_error_set(err, SG_E_INVALID, "there is no version %s of %s; there is %s", m->version,
                 rt->language, rt->version[0] ? rt->version : "one whose version is unknown");
    return SG_REFUSAL_RUNTIME;
}

/* Descriptors and their seals: 0 or SG_E_PROTOCOL. */
static int take_memfds(struct run *r, struct sg_msg *m, struct sg_error *err)
{
    r->pub.payload_fd = SG_TAKE_FD(m->fds[0]);
    r->pub.stdin_fd = SG_TAKE_FD(m->fds[1]);
    ssize_t n = sg_memfd_check(r->pub.payload_fd, SG_PAYLOAD_BYTES_MAX);
    if (n <= 0)
        return sg_error_set(err, SG_E_PROTOCOL,
                            "the payload is not a sealed memfd of 1 to %u bytes",
                            SG_PAYLOAD_BYTES_MAX);
    n = sg_memfd_check(r->pub.stdin_fd, SG_STDIN_BYTES_MAX);
    if (n < 0)
        return sg_error_set(err, SG_E_PROTOCOL,
                            "the input is not a sealed memfd of at most %u bytes",
                            SG_STDIN_BYTES_MAX);
    r->pub.product_fd = m->nfds > 2 ? SG_TAKE_FD(m->fds[2]) : -1;
    if (r->pub.product_fd >= 0 && sg_memfd_check(r->pub.product_fd, SG_PRODUCT_BYTES_MAX) <= 0)
        return sg_error_set(err, SG_E_PROTOCOL,
                            "the product is not a sealed memfd of 1 to %u bytes",
                            SG_PRODUCT_BYTES_MAX);
    return 0;
}

/* Has it what its stage needs, of a runtime with or without a compile stage? */
static bool stage_fits(const struct sg_run *run)
{
    bool compiled = run->runtime->compile.n > 0;
    bool runs_product = compiled && run->request.stage == SG_JOB_RUN;
    return (compiled || run->request.stage == SG_JOB_RUN) && runs_product == (run->product_fd >= 0);
}

/* Checks again what the worker should have checked. 0 when the run may be queued. */
static enum sg_refusal check_run(struct sg_server *s, struct run *r, struct sg_error *err)
{
    const struct sg_limit_info *which = NULL;
    const struct sg_msg_run *m = &r->pub.request;
    if (s->draining) {
        sg_error_set(err, SG_E_UNAVAILABLE, "the executor is stopping");
        return SG_REFUSAL_STOPPING;
    }
    if (m->stage != SG_JOB_COMPILE &&
        sg_limits_check(&m->limits, &s->cfg->limits_max, &which) < 0) {
        sg_error_set(err, SG_E_INVALID,
                     "limit %s is %" PRIu64 ", allowed are %" PRIu64 " to %" PRIu64, which->name,
                     sg_limit_get(&m->limits, which), which->min,
                     sg_limit_get(&s->cfg->limits_max, which));
        return SG_REFUSAL_LIMIT;
    }
    if (!run_may_be_traced(r, err))
        return SG_REFUSAL_LIMIT;
    r->pub.runtime = find_runtime(s, m);
    if (!r->pub.runtime)
        return explain_no_runtime(s, m, err);
    if (!stage_fits(&r->pub)) {
        sg_error_set(err, SG_E_PROTOCOL, "a run of %s with another stage or product than it has",
                     r->pub.runtime->language);
        return SG_REFUSAL_PROTOCOL;
    }
    if (m->stage == SG_JOB_COMPILE)
        r->pub.request.limits = r->pub.runtime->compile_limits;
    if (client_join(s, r) < 0) {
        sg_error_set(err, -ENOMEM, "out of memory");
        return SG_REFUSAL_INTERNAL;
    }
    return 0;
}

static void refuse_busy(struct run *r, const char *why)
{
    struct sg_error err = SG_ERROR_INIT;
    sg_error_set(&err, SG_E_BUSY, "%s", why);
    run_refuse(r, SG_REFUSAL_BUSY, &err);
}

static void on_out_of_patience(void *arg)
{
    refuse_busy(arg, "no slot became free in time");
}

static void enqueue(struct sg_server *s, struct run *r)
{
    struct run *loser;
    if (!queue_admit(s, r, &loser)) {
        refuse_busy(r, "all slots and the queue are taken");
        return;
    }
    if (loser)
        refuse_busy(loser, "the queue is full and this client has most of it");
    sg_loop_timer(s->loop, &r->patience, (int64_t)s->cfg->native.queue_wait_ms, on_out_of_patience,
                  r);
    run_dispatch(s);
}

/* Gives the worker the socket by which the output comes. 0, or why the run is refused. */
static enum sg_refusal open_stream(struct conn *c, struct run *r, struct sg_error *err)
{
    sg_autofd int theirs = -1;
    int rc = sg_relay_open(&r->pub.relay, c->server->loop, &theirs);
    if (rc < 0) {
        sg_error_errno(err, -rc, "cannot make a socket for the output");
        return SG_REFUSAL_INTERNAL;
    }
    conn_send(c, SG_MSG_STREAM, NULL, &theirs);
    return 0;
}

/* 0, or SG_E_PROTOCOL: the connection is to be closed. */
static int on_run(struct conn *c, struct sg_msg *m, struct sg_error *err)
{
    struct sg_server *s = c->server;
    struct sg_msg_run request;
    if (c->run)
        return sg_error_set(err, SG_E_PROTOCOL, "a run while another one is under way");
    memcpy(&request, m->body, sizeof(request));
    struct run *r = run_new(s, &request);
    if (!r) {
        sg_error_set(err, -ENOMEM, "out of memory");
        conn_refuse(c, SG_REFUSAL_INTERNAL, 0, err);
        return 0;
    }
    if (take_memfds(r, m, err) < 0) {
        run_forget(r);
        return err->code;
    }
    c->run = r;
    r->conn = c;
    enum sg_refusal refusal = check_run(s, r, err);
    if (!refusal && request.stream)
        refusal = open_stream(c, r, err);
    if (refusal)
        run_refuse(r, refusal, err);
    else
        enqueue(s, r);
    return 0;
}

static int on_cancel(struct conn *c, struct sg_msg *m, struct sg_error *err)
{
    (void)m;
    (void)err;
    if (c->run) /* else its result crossed the message */
        run_cancel(c->run);
    return 0;
}

static const char *unready_reason(const struct sg_server *s, size_t i)
{
    if (!s->info_known[i])
        return "its trial run has not ended";
    return s->info[i].reason[0] ? s->info[i].reason : "its trial run failed";
}

static void fill_readiness(const struct sg_server *s, struct sg_msg_status_reply *m)
{
    sg_auto(sg_buf) struct sg_buf why = {0};
    if (s->draining)
        sg_buf_puts(&why, "the executor is stopping");
    else if (s->runtimes->n == 0)
        sg_buf_puts(&why, "no runtime is configured");
    for (size_t i = 0; i < s->runtimes->n && why.len == 0; i++)
        if (!s->info_known[i] || (!s->info[i].ready && !s->runtimes->v[i].optional))
            sg_buf_printf(&why, "runtime %s: %s", s->runtimes->v[i].language, unready_reason(s, i));
    for (size_t i = 0; i < s->runtimes->n; i++)
        m->pending = m->pending || (!s->draining && !s->info_known[i]);
    m->ready = why.len == 0 && !why.failed;
    sg_str_copy(m->reason, sizeof(m->reason), why.data ? why.data : "");
}

/* The first language that is there and does not work, of those that not every host has; else the
   first template that failed: runs of its kind start cold. */
static void fill_degraded(struct sg_server *s, struct sg_msg_status_reply *m)
{
    for (size_t i = 0; i < s->runtimes->n && !m->degraded[0]; i++)
        if (s->runtimes->v[i].optional && s->info_known[i] && !s->info[i].ready)
            snprintf(m->degraded, sizeof(m->degraded), "runtime %s: %.320s",
                     s->runtimes->v[i].language, unready_reason(s, i));
    for (size_t i = 0; i < s->runtimes->n && !m->degraded[0]; i++) {
        if (s->on_templates)
            s->on_templates(s->templates_arg, i);
        const struct server_templates *t = &s->templates[i];
        for (size_t k = 0; k < t->n && !m->degraded[0]; k++)
            if (t->v[k].state == SG_TEMPLATE_FAILED)
                snprintf(m->degraded, sizeof(m->degraded), "template %s (%.60s) failed: %.240s",
                         s->runtimes->v[i].language, t->v[k].imports, t->v[k].reason);
    }
}

void server_status(struct sg_server *s, struct sg_msg_status_reply *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->slots = s->slots;
    ret->running = s->active.n;
    ret->queue_max = (uint32_t)s->cfg->native.queue;
    ret->queued = s->queue.n;
    ret->runtimes = (uint32_t)s->runtimes->n;
    ret->runs_total = s->runs_total;
    fill_readiness(s, ret);
    fill_degraded(s, ret);
}

static int on_status(struct conn *c, struct sg_msg *m, struct sg_error *err)
{
    struct sg_msg_status_reply reply;
    (void)m;
    (void)err;
    question_asked(c->server);
    server_status(c->server, &reply);
    conn_send(c, SG_MSG_STATUS_REPLY, &reply, NULL);
    return 0;
}

static int on_metrics(struct conn *c, struct sg_msg *m, struct sg_error *err)
{
    struct sg_gauges gauges;
    (void)m;
    (void)err;
    question_asked(c->server);
    server_gauges(c->server, &gauges);
    conn_send(c, SG_MSG_METRICS_REPLY, &gauges, NULL);
    return 0;
}

static int on_runtimes(struct conn *c, struct sg_msg *m, struct sg_error *err)
{
    struct sg_server *s = c->server;
    struct sg_msg_index question;
    struct sg_msg_runtime_reply reply;
    (void)err;
    question_asked(s);
    memcpy(&question, m->body, sizeof(question));
    memset(&reply, 0, sizeof(reply));
    reply.index = question.index;
    reply.count = (uint32_t)s->runtimes->n;
    if (question.index < s->runtimes->n) {
        const struct sg_runtime *rt = &s->runtimes->v[question.index];
        const struct sg_server_runtime *info = &s->info[question.index];
        reply.ready = info->ready;
        sg_str_copy(reply.language, sizeof(reply.language), rt->language);
        sg_str_copy(reply.version, sizeof(reply.version), rt->version);
        sg_str_copy(reply.packages, sizeof(reply.packages), info->packages);
        sg_str_copy(reply.start, sizeof(reply.start), rt->start);
        if (s->on_templates)
            s->on_templates(s->templates_arg, question.index);
        reply.ntemplates = (uint32_t)s->templates[question.index].n;
        memcpy(reply.templates, s->templates[question.index].v, sizeof(reply.templates));
    }
    conn_send(c, SG_MSG_RUNTIME_REPLY, &reply, NULL);
    return 0;
}

static int (*const handlers[SG_MSG_TYPE_END])(struct conn *, struct sg_msg *, struct sg_error *) = {
    [SG_MSG_RUN] = on_run,           [SG_MSG_CANCEL] = on_cancel,   [SG_MSG_STATUS] = on_status,
    [SG_MSG_RUNTIMES] = on_runtimes, [SG_MSG_METRICS] = on_metrics,
};

static void on_conn_event(void *arg, uint32_t events)
{
    struct conn *c = arg;
    struct sg_msg m;
    struct sg_error err = SG_ERROR_INIT;
    int rc = sg_msg_recv(c->sock, SG_SIDE_WORKER, &m, MSG_DONTWAIT, &err);
    if (rc == -EAGAIN && !(events & (EPOLLHUP | EPOLLRDHUP | EPOLLERR)))
        return;
    if (rc == 1) {
        rc = handlers[m.type](c, &m, &err); /* sg_msg_check lets only a worker's types through */
        sg_msg_done(&m);
        if (rc == 0)
            return;
    }
    if (rc == SG_E_PROTOCOL || rc == SG_E_VERSION)
        conn_protocol_error(c, &err);
    else
        conn_close(c);
}

static void turn_away(int sock)
{
    struct conn c = {.sock = sock};
    struct sg_error err = SG_ERROR_INIT;
    sg_error_set(&err, SG_E_BUSY, "the executor has %d connections, no more are taken",
                 CONNECTIONS_MAX);
    conn_refuse(&c, SG_REFUSAL_BUSY, 1, &err);
    discard_input(sock); /* a RUN that has come already */
}

int sg_server_connection(struct sg_server *s, int sock, bool only)
{
    sg_autofd int owned = sock;
    if (s->nconns >= CONNECTIONS_MAX) {
        turn_away(owned);
        return -EUSERS;
    }
    int flags = fcntl(owned, F_GETFL);
    if (flags < 0 || fcntl(owned, F_SETFL, flags | O_NONBLOCK) < 0)
        return -errno;
    struct conn *c = calloc(1, sizeof(*c));
    if (!c)
        return -ENOMEM;
    c->server = s;
    c->only = only;
    int rc = sg_loop_watch(s->loop, &c->watch, owned, EPOLLIN | EPOLLRDHUP, on_conn_event, c);
    if (rc < 0) {
        free(c);
        return rc;
    }
    c->sock = SG_TAKE_FD(owned);
    c->next = s->conns;
    if (s->conns)
        s->conns->prev = c;
    s->conns = c;
    s->nconns++;
    return 0;
}

void sg_server_set_runtime(struct sg_server *s, size_t index, const struct sg_server_runtime *info)
{
    if (index >= s->runtimes->n)
        return;
    s->info[index] = *info;
    s->info_known[index] = true;
}

bool sg_server_runtime_ready(const struct sg_server *s, size_t index)
{
    return index < s->runtimes->n && s->info_known[index] && s->info[index].ready;
}

void sg_server_set_templates(struct sg_server *s, size_t index,
                             const struct sg_template_info *infos, size_t n)
{
    if (index >= s->runtimes->n || n > SG_TEMPLATES_MAX)
        return;
    memcpy(s->templates[index].v, infos, n * sizeof(*infos));
    s->templates[index].n = n;
}

void sg_server_on_templates(struct sg_server *s, void (*fn)(void *arg, size_t index), void *arg)
{
    s->on_templates = fn;
    s->templates_arg = arg;
}

void sg_server_on_question(struct sg_server *s, void (*fn)(void *arg), void *arg)
{
    s->on_question = fn;
    s->question_arg = arg;
}

static void cancel_active_trials(struct sg_server *s)
{
    struct run *next;
    for (struct run *r = s->active.first; r; r = next) {
        next = r->next; /* an engine may be done with r at once */
        if (r->done)
            run_cancel(r);
    }
}

void sg_server_drain(struct sg_server *s)
{
    struct sg_error err = SG_ERROR_INIT;
    sg_error_set(&err, SG_E_UNAVAILABLE, "the executor is stopping");
    s->draining = true;
    while (s->queue.first)
        run_refuse(s->queue.first, SG_REFUSAL_STOPPING, &err);
    cancel_active_trials(s);
    server_end_if_idle(s);
}
