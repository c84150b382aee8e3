/*
 * exchange.h: one HTTP request and the response to it, independent of the transport.
 */
#ifndef SG_FCGI_EXCHANGE_H
#define SG_FCGI_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/config/config.h"
#include "core/config/runtimes.h"
#include "fcgi/link.h"
#include "fcgi/location.h"
#include "fcgi/problem.h"
#include "fcgi/scoring.h"
#include "fcgi/transport.h"

struct sg_metrics;

#define SG_JSON_TYPE "application/json"

#define SG_NOT_MODIFIED          304 /* the client has it already: no body */
#define SG_CLIENT_CLOSED_REQUEST 499 /* as nginx logs it: the client left, there is no answer */

/* What a worker has and every request uses. */
struct sg_service {
    const struct sg_config *cfg;      /* borrowed */
    struct sg_runtimes *runtimes;     /* borrowed */
    const struct sg_scoring *scoring; /* borrowed */
    struct sg_metrics *metrics;       /* borrowed; NULL: nothing is counted */
    struct sg_link link;              /* to the native executor */
    struct sg_link docker;            /* to the other one */
};

static inline struct sg_link *sg_service_link(struct sg_service *s, enum sg_engine engine)
{
    return engine == SG_ENGINE_DOCKER ? &s->docker : &s->link;
}

struct sg_exchange {
    struct sg_service *service;
    struct sg_transport *transport;

    /* request */
    char method[16];
    struct sg_buf path; /* as long as it is: it is told in problems. See sg_exchange_path */
    char request_id[65];
    /* borrowed: the transport's, until finish; "" for none */
    const char *content_type, *content_encoding, *accept;
    int64_t content_length; /* -1: absent, -2: not a number */
    struct sg_location location;
    struct sg_buf request_body;

    /* response */
    int status;
    struct sg_buf headers; /* "Name: value\r\n" ... */
    struct sg_buf body;
    const char *body_type;
    const char *cache_control;
    bool begun; /* the head is out, and the body goes by itself: nothing is left to send */
    struct sg_problem problem; /* when set, it is the answer, whatever status and body are */

    /* for the log */
    char job_id[65];
    const char *outcome; /* why the run ended; NULL: no run */
    int risk;            /* score of the code; -1: it was not scored */
    uint64_t bytes_in, bytes_out;
    int64_t began_us;
};

/* Takes the request from the transport, which has to live until the answer is sent. A location
 * parameter that is wrong sets the problem. */
void sg_exchange_begin(struct sg_exchange *x, struct sg_service *service, struct sg_transport *t);

/* "" when there is none. */
static inline const char *sg_exchange_path(const struct sg_exchange *x)
{
    return x->path.data ? x->path.data : "";
}

/* Reads the body into request_body, at most cfg->worker.body_bytes. 0 or SG_E_INVALID with the
 * problem. */
int sg_exchange_read_body(struct sg_exchange *x);

void sg_exchange_header(struct sg_exchange *x, const char *name, const char *value);

/* Sends the head of a body whose length is not known, which the caller then writes. 0 or -errno. */
int sg_exchange_begin_body(struct sg_exchange *x);

/* Sends status, headers, body (none for HEAD and status 304), or the problem. Nothing for status
   499. */
void sg_exchange_send(struct sg_exchange *x);

/* One line: id, method, path, status, outcome, milliseconds, bytes. Never what was sent. */
void sg_exchange_log(const struct sg_exchange *x);

/* The reason of a failure, for the operator: the client learns that there is one. */
void sg_exchange_log_error(const struct sg_exchange *x, const struct sg_error *err);

void sg_exchange_done(struct sg_exchange *x);

/* Does this Accept header take that media type ("application/json")? An empty one takes everything.
   RFC 9110, 12.5.1: the most specific range decides, q=0 refuses. */
bool sg_exchange_accepts(const char *accept, const char *type);

/* Does the header take `type` rather than `other`: with a higher q, or by its name where `other` is
   taken by a wildcard only? */
bool sg_exchange_prefers(const char *accept, const char *type, const char *other);

/* Is this Content-Type JSON, in UTF-8 where it says so? */
bool sg_exchange_is_json(const char *content_type);

#endif
