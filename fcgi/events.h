/*
 * events.h: the answer to POST /v1/execute as server-sent events (WHATWG HTML, 9.2): of each its
 * name and one line of JSON.
 *
 *     start   {id, runtime}               the program starts
 *     stdout  {data, encoding}, stderr    what it has written; never a part of a character
 *     ping    {}                          now and then
 *     file    {path, size, content, ...}  one of those that the run gives back; behind all output
 *     result  the answer's document, without what was told already
 *     error   a problem document: the run has no result
 *
 * The first event begins the response; what fails before that is an ordinary problem with its
 * status.
 *
 *     struct sg_events events = SG_EVENTS_INIT(&exchange, job.id);
 *     struct sg_live live = SG_LIVE_INIT(&sg_events_live_ops, &events, transport);   // live.h
 *     ... the run; its files, sg_events_files(); then body or problem of the exchange are set
 *     sg_events_end(&events);
 */
#ifndef SG_FCGI_EVENTS_H
#define SG_FCGI_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/ipc/files.h"
#include "core/ipc/output.h"
#include "core/model/job.h"
#include "fcgi/advice.h"
#include "fcgi/exchange.h"
#include "fcgi/live.h"

#define SG_EVENTS_TYPE "text/event-stream"

struct sg_events {
    struct sg_exchange *x; /* borrowed, both */
    const struct sg_job *job;
    bool started;
    int rc;           /* of what has gone out since the run ended; negative: the client has left */
    int64_t until_ms; /* when the client must have taken that; 0: the run has not ended */
    struct {
        char bytes[3]; /* of a character whose end has not come yet */
        size_t n;
    } half[SG_OUTPUT_STREAMS];
    char complaints[SG_ADVICE_BYTES]; /* the end of stderr, or of both streams where they are merged
                                       */
    size_t complaints_n;
};
#define SG_EVENTS_INIT(exchange, of_job)                                                           \
    {                                                                                              \
        .x = (exchange), .job = (of_job)                                                           \
    }

/* Of a live run whose arg is the events. */
extern const struct sg_live_ops sg_events_live_ops;

/* What the hint is looked for in (advice.h): the end of what the program complained. Valid until
   there is more output. */
struct sg_span sg_events_complaints(const struct sg_events *e);

/* The files that come back, one event each, to a client that takes them within a minute and the
   time that 64 KiB a second need; files: as opened, not read; NULL: none. All output has been told
   before. A client that has left is seen at sg_events_end(). */
void sg_events_files(struct sg_events *e, const struct sg_files *files);

/* The last event: `result` with the exchange's body, or `error` with its problem. A problem that
   comes before any event stays the exchange's to send; after a client that has left nothing goes
   out. */
void sg_events_end(struct sg_events *e);

#endif
