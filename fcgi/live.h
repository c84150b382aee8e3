/*
 * live.h: a streamed run on its way to the client, while a worker waits for its result (link.h).
 *
 *     struct sg_live live = SG_LIVE_INIT(&ops, self, transport);
 *     sg_link_run_live(&link, &job, transport, &live, until_ms, &result, &err);    // calls what is
 * below sg_live_done(&live);
 *
 * Output is taken from the executor only when the client has room for it (poll(2) on the
 * transport's connection): so a worker does not hang in a write, but goes on to watch whether the
 * client leaves, and what is not taken makes the executor, and in the end the program, wait.
 */
#ifndef SG_FCGI_LIVE_H
#define SG_FCGI_LIVE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/ipc/message.h"
#include "core/ipc/output.h"
#include "fcgi/link.h"
#include "fcgi/transport.h"

#define SG_LIVE_PING_MS   5000
#define SG_LIVE_FINISH_MS 60000

/* Who is told. Each gives 0, or a negative code when the client has gone. */
struct sg_live_ops {
    int (*started)(void *arg, const struct sg_msg_started *m); /* maybe twice */
    int (*output)(void *arg, enum sg_output_stream stream, const char *data, size_t n);
    int (*ping)(void *arg); /* every SG_LIVE_PING_MS, also before started, if there is room */
};

struct sg_live {
    const struct sg_live_ops *ops; /* borrowed, these three */
    void *arg;
    struct sg_transport *transport;
    int output; /* owned: socket of the message STREAM; -1: not there yet, or at its end */
    bool no_room;
    uint64_t passed[SG_OUTPUT_STREAMS]; /* bytes */
    int64_t next_ping_ms;               /* 0: before the first look */
};
#define SG_LIVE_INIT(o, a, t)                                                                      \
    {                                                                                              \
        .ops = (o), .arg = (a), .transport = (t), .output = -1                                     \
    }

/* Is it a message for sg_live_message? That gives 0, or a negative code as the ops. */
bool sg_live_takes(enum sg_msg_type type);
int sg_live_message(struct sg_live *l, struct sg_msg *m);
/* What to poll, and for how long at most, beside what the caller waits for. client is filled in by
   the transport before. */
void sg_live_prepare(const struct sg_live *l, struct pollfd *client, struct pollfd *output,
                     int64_t *wait_ms);
/* After poll(2), whatever it gave: passes on what there is. 0, or a negative code as the ops. */
int sg_live_go_on(struct sg_live *l, const struct pollfd *client, const struct pollfd *output);
/* The run has ended: passes on all that is left, that of the result included (NULL: there is none).
   A client that does not take it within a minute counts as gone. 0; a negative code as the ops;
   SG_E_PROTOCOL when it is not all that the program has written, by the result's figures. */
int sg_live_finish(struct sg_live *l, const struct sg_run_result *r);
void sg_live_done(struct sg_live *l);

/* Writes all of it in portions, each when the client has room: the transport's own time is for one
   write, so who takes a little now and then would hold a worker for hours. 0; -ETIMEDOUT at the
   deadline (CLOCK_MONOTONIC); -EPIPE or another -errno when the client has gone. */
int sg_live_write(struct sg_transport *t, const void *data, size_t n, int64_t deadline_ms);

#endif
