#include "core/docker/http_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"

#define CONNECT_MS       5000
#define CONNECTION_AGE_S (10 * 365 * 86400)
#define CONNECTIONS      16 /* kept open */

struct sg_http_request {
    struct sg_http_owner owner; /* first */
    struct sg_http *http;
    CURL *easy;
    struct curl_slist *headers;
    char *sent; /* owned: the body */
    struct sg_buf body;
    size_t most;
    bool progress, too_long;
    char detail[CURL_ERROR_SIZE];
    void (*done)(void *, const struct sg_http_reply *);
    void *arg;
    struct sg_http_request *prev, *next;
};

/* ---- curl and the loop ---- */

struct socket_watch {
    struct sg_watch watch;
    struct sg_http *http;
    curl_socket_t fd;
};

static void take_finished(struct sg_http *http)
{
    CURLMsg *m;
    int left;
    if (http->dispatching)
        return;
    http->dispatching = true;
    while ((m = curl_multi_info_read(http->multi, &left)) != NULL) {
        struct sg_http_owner *owner = NULL;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &owner);
        owner->finished(owner, m->data.result);
    }
    http->dispatching = false;
}

static void on_socket(void *arg, uint32_t events)
{
    struct socket_watch *w = arg;
    struct sg_http *http = w->http;
    int bits = 0, running;
    bits |= events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP) ? CURL_CSELECT_IN : 0;
    bits |= events & EPOLLOUT ? CURL_CSELECT_OUT : 0;
    bits |= events & EPOLLERR ? CURL_CSELECT_ERR : 0;
    curl_multi_socket_action(http->multi, w->fd, bits, &running); /* may free w */
    take_finished(http);
}

static void on_timer(void *arg)
{
    struct sg_http *http = arg;
    int running;
    curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    take_finished(http);
}

static int on_curl_timer(CURLM *multi, long ms, void *arg)
{
    struct sg_http *http = arg;
    (void)multi;
    if (ms < 0)
        sg_loop_timer_stop(http->loop, &http->timer);
    else
        sg_loop_timer(http->loop, &http->timer, ms, on_timer, http);
    return 0;
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *of_socket)
{
    struct sg_http *http = arg;
    struct socket_watch *w = of_socket;
    (void)easy;
    if (w)
        sg_loop_unwatch(http->loop, &w->watch);
    if (what == CURL_POLL_REMOVE) {
        free(w);
        return 0;
    }
    if (!w) {
        w = calloc(1, sizeof *w);
        if (!w)
            return -1;
        *w = (struct socket_watch){.watch = SG_WATCH_INIT, .http = http, .fd = fd};
        curl_multi_assign(http->multi, fd, w);
    }
    uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    return sg_loop_watch(http->loop, &w->watch, fd, events, on_socket, w) < 0 ? -1 : 0;
}

struct sg_http *sg_http_new(struct sg_loop *loop, const struct sg_http_place *place,
                            struct sg_error *err)
{
    struct sg_http *http = calloc(1, sizeof *http);
    if (http && curl_global_init(CURL_GLOBAL_DEFAULT) == 0)
        http->multi = curl_multi_init();
    if (!http || !http->multi) {
        free(http);
        sg_error_set(err, -ENOMEM, "libcurl cannot be initialised");
        return NULL;
    }
    http->loop = loop;
    http->place = *place;
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
    return http;
}

void sg_http_free(struct sg_http *http)
{
    if (!http)
        return;
    while (http->requests)
        sg_http_cancel(http->requests);
    while (http->streams)
        sg_http_stream_close(http->streams);
    curl_multi_cleanup(http->multi);
    sg_loop_timer_stop(http->loop, &http->timer);
    free(http);
    curl_global_cleanup();
}

/* ---- requests ---- */

CURL *sg_http_easy(struct sg_http *http, const char *path)
{
    const struct sg_http_place *p = &http->place;
    bool remote = p->url && *p->url;
    sg_auto(sg_buf) struct sg_buf url = {0};
    CURL *easy = curl_easy_init();
    sg_buf_printf(&url, "%s%s", remote ? p->url : "http://docker", path);
    if (!easy || url.failed) {
        curl_easy_cleanup(easy);
        return NULL;
    }
    curl_easy_setopt(easy, CURLOPT_URL, url.data);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    /* A stream that has been handed over is idle in libcurl's eyes, which closes what has been so
       for two minutes when it looks for a connection for anything else. */
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)CONNECTION_AGE_S);
    if (!remote)
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, p->socket);
    if (p->ca && *p->ca)
        curl_easy_setopt(easy, CURLOPT_CAINFO, p->ca);
    if (p->cert && *p->cert)
        curl_easy_setopt(easy, CURLOPT_SSLCERT, p->cert);
    if (p->key && *p->key)
        curl_easy_setopt(easy, CURLOPT_SSLKEY, p->key);
    return easy;
}

void sg_http_curl_error(struct sg_error *err, CURLcode code, const char *detail)
{
    sg_error_set(err, code == CURLE_OPERATION_TIMEDOUT ? -ETIMEDOUT : SG_E_UNAVAILABLE, "%s",
                 detail && *detail ? detail : curl_easy_strerror(code));
}

static size_t on_body(char *data, size_t one, size_t n, void *arg)
{
    struct sg_http_request *r = arg;
    (void)one;
    if (r->body.len + n > r->most && r->progress) {
        size_t keep = r->body.len / 2; /* the end is what tells how it went */
        memmove(r->body.data, r->body.data + r->body.len - keep, keep);
        r->body.len = keep;
    }
    r->too_long = r->body.len + n > r->most;
    if (r->too_long || sg_buf_append(&r->body, data, n) < 0)
        return 0;
    return n;
}

static void forget(struct sg_http_request *r)
{
    struct sg_http *http = r->http;
    if (r->prev)
        r->prev->next = r->next;
    else
        http->requests = r->next;
    if (r->next)
        r->next->prev = r->prev;
    curl_multi_remove_handle(http->multi, r->easy);
    curl_easy_cleanup(r->easy);
    curl_slist_free_all(r->headers);
    free(r->sent);
    sg_buf_done(&r->body);
    free(r);
}

static void on_finished(struct sg_http_owner *owner, CURLcode code)
{
    struct sg_http_request *r = (struct sg_http_request *)owner;
    struct sg_http_reply reply = {.body = r->body.data ? r->body.data : "", .n = r->body.len};
    if (code == CURLE_OK)
        curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &reply.status);
    else if (r->too_long)
        sg_error_set(&reply.err, SG_E_PROTOCOL, "the answer is longer than %zu bytes", r->most);
    else
        sg_http_curl_error(&reply.err, code, r->detail);
    r->done(r->arg, &reply);
    forget(r);
}

static void set_body(struct sg_http_request *r, const struct sg_http_call *call)
{
    char type[96];
    snprintf(type, sizeof type, "Content-Type: %s", call->type ? call->type : "application/json");
    r->headers = curl_slist_append(r->headers, type);
    r->headers = curl_slist_append(r->headers, "Expect:"); /* no round trip for it */
    curl_easy_setopt(r->easy, CURLOPT_HTTPHEADER, r->headers);
    curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->n);
    curl_easy_setopt(r->easy, CURLOPT_POSTFIELDS, r->sent ? r->sent : "");
}

static bool set_up(struct sg_http_request *r, const struct sg_http_call *call)
{
    r->easy = sg_http_easy(r->http, call->path);
    if (call->n > 0) {
        r->sent = malloc(call->n);
        if (!r->sent)
            return false;
        memcpy(r->sent, call->body, call->n);
    }
    if (!r->easy)
        return false;
    if (strcmp(call->method, "GET") != 0) {
        set_body(r, call);
        curl_easy_setopt(r->easy, CURLOPT_CUSTOMREQUEST, call->method);
    }
    curl_easy_setopt(r->easy, CURLOPT_TIMEOUT_MS, (long)call->timeout_ms);
    curl_easy_setopt(r->easy, CURLOPT_ERRORBUFFER, r->detail);
    curl_easy_setopt(r->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(r->easy, CURLOPT_WRITEDATA, r);
    curl_easy_setopt(r->easy, CURLOPT_PRIVATE, &r->owner);
    return curl_multi_add_handle(r->http->multi, r->easy) == CURLM_OK;
}

struct sg_http_request *sg_http_start(struct sg_http *http, const struct sg_http_call *call)
{
    struct sg_http_request *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    *r = (struct sg_http_request){.owner = {on_finished},
                                  .http = http,
                                  .most = call->most,
                                  .progress = call->progress,
                                  .done = call->done,
                                  .arg = call->arg};
    if (!set_up(r, call)) {
        curl_easy_cleanup(r->easy);
        curl_slist_free_all(r->headers);
        free(r->sent);
        free(r);
        return NULL;
    }
    r->next = http->requests;
    if (r->next)
        r->next->prev = r;
    http->requests = r;
    return r;
}

void sg_http_cancel(struct sg_http_request *r)
{
    forget(r);
}
