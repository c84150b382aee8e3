/*
 * http.h: calls of the Engine's HTTP API on the executor's event loop, through libcurl, over a unix
 * socket or TLS. Connections are kept and used again. Nothing here blocks.
 *
 *     struct sg_http *http = sg_http_new(loop, &place, &err);
 *     sg_http_start(http, &(struct sg_http_call){.method = "GET", .path = "/version",
 *                                                .timeout_ms = 5000, .most = 65536,
 *                                                .done = on_version, .arg = self});
 *
 * A stream is a connection that the Engine hands over (attach): bytes both ways.
 */
#ifndef SG_DOCKER_HTTP_H
#define SG_DOCKER_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"
#include "core/exec/loop.h"

struct sg_http;
struct sg_http_request;
struct sg_http_stream;

struct sg_http_place {  /* all borrowed */
    const char *socket; /* unix socket, when url is "" */
    const char *url;    /* https://HOST:PORT */
    const char *ca, *cert, *key;
};

struct sg_http_reply {
    long status;      /* 0: there was no answer; then err says why */
    const char *body; /* NUL-terminated; borrowed until the callback returns */
    size_t n;
    struct sg_error err;
};

struct sg_http_call {
    const char *method, *path; /* the path is escaped already */
    const void *body;          /* copied; NULL: none */
    size_t n;
    const char *type;   /* of the body; NULL: application/json */
    int64_t timeout_ms; /* for all of it */
    size_t most;        /* bytes of the answer; a longer one is no answer */
    bool progress;      /* of a longer answer the last bytes are kept */
    void (*done)(void *arg, const struct sg_http_reply *reply); /* once, never from within start */
    void *arg;
};

struct sg_http *sg_http_new(struct sg_loop *loop, const struct sg_http_place *place,
                            struct sg_error *err);
/* Calls under way are forgotten: their callbacks are not called. */
void sg_http_free(struct sg_http *http);
/* NULL: no memory, then done is never called. The request is valid until done is called. */
struct sg_http_request *sg_http_start(struct sg_http *http, const struct sg_http_call *call);
/* done will not be called. */
void sg_http_cancel(struct sg_http_request *request);

struct sg_http_stream_ops {
    void (*opened)(void *arg);                             /* the Engine has handed it over */
    void (*bytes)(void *arg, const char *data, size_t n);  /* in any portions */
    void (*closed)(void *arg, const struct sg_error *err); /* once; code 0: end of file */
};
/* POSTs the path and takes the connection over. NULL: no memory. A callback may close the stream.
 */
struct sg_http_stream *sg_http_stream_open(struct sg_http *http, const char *path,
                                           int64_t timeout_ms, const struct sg_http_stream_ops *ops,
                                           void *arg);
/* Sends what it can, keeps the rest. 0 or -ENOMEM. */
int sg_http_stream_write(struct sg_http_stream *s, const void *data, size_t n);
/* A paused one is not read, so that in the end whoever writes at its other end has to wait; what is
   written to it still goes out. That it has ended is told when it is read again. */
void sg_http_stream_pause(struct sg_http_stream *s, bool paused);
/* No callback follows. */
void sg_http_stream_close(struct sg_http_stream *s);

#endif
