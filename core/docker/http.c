#include "core/docker/http_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"

#define CONNECT_MS  5000
#define CONNECTIONS 16 /* kept open */

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

struct sg_http *sg_http_new(struct sg_loop *loop, const struct sg_http_place *place,
                            struct sg_error *err)
{
    struct sg_http *http = calloc(1, sizeof *http);
    if (http && curl_global_init(CURL_GLOBAL_DEFAULT) == 0)
        http->calls = sg_transfers_new(loop);
    if (!http || !http->calls) {
        free(http);
        sg_error_set(err, -ENOMEM, "libcurl cannot be initialised");
        return NULL;
    }
    http->loop = loop;
    http->place = *place;
    curl_multi_setopt(http->calls->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
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
    sg_transfers_free(http->calls);
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
    curl_multi_remove_handle(http->calls->multi, r->easy);
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
    return curl_multi_add_handle(r->http->calls->multi, r->easy) == CURLM_OK;
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
