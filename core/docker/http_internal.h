/* http_internal.h: what http.c and http_stream.c share. */
#ifndef SG_DOCKER_HTTP_INTERNAL_H
#define SG_DOCKER_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "core/docker/http.h"

/* Transfers that share connections. Calls share them all; a stream has them to itself: to libcurl a
   connection that has been handed over is idle, and it closes idle ones, for their age, their
   number, or for bytes that lie in them, whenever it looks for a connection for something else. */
struct sg_transfers {
    struct sg_loop *loop; /* borrowed */
    CURLM *multi;
    struct sg_timer timer;
    bool dispatching, over; /* in the loop over finished transfers; freed after that */
};
/* NULL: no memory. */
struct sg_transfers *sg_transfers_new(struct sg_loop *loop);
/* All handles must have been removed. May be called while one of them is told to have finished. */
void sg_transfers_free(struct sg_transfers *t);

struct sg_http {
    struct sg_loop *loop; /* borrowed */
    struct sg_http_place place;
    struct sg_transfers *calls; /* owned */
    struct sg_http_request *requests;
    struct sg_http_stream *streams;
};

/* A handle with what all have: place, TLS, URL. NULL: no memory. */
CURL *sg_http_easy(struct sg_http *http, const char *path);
void sg_http_curl_error(struct sg_error *err, CURLcode code, const char *detail);

/* Whose transfer it is: the first member of both. */
struct sg_http_owner {
    void (*finished)(struct sg_http_owner *owner, CURLcode code);
};

#endif
