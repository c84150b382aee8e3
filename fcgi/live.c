/* live.c: see live.h */
#include "fcgi/live.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/time.h"

bool sg_live_takes(enum sg_msg_type type)
{
    return type == SG_MSG_STREAM || type == SG_MSG_STARTED;
}

int sg_live_message(struct sg_live *l, struct sg_msg *m)
{
    struct sg_msg_started started;
    if (m->type == SG_MSG_STREAM) {
        sg_fd_close(&l->output);
        l->output = SG_TAKE_FD(m->fds[0]);
        return 0;
    }
    memcpy(&started, m->body, sizeof started);
    return l->ops->started(l->arg, &started);
}

/* Does the client take something just now, or within that time? */
static bool has_room_within(struct sg_transport *t, int wait_ms, struct pollfd *p)
{
    t->ops->watch(t, p);
    p->events |= POLLOUT;
    return p->fd < 0 || (poll(p, 1, wait_ms) > 0 && p->revents & POLLOUT);
}

static bool has_room(const struct sg_live *l)
{
    struct pollfd p;
    return has_room_within(l->transport, 0, &p);
}

int sg_live_write(struct sg_transport *t, const void *data, size_t n, int64_t deadline_ms)
{
    const char *at = data;
    while (n > 0) {
        struct pollfd p = {.fd = -1};
        size_t part = n < SG_OUTPUT_CHUNK ? n : SG_OUTPUT_CHUNK;
        int64_t left = deadline_ms - sg_now_ms();
        if (left <= 0)
            return -ETIMEDOUT;
        bool room = has_room_within(t, left > INT_MAX ? INT_MAX : (int)left, &p);
        if (p.fd >= 0 && p.revents && t->ops->gone(t, &p))
            return -EPIPE;
        if (!room)
            continue;
        int rc = t->ops->write(t, at, part);
        if (rc == 0 && t->ops->flush)
            rc = t->ops->flush(t);
        if (rc < 0)
            return rc;
        at += part;
        n -= part;
    }
    return 0;
}

void sg_live_prepare(const struct sg_live *l, struct pollfd *client, struct pollfd *output,
                     int64_t *wait_ms)
{
    int64_t ping = l->next_ping_ms ? l->next_ping_ms - sg_now_ms() : 0;
    if (l->no_room)
        client->events |= POLLOUT;
    else
        *output = (struct pollfd){.fd = l->output, .events = POLLIN};
    if (*wait_ms > ping)
        *wait_ms = ping > 0 ? ping : 0;
}

static int ping(struct sg_live *l)
{
    int64_t now = sg_now_ms();
    bool first = l->next_ping_ms == 0;
    if (now < l->next_ping_ms)
        return 0;
    l->next_ping_ms = now + SG_LIVE_PING_MS;
    return !first && has_room(l) ? l->ops->ping(l->arg) : 0;
}

static int pass(struct sg_live *l, enum sg_output_stream stream, const char *data, size_t n)
{
    l->passed[stream] += n;
    return l->ops->output(l->arg, stream, data, n);
}

static int pass_on(struct sg_live *l)
{
    struct sg_output_packet packet;
    if (!has_room(l)) {
        l->no_room = true;
        return 0;
    }
    ssize_t n = sg_output_recv(l->output, &packet);
    if (n == -EAGAIN)
        return 0;
    if (n <= 0) { /* if it was not the end, sg_live_finish() sees that something is missing */
        sg_fd_close(&l->output);
        return 0;
    }
    return pass(l, packet.stream, packet.data, (size_t)n);
}

int sg_live_go_on(struct sg_live *l, const struct pollfd *client, const struct pollfd *output)
{
    if (l->no_room && client->revents)
        l->no_room = false;
    int rc = ping(l);
    return rc == 0 && output->fd >= 0 && output->revents ? pass_on(l) : rc;
}

/* One look at client and output, at most until the deadline. */
static int wait_and_go_on(struct sg_live *l, int64_t deadline_ms)
{
    struct pollfd p[2] = {{.fd = -1}, {.fd = -1}};
    int64_t left = deadline_ms - sg_now_ms();
    if (left <= 0)
        return -ETIMEDOUT;
    l->transport->ops->watch(l->transport, &p[0]);
    sg_live_prepare(l, &p[0], &p[1], &left);
    int rc = poll(p, SG_ARRAY_LEN(p), left > INT_MAX ? INT_MAX : (int)left);
    if (rc < 0)
        return errno == EINTR ? 0 : -errno;
    if (p[0].revents && l->transport->ops->gone(l->transport, &p[0]))
        return -EPIPE;
    return sg_live_go_on(l, &p[0], &p[1]);
}

static int pass_rest(struct sg_live *l, enum sg_output_stream stream, int fd, int64_t deadline_ms)
{
    const char *data = NULL;
    size_t n = 0;
    int rc = sg_memfd_map(fd, SG_OUTPUT_REST_MAX, &data, &n) < 0 ? SG_E_PROTOCOL : 0;
    for (size_t at = 0; rc == 0 && at < n;) {
        size_t part = n - at < SG_OUTPUT_CHUNK ? n - at : SG_OUTPUT_CHUNK;
        l->no_room = !has_room(l);
        if (l->no_room) {
            rc = wait_and_go_on(l, deadline_ms);
            continue;
        }
        rc = pass(l, stream, data + at, part);
        at += part;
    }
    if (data && n > 0)
        munmap((void *)(uintptr_t)data, n);
    return rc;
}

int sg_live_finish(struct sg_live *l, const struct sg_run_result *r)
{
    int64_t deadline_ms = sg_now_ms() + SG_LIVE_FINISH_MS;
    int rc = 0;
    while (rc == 0 && l->output >= 0)
        rc = wait_and_go_on(l, deadline_ms);
    if (!r || r->end != SG_RUN_RESULT)
        return rc;
    if (rc == 0)
        rc = pass_rest(l, SG_OUTPUT_STDOUT, r->out_fd, deadline_ms);
    if (rc == 0)
        rc = pass_rest(l, SG_OUTPUT_STDERR, r->err_fd, deadline_ms);
    if (rc == 0 && (l->passed[SG_OUTPUT_STDOUT] != r->outcome.out.total_bytes ||
                    l->passed[SG_OUTPUT_STDERR] != r->outcome.err.total_bytes))
        rc = SG_E_PROTOCOL;
    return rc;
}

void sg_live_done(struct sg_live *l)
{
    sg_fd_close(&l->output);
}
