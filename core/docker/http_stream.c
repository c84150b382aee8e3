/* A connection that the Engine hands over: curl makes it, then its bytes are ours. Engine API,
   "Attach to a container", hijacking. */
#include "core/docker/http_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"

#define HEAD_MAX     16384
#define READ_AT_ONCE 16 /* portions, before the loop serves others */

struct sg_http_stream {
    struct sg_http_owner owner; /* first */
    struct sg_http *http;
    struct sg_transfers *transfers; /* owned: its own */
    CURL *easy;
    curl_socket_t fd; /* curl's */
    struct sg_watch watch;
    uint32_t watched; /* events */
    bool paused, handed_over, closed, busy, dead;
    struct sg_timer deadline, again;
    struct sg_buf out; /* not sent yet; from sent on */
    size_t sent;
    struct sg_buf head; /* of the answer, until it is complete */
    const struct sg_http_stream_ops *ops;
    void *arg;
    char detail[CURL_ERROR_SIZE];
    struct sg_http_stream *prev, *next;
};

static void watch(struct sg_http_stream *s, bool out);

static void destroy(struct sg_http_stream *s)
{
    struct sg_http *http = s->http;
    if (s->prev)
        s->prev->next = s->next;
    else
        http->streams = s->next;
    if (s->next)
        s->next->prev = s->prev;
    sg_loop_unwatch(http->loop, &s->watch);
    sg_loop_timer_stop(http->loop, &s->deadline);
    sg_loop_timer_stop(http->loop, &s->again);
    curl_multi_remove_handle(s->transfers->multi, s->easy);
    curl_easy_cleanup(s->easy);
    sg_transfers_free(s->transfers);
    sg_buf_done(&s->out);
    sg_buf_done(&s->head);
    free(s);
}

/* Within one of its callbacks it only notes that it shall go. */
void sg_http_stream_close(struct sg_http_stream *s)
{
    if (s->busy)
        s->dead = true;
    else
        destroy(s);
}

static void leave(struct sg_http_stream *s)
{
    s->busy = false;
    if (s->dead)
        destroy(s);
}

static void tell_closed(struct sg_http_stream *s, const struct sg_error *err)
{
    if (s->closed || s->dead)
        return;
    s->closed = true;
    sg_loop_unwatch(s->http->loop, &s->watch);
    sg_loop_timer_stop(s->http->loop, &s->deadline);
    s->ops->closed(s->arg, err);
}

static void fail(struct sg_http_stream *s, int code, const char *text)
{
    struct sg_error err = SG_ERROR_INIT;
    sg_error_set(&err, code, "%s", text);
    tell_closed(s, &err);
}

static void flush(struct sg_http_stream *s)
{
    while (s->sent < s->out.len) {
        size_t n = 0;
        CURLcode r = curl_easy_send(s->easy, s->out.data + s->sent, s->out.len - s->sent, &n);
        if (r == CURLE_AGAIN)
            break;
        if (r != CURLE_OK) {
            fail(s, SG_E_UNAVAILABLE, "the connection to the container broke");
            return;
        }
        s->sent += n;
    }
    if (s->sent == s->out.len) {
        sg_buf_done(&s->out); /* what was in it may be large */
        s->sent = 0;
    }
    watch(s, s->out.len > 0);
}

/* "HTTP/1.1 101 UPGRADED" of dockerd, 200 of older ones and of podman. */
static bool is_accepted(const char *head)
{
    const char *status = strchr(head, ' ');
    return strncmp(head, "HTTP/1.", 7) == 0 && status &&
           (strncmp(status, " 101", 4) == 0 || strncmp(status, " 200", 4) == 0);
}

/* Bytes before the head is complete. */
static void take_head(struct sg_http_stream *s, const char *data, size_t n)
{
    if (sg_buf_append(&s->head, data, n) < 0) {
        fail(s, -ENOMEM, "out of memory");
        return;
    }
    const char *end = strstr(s->head.data, "\r\n\r\n");
    if (!end && s->head.len > HEAD_MAX) {
        fail(s, SG_E_PROTOCOL, "the Engine's answer to attach has no end");
        return;
    }
    if (!end)
        return;
    if (!is_accepted(s->head.data)) {
        char text[128];
        size_t line = strcspn(s->head.data, "\r\n");
        size_t most = line < sizeof text - 1 ? line : sizeof text - 1;
        memcpy(text, s->head.data, most);
        text[most] = '\0';
        fail(s, SG_E_UNAVAILABLE, text);
        return;
    }
    s->handed_over = true;
    sg_loop_timer_stop(s->http->loop, &s->deadline);
    s->ops->opened(s->arg);
    size_t used = (size_t)(end + 4 - s->head.data);
    if (s->head.len > used && !s->dead && !s->closed)
        s->ops->bytes(s->arg, s->head.data + used, s->head.len - used);
    sg_buf_done(&s->head);
}

static void on_again(void *arg);

static void pull(struct sg_http_stream *s)
{
    static char bytes[65536];
    for (int i = 0; i < READ_AT_ONCE && !s->paused; i++) {
        size_t n = 0;
        CURLcode r = curl_easy_recv(s->easy, bytes, sizeof bytes, &n);
        if (r == CURLE_AGAIN || s->dead || s->closed)
            return;
        if (r != CURLE_OK) {
            fail(s, SG_E_UNAVAILABLE, "the connection to the container broke");
            return;
        }
        if (n == 0) {
            struct sg_error none = SG_ERROR_INIT;
            if (s->handed_over)
                tell_closed(s, &none);
            else
                fail(s, SG_E_UNAVAILABLE, "the Engine closed the connection");
            return;
        }
        if (s->handed_over)
            s->ops->bytes(s->arg, bytes, n);
        else
            take_head(s, bytes, n);
        if (s->dead || s->closed)
            return;
    }
    /* TLS may hold decrypted bytes that epoll does not know of. */
    if (!s->paused)
        sg_loop_timer(s->http->loop, &s->again, 0, on_again, s);
}

static void on_again(void *arg)
{
    struct sg_http_stream *s = arg;
    s->busy = true;
    pull(s);
    leave(s);
}

static void on_event(void *arg, uint32_t events)
{
    struct sg_http_stream *s = arg;
    s->busy = true;
    if (events & EPOLLOUT)
        flush(s);
    if (events & ~(uint32_t)EPOLLOUT && !s->dead && !s->closed)
        pull(s);
    leave(s);
}

static void watch(struct sg_http_stream *s, bool out)
{
    uint32_t events = (s->paused ? 0u : EPOLLIN) | (out ? EPOLLOUT : 0u);
    if (s->closed || s->dead || (s->watch.fd >= 0 && s->watched == events))
        return;
    sg_loop_unwatch(s->http->loop, &s->watch);
    s->watched = events;
    if (events && sg_loop_watch(s->http->loop, &s->watch, s->fd, events, on_event, s) < 0)
        fail(s, -ENOMEM, "the connection to the container cannot be watched");
}

static void on_deadline(void *arg)
{
    struct sg_http_stream *s = arg;
    s->busy = true;
    fail(s, -ETIMEDOUT, "the Engine did not attach in time");
    leave(s);
}

static void on_connected(struct sg_http_owner *owner, CURLcode code)
{
    struct sg_http_stream *s = (struct sg_http_stream *)owner;
    s->busy = true;
    if (code != CURLE_OK) {
        struct sg_error err = SG_ERROR_INIT;
        sg_http_curl_error(&err, code, s->detail);
        tell_closed(s, &err);
    } else if (curl_easy_getinfo(s->easy, CURLINFO_ACTIVESOCKET, &s->fd) != CURLE_OK ||
               s->fd == CURL_SOCKET_BAD) {
        fail(s, SG_E_UNAVAILABLE, "there is no connection");
    } else {
        flush(s);
    }
    leave(s);
}

struct sg_http_stream *sg_http_stream_open(struct sg_http *http, const char *path,
                                           int64_t timeout_ms, const struct sg_http_stream_ops *ops,
                                           void *arg)
{
    struct sg_http_stream *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    *s = (struct sg_http_stream){.owner = {on_connected},
                                 .http = http,
                                 .transfers = sg_transfers_new(http->loop),
                                 .easy = sg_http_easy(http, path),
                                 .fd = CURL_SOCKET_BAD,
                                 .watch = SG_WATCH_INIT,
                                 .ops = ops,
                                 .arg = arg};
    sg_buf_printf(&s->out,
                  "POST %s HTTP/1.1\r\nHost: docker\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n"
                  "Content-Type: text/plain\r\nContent-Length: 0\r\n\r\n",
                  path);
    if (!s->transfers || !s->easy || s->out.failed) {
        curl_easy_cleanup(s->easy);
        sg_transfers_free(s->transfers);
        sg_buf_done(&s->out);
        free(s);
        return NULL;
    }
    curl_easy_setopt(s->easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(s->easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(s->easy, CURLOPT_ERRORBUFFER, s->detail);
    curl_easy_setopt(s->easy, CURLOPT_PRIVATE, &s->owner);
    s->next = http->streams;
    if (s->next)
        s->next->prev = s;
    http->streams = s;
    sg_loop_timer(http->loop, &s->deadline, timeout_ms, on_deadline, s);
    if (curl_multi_add_handle(s->transfers->multi, s->easy) != CURLM_OK) {
        destroy(s);
        return NULL;
    }
    return s;
}

int sg_http_stream_write(struct sg_http_stream *s, const void *data, size_t n)
{
    if (s->closed || s->dead)
        return 0; /* it has been told, or nobody wants to know */
    if (sg_buf_append(&s->out, data, n) < 0)
        return -ENOMEM;
    bool outer = s->busy;
    s->busy = true;
    if (s->handed_over)
        flush(s);
    if (!outer)
        leave(s);
    return 0;
}

void sg_http_stream_pause(struct sg_http_stream *s, bool paused)
{
    if (s->closed || s->dead || s->paused == paused)
        return;
    bool outer = s->busy;
    s->busy = true;
    s->paused = paused;
    watch(s, s->out.len > 0);
    if (!paused && !s->closed)
        sg_loop_timer(s->http->loop, &s->again, 0, on_again, s); /* as in pull() */
    if (!outer)
        leave(s);
}
