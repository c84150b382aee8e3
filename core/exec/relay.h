/*
 * relay.h: hands a streamed run's output to its worker while the program writes it.
 *
 * A relay holds what the worker's socket (core/ipc/output.h) has no room for. As long as it holds
 * anything it is full, and the engine stops reading from the program, which then waits in its
 * write(2) like before any slow reader; deadlines go on. So a relay never holds more than what the
 * engine has read at once, and at the end of a run what still lay in the program's pipes. That
 * rest goes with the RESULT, in the place of what would be kept of the streams.
 *
 *     struct sg_relay relay = SG_RELAY_INIT;
 *     sg_relay_open(&relay, loop, &for_worker);        // when the run is accepted
 *     sg_relay_on_room(&relay, read_on, self);         // the engine's
 *     sg_relay_begin(&relay);                          // the worker knows that the program starts
 *     sg_relay_put(&relay, SG_OUTPUT_STDOUT, data, n); if (sg_relay_is_full(&relay)) stop reading
 *     sg_relay_rest(&relay, SG_OUTPUT_STDOUT)          // bytes that were not handed over
 *     sg_relay_close(&relay);
 */
#ifndef SG_EXEC_RELAY_H
#define SG_EXEC_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/buf.h"
#include "core/exec/loop.h"
#include "core/ipc/output.h"

struct sg_relay_held {
    struct sg_buf bytes;
    size_t sent; /* of them */
};

struct sg_relay {
    struct sg_loop *loop; /* borrowed */
    int sock;             /* owned; -1: not open, or nobody reads any more */
    bool begun;
    struct sg_watch watch; /* for room, while it is full */
    struct sg_relay_held held[SG_OUTPUT_STREAMS];
    void (*on_room)(void *arg); /* NULL: nobody waits for it */
    void *arg;
};
#define SG_RELAY_INIT                                                                              \
    {                                                                                              \
        .sock = -1, .watch = SG_WATCH_INIT                                                         \
    }

/* *ret_worker: the end that the worker gets; the caller's to send and close. 0 or -errno. */
int sg_relay_open(struct sg_relay *r, struct sg_loop *loop, int *ret_worker);
/* From now on output goes out; before that all of it is held. */
void sg_relay_begin(struct sg_relay *r);
/* Sends it or holds it; when the worker has gone it is dropped. 0; -ENOMEM; -ENOBUFS over
   SG_OUTPUT_REST_MAX held. */
int sg_relay_put(struct sg_relay *r, enum sg_output_stream stream, const char *data, size_t n);
bool sg_relay_is_full(const struct sg_relay *r);
/* fn is called from the loop when a full relay has room again; NULL: nobody any more. */
void sg_relay_on_room(struct sg_relay *r, void (*fn)(void *arg), void *arg);
/* The held bytes of a stream as a sealed memfd; *ret_n is their number. fd or -errno. */
int sg_relay_rest(const struct sg_relay *r, enum sg_output_stream stream, size_t *ret_n);
/* The worker sees the end of the output; what is held is forgotten. */
void sg_relay_close(struct sg_relay *r);

#endif
