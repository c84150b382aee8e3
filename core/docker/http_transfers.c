/* libcurl's transfers on the event loop. */
#include <stdlib.h>
#include <sys/epoll.h>

#include "core/docker/http_internal.h"

struct socket_watch {
    struct sg_watch watch;
    struct sg_transfers *transfers;
    curl_socket_t fd;
};

static void clean_up(struct sg_transfers *t)
{
    curl_multi_cleanup(t->multi);
    sg_loop_timer_stop(t->loop, &t->timer);
    free(t);
}

/* May free t. */
static void take_finished(struct sg_transfers *t)
{
    CURLMsg *m;
    int left;
    if (t->dispatching)
        return;
    t->dispatching = true;
    while ((m = curl_multi_info_read(t->multi, &left)) != NULL) {
        struct sg_http_owner *owner = NULL;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &owner);
        owner->finished(owner, m->data.result);
    }
    t->dispatching = false;
    if (t->over)
        clean_up(t);
}

static void on_socket(void *arg, uint32_t events)
{
    struct socket_watch *w = arg;
    struct sg_transfers *t = w->transfers;
    int bits = 0, running;
    bits |= events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP) ? CURL_CSELECT_IN : 0;
    bits |= events & EPOLLOUT ? CURL_CSELECT_OUT : 0;
    bits |= events & EPOLLERR ? CURL_CSELECT_ERR : 0;
    curl_multi_socket_action(t->multi, w->fd, bits, &running); /* may free w */
    take_finished(t);
}

static void on_timer(void *arg)
{
    struct sg_transfers *t = arg;
    int running;
    curl_multi_socket_action(t->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_finished(t);
}

static int on_curl_timer(CURLM *multi, long ms, void *arg)
{
    struct sg_transfers *t = arg;
    (void)multi;
    if (ms < 0)
        sg_loop_timer_stop(t->loop, &t->timer);
    else
        sg_loop_timer(t->loop, &t->timer, ms, on_timer, t);
    return 0;
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *of_socket)
{
    struct sg_transfers *t = arg;
    struct socket_watch *w = of_socket;
    (void)easy;
    if (w)
        sg_loop_unwatch(t->loop, &w->watch);
    if (what == CURL_POLL_REMOVE) {
        free(w);
        return 0;
    }
    if (!w) {
        w = calloc(1, sizeof *w);
        if (!w)
            return -1;
        *w = (struct socket_watch){.watch = SG_WATCH_INIT, .transfers = t, .fd = fd};
        curl_multi_assign(t->multi, fd, w);
    }
    uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    return sg_loop_watch(t->loop, &w->watch, fd, events, on_socket, w) < 0 ? -1 : 0;
}

struct sg_transfers *sg_transfers_new(struct sg_loop *loop)
{
    struct sg_transfers *t = calloc(1, sizeof *t);
    CURLM *multi = t ? curl_multi_init() : NULL;
    if (!multi) {
        free(t);
        return NULL;
    }
    *t = (struct sg_transfers){.loop = loop, .multi = multi};
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, t);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, t);
    return t;
}

void sg_transfers_free(struct sg_transfers *t)
{
    if (t && t->dispatching)
        t->over = true;
    else if (t)
        clean_up(t);
}
