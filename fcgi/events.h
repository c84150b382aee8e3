/*
 * events.h: the answer to POST /v1/execute as server-sent events (WHATWG HTML, 9.2): of each its
 * name and one line of JSON.
 *
 *     start   {id, runtime}               the program starts
 *     stdout  {data, encoding}, stderr    what it has written; never a part of a character
 *     ping    {}                          now and then
 *     result  the answer's document, without what was told already
 *     error   a problem document: the run has no result
 *
 * The first event begins the response; what fails before that is an ordinary problem with its
 * status.
 *
 *     struct sg_events events = SG_EVENTS_INIT(&exchange, job.id);
 *     struct sg_live live = SG_LIVE_INIT(&sg_events_live_ops, &events, transport);   // live.h
 *     ... the run; then body or problem of the exchange are set
 *     sg_events_end(&events);
 */
#ifndef SG_FCGI_EVENTS_H
#define SG_FCGI_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/ipc/output.h"
#include "fcgi/exchange.h"
#include "fcgi/live.h"

#define SG_EVENTS_TYPE "text/event-stream"

struct sg_events {
    struct sg_exchange *x; /* borrowed, both */
    const char *id;        /* of the job */
    bool started;
    struct {
        char bytes[3]; /* of a character whose end has not come yet */
        size_t n;
    } half[SG_OUTPUT_STREAMS];
};
#define SG_EVENTS_INIT(exchange, job_id)                                                           \
    {                                                                                              \
        .x = (exchange), .id = (job_id)                                                            \
    }

/* Of a live run whose arg is the events. */
extern const struct sg_live_ops sg_events_live_ops;

/* The last event: `result` with the exchange's body, or `error` with its problem. A problem that
   comes before any event stays the exchange's to send; after a client that has left nothing goes
   out. */
void sg_events_end(struct sg_events *e);

#endif
