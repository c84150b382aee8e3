/* http_internal.h: what http.c and http_stream.c share. */
#ifndef SG_DOCKER_HTTP_INTERNAL_H
#define SG_DOCKER_HTTP_INTERNAL_H

#include <curl/curl.h>

#include "core/docker/http.h"

struct sg_http {
    struct sg_loop *loop; /* borrowed */
    struct sg_http_place place;
    CURLM *multi;
    struct sg_timer timer;
    struct sg_http_request *requests;
    struct sg_http_stream *streams;
    bool dispatching; /* in the loop over finished transfers */
};

/* A handle with what all have: place, TLS, URL. NULL: no memory. */
CURL *sg_http_easy(struct sg_http *http, const char *path);
void sg_http_curl_error(struct sg_error *err, CURLcode code, const char *detail);

/* Whose transfer it is: the first member of both. */
struct sg_http_owner {
    void (*finished)(struct sg_http_owner *owner, CURLcode code);
};

#endif
