/*
 * route.h: which handler answers which method and path: one table.
 */
#ifndef SG_FCGI_ROUTE_H
#define SG_FCGI_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "fcgi/exchange.h"

struct sg_route {
    const char *method; /* "GET" takes HEAD too */
    const char *path;
    void (*handle)(struct sg_exchange *x);
    bool executor;    /* needs one: a plain CGI process starts it only then */
    const char *type; /* the media type that it answers in */
    const char *also; /* another one, for those who prefer it, or NULL */
};
extern const struct sg_route sg_route_table[];
extern const size_t sg_route_count;

/* The route, or NULL with the problem: 404, or 405 with Allow. */
const struct sg_route *sg_route_find(const char *method, const char *path,
                                     struct sg_problem *problem);

/* Answers a request that sg_exchange_begin has filled in: finds the route, checks what HTTP says
   about the request, calls the handler. The response is ready to be sent afterwards. */
void sg_route_answer(struct sg_exchange *x);

/* The handlers. */
void sg_handle_execute(struct sg_exchange *x);
void sg_handle_validate(struct sg_exchange *x);
void sg_handle_runtimes(struct sg_exchange *x);
void sg_handle_limits(struct sg_exchange *x);
void sg_handle_health(struct sg_exchange *x);
void sg_handle_ready(struct sg_exchange *x);
void sg_handle_version(struct sg_exchange *x);
void sg_handle_metrics(struct sg_exchange *x);
void sg_handle_openapi(struct sg_exchange *x);

#endif
