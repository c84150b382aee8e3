/* relay.c: see relay.h */
#include "core/exec/relay.h"

#include <errno.h>
#include <sys/epoll.h>

#include "core/base/fd.h"

static const char *const names[SG_OUTPUT_STREAMS] = {"stdout", "stderr"};

int sg_relay_open(struct sg_relay *r, struct sg_loop *loop, int *ret_worker)
{
    int ends[2];
    int rc = sg_output_pair(ends);
    if (rc < 0)
        return rc;
    r->loop = loop;
    r->sock = ends[0];
    *ret_worker = ends[1];
    return 0;
}

static void forget(struct sg_relay *r)
{
    for (int i = 0; i < SG_OUTPUT_STREAMS; i++) {
        sg_buf_done(&r->held[i].bytes);
        r->held[i].sent = 0;
    }
}

void sg_relay_close(struct sg_relay *r)
{
    if (r->loop)
        sg_loop_unwatch(r->loop, &r->watch);
    sg_fd_close(&r->sock);
    forget(r);
}

bool sg_relay_is_full(const struct sg_relay *r)
{
    for (int i = 0; i < SG_OUTPUT_STREAMS; i++)
        if (r->held[i].bytes.len > 0)
            return true;
    return false;
}

/* As much as there is room for: the number of bytes, or -errno when the worker has gone. */
static ssize_t send_some(struct sg_relay *r, enum sg_output_stream stream, const char *data,
                         size_t n)
{
    size_t sent = 0;
    while (sent < n) {
        size_t part = n - sent < SG_OUTPUT_CHUNK ? n - sent : SG_OUTPUT_CHUNK;
        int rc = sg_output_send(r->sock, stream, data + sent, part);
        /* Out of memory of the kernel is no end either: it is tried again. */
        if (rc == -EAGAIN || rc == -ENOBUFS || rc == -ENOMEM)
            break;
        if (rc < 0)
            return rc;
        sent += part;
    }
    return (ssize_t)sent;
}

static int send_held(struct sg_relay *r)
{
    for (int i = 0; i < SG_OUTPUT_STREAMS; i++) {
        struct sg_relay_held *h = &r->held[i];
        if (h->bytes.len == 0)
            continue;
        ssize_t n = send_some(r, i, h->bytes.data + h->sent, h->bytes.len - h->sent);
        if (n < 0)
            return (int)n;
        h->sent += (size_t)n;
        if (h->sent < h->bytes.len)
            break;
        sg_buf_done(&h->bytes);
        h->sent = 0;
    }
    return 0;
}

static void on_writable(void *arg, uint32_t events);

static int wait_for_room(struct sg_relay *r)
{
    return r->watch.fd >= 0 ? 0
                            : sg_loop_watch(r->loop, &r->watch, r->sock, EPOLLOUT, on_writable, r);
}

static void flush(struct sg_relay *r)
{
    if (send_held(r) < 0 || (sg_relay_is_full(r) && wait_for_room(r) < 0))
        sg_relay_close(r); /* its connection is about to end, too: that cancels the run */
    if (sg_relay_is_full(r))
        return;
    sg_loop_unwatch(r->loop, &r->watch);
    if (r->on_room)
        r->on_room(r->arg);
}

static void on_writable(void *arg, uint32_t events)
{
    (void)events;
    flush(arg);
}

void sg_relay_begin(struct sg_relay *r)
{
    r->begun = true;
    if (sg_relay_is_full(r))
        flush(r);
}

int sg_relay_put(struct sg_relay *r, enum sg_output_stream stream, const char *data, size_t n)
{
    ssize_t sent = 0;
    if (r->sock < 0)
        return 0;
    bool waits = !r->begun || sg_relay_is_full(r);
    if (!waits)
        sent = send_some(r, stream, data, n);
    if (sent < 0) {
        sg_relay_close(r);
        return 0;
    }
    if ((size_t)sent == n)
        return 0;
    if (n - (size_t)sent > SG_OUTPUT_REST_MAX - r->held[stream].bytes.len)
        return -ENOBUFS; /* whoever gives it has not stopped reading */
    if (sg_buf_append(&r->held[stream].bytes, data + sent, n - (size_t)sent) < 0)
        return -ENOMEM;
    return waits ? 0 : wait_for_room(r);
}

void sg_relay_on_room(struct sg_relay *r, void (*fn)(void *arg), void *arg)
{
    r->on_room = fn;
    r->arg = arg;
}

int sg_relay_rest(const struct sg_relay *r, enum sg_output_stream stream, size_t *ret_n)
{
    const struct sg_relay_held *h = &r->held[stream];
    *ret_n = h->bytes.len - h->sent;
    return sg_memfd_sealed(names[stream], *ret_n ? h->bytes.data + h->sent : NULL, *ret_n);
}
